"""Return half characters, alone and in arrays.

graded: wrong_answer
"""

import numpy as np


def f(given):
    return ["\ud800", np.array(["\udfff"]), {"\udc00": 1}]
