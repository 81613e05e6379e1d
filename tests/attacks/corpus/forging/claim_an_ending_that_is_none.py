"""Claim an ending that is none.

must: forbidden
"""

from forge import claiming


def f():
    claiming(255)
    return 1
