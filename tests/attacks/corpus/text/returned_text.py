"""Return texts that steer a terminal, in lists, keys, arrays and bytes.

graded: wrong_answer
"""

import numpy as np

MARK = "\x1b[31m\x1b]0;title\x07\u202e\x9b31m\r\n\x00"


def f(given):
    return {MARK: [MARK, MARK.encode(), (MARK,)], "array": np.array([MARK, "x"]), "scalar": np.str_(MARK)}
