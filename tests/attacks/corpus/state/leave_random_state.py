"""Leave the random generators elsewhere: each submission starts from the same state.

jobs: look, plant, look
must: returned (True, True)
seconds: 1
"""

import random

import numpy as np


def f(given):
    if given["step"] == "plant":
        random.seed(99)
        np.random.seed(99)
    first, second = random.random(), np.random.random()
    fresh = random.Random(0).random(), np.random.RandomState(0).random_sample()
    return first == fresh[0], second == fresh[1]
