"""Claim that the app stopped it.

must: forbidden
"""

from forge import replacing, text


def f():
    replacing(text("returned"), text("time_limit"))
    return 1
