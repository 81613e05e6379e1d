"""Claim that the app stopped it.

must: forbidden
"""

from forge import TIME_LIMIT, claiming


def f():
    claiming(TIME_LIMIT)
    return 1
