"""Return a dictionary with more keys than may travel.

must: output_limit
"""


def f():
    return dict.fromkeys(range(100_000))
