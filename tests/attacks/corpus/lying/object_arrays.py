"""Return arrays of objects that would be unpickled, and of text that hides numbers.

must: returned list
"""

import numpy as np


class Planted:
    def __reduce__(self):
        return exit, ()


def f():
    return [np.array([Planted(), None], dtype=object), np.array([[1], [1, 2]], dtype=object), np.array(None)]
