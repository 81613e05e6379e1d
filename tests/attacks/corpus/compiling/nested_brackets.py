"""Compile brackets nested deeper than the parser goes.

must: returned list
"""


def f():
    told = []
    for depth, start, end in ((200_000, "(", ")"), (200_000, "-", "1"), (90_000, "[", "]"), (150, "{", "}")):
        try:
            compile(start * depth + end * (1 if end == "1" else depth), "bomb", "eval")
            told.append("compiled")
        except (MemoryError, RecursionError, SyntaxError) as error:
            told.append(type(error).__name__)
    return told
