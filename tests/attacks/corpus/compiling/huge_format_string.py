"""Compile one f-string with a hundred thousand fields.

must: returned 'compiled' | returned 'SyntaxError' | time_limit | memory_limit
"""


def f():
    try:
        compile("f'" + "{x!r:>{y}}" * 100_000 + "'", "bomb", "eval")
    except SyntaxError as error:
        return type(error).__name__
    return "compiled"
