"""Open descriptors until there are none left.

must: returned 'few'
"""

import os


def f():
    count = 0
    try:
        while count < 1000:
            os.dup(0)
            count += 1
    except OSError:
        return "few" if count < 40 else count
    return count
