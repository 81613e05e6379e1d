"""Leave numpy's error handling and printing changed.

jobs: plant, look
must: returned ('warn', 8)
"""

import numpy as np


def f(given):
    if given["step"] == "plant":
        np.seterr(all="raise")
        np.set_printoptions(precision=1, threshold=1)
        return None
    return np.geterr()["divide"], np.get_printoptions()["precision"]
