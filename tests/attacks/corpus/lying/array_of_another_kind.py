"""Return a subclass of ndarray that equals everything and has every shape.

must: returned Opaque
"""

import numpy as np


class Anything(np.ndarray):
    shape = (3, 4)
    dtype = np.dtype("f8")

    def __eq__(self, other):
        return np.True_

    def __array__(self, *args):
        return 1 / 0

    def __array_ufunc__(self, *args, **kwargs):
        return True

    def tobytes(self, order="C"):
        return b"\0" * 96


def f():
    return np.zeros(2).view(Anything)
