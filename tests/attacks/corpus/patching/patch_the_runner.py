"""Have the runner say that the call returned, when it raised.

must: returned 'whatever it says is data'
"""

from forge import RETURNED, claiming, replacing, text


def f():
    replacing(b"NN", text("whatever it says is data") + b"N")
    claiming(RETURNED)
    raise ValueError
