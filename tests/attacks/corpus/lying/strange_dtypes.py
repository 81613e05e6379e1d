"""Return arrays of unusual types and layouts: other byte orders, no bytes, long floats, negative strides.

must: returned list
"""

import numpy as np


def f():
    base = np.arange(6)
    return [
        base.astype(">i4"),
        np.zeros(3, "U0"),
        np.zeros(3, "S0"),
        np.zeros(2, np.longdouble),
        base[::-1],
        np.broadcast_to(base[:1], (3, 0)),
        np.zeros((1,) * 32),
        np.zeros(2, "V4"),
        np.zeros(2, "M8[s]"),
        np.zeros(2, np.dtype("f8").newbyteorder("S")),
        base.astype("f2"),
    ]
