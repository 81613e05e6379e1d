"""Raise a syntax error whose line is no number: no reason to accuse anybody of forging.

must: raised
"""


def f():
    raise SyntaxError("made up", ("solution.py", "three", 10**30, "text"))
