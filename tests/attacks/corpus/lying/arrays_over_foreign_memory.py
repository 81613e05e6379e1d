"""Return an array that claims memory which is not there.

must: crashed
"""

import numpy as np


class Nowhere:
    @property
    def __array_interface__(self):
        return {"shape": (4,), "typestr": "<f8", "data": (0x1000, False), "version": 3}


def f():
    return np.asarray(Nowhere())
