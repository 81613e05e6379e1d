"""Compile lambdas, comprehensions and classes nested deeper than the compiler goes.

must: returned 'done' | time_limit | memory_limit | crashed
"""


def f():
    for text in (
        "lambda: " * 5000 + "1",
        "[" * 90 + "x for x in y" + "] * 1" * 90,
        "(x for x in " * 90 + "y" + ")" * 90,
    ):
        try:
            compile(text, "bomb", "eval")
        except (RecursionError, MemoryError, SyntaxError):
            continue
    return "done"
