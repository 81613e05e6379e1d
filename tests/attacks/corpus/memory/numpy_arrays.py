"""Fill arrays; stops by itself at half a gibibyte.

must: memory_limit
seconds: 1
"""

import numpy as np


def f():
    return sum(array.size for array in [np.ones(1 << 20) for _ in range(64)])
