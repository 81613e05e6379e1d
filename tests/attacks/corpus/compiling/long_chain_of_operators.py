"""Compile chains of operators, comparisons and attributes a hundred thousand long.

must: returned 'done' | time_limit | memory_limit | crashed
"""


def f():
    for text in ("+".join("x" * 100_000), "<".join("x" * 100_000), "x" + ".x" * 100_000, "not " * 100_000 + "x"):
        try:
            compile(text, "bomb", "eval")
        except (RecursionError, MemoryError, SyntaxError):
            continue
    return "done"
