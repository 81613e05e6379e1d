"""Return a list, a dictionary and an array that contain themselves.

must: returned list
"""

import numpy as np


def f():
    items, names, array = [], {}, np.empty(1, object)
    items.append(items)
    names["itself"] = names
    array[0] = array
    return [items, names, array]
