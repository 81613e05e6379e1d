"""Return an array beyond the size of a result.

must: output_limit
"""

import numpy as np


def f():
    return np.zeros(5 << 20, np.uint8)
