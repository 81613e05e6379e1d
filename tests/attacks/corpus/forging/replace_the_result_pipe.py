"""Put another descriptor in the place of the result pipe.

must: forbidden | time_limit
"""

import os


def f():
    os.dup2(1, 4)
    return 1
