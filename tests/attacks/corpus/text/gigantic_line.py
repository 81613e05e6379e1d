"""Print and return one line without end or space.

graded: wrong_answer
"""


def f(given):
    print("x" * 500_000, end="")
    return "y" * 500_000
