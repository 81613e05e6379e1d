"""Spend the time in one call of compiled code, where no Python line runs that could look at a clock.

must: time_limit
"""

import numpy as np


def f():
    a = np.ones((600, 600))
    return float(np.einsum("ij,jk,kl->", a, a, a, optimize=False))
