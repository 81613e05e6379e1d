"""Return an array of four tebibytes that takes eight bytes of memory.

must: output_limit
"""

import numpy as np


def f():
    return np.broadcast_to(np.float64(1), (1 << 20, 1 << 19))
