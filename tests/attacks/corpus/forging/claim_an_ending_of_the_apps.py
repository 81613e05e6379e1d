"""Claim an ending that only the app may give.

must: forbidden
"""

from forge import replacing, text


def f():
    replacing(text("returned"), text("accepted"))
    return 1
