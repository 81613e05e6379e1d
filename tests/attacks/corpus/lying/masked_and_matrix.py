"""Return arrays that behave like others: masked ones, matrices, records.

must: returned list
"""

import numpy as np


def f():
    records = np.zeros(2, dtype=[("a", "f8"), ("b", "O")])
    return [np.ma.masked_all(3), np.matrix([[1.0]]), records, records.view(np.recarray), np.datetime64("now")]
