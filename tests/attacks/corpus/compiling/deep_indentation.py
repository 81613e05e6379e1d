"""Compile blocks indented a thousand deep.

must: returned 'IndentationError'
"""


def f():
    try:
        compile("".join(" " * depth + "if x:\n" for depth in range(1000)) + " " * 1000 + "pass\n", "bomb", "exec")
    except IndentationError as error:
        return type(error).__name__
    return "compiled"
