"""Return a dictionary of thousands of long keys where another one is due.

graded: wrong_answer
"""


def f(given):
    return {f"{n}-" + "k" * 200: n for n in range(10_000)}
