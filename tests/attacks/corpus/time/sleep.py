"""Sleep, which costs no processor time.

must: time_limit
"""

import time


def f():
    time.sleep(60)
