"""Have the runner say that the call returned, when it raised.

must: returned 'whatever it says is data'
"""

from forge import replacing, text


def f():
    replacing(text("raised") + b"NN", text("returned") + text("whatever it says is data") + b"N")
    raise ValueError
