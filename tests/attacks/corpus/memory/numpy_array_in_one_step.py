"""Ask for an array of four tebibytes that is never touched.

must: memory_limit
"""

import numpy as np


def f():
    return np.zeros(1 << 39).size
