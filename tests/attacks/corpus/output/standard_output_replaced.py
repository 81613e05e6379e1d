"""Put an object in the place of standard output that hangs when it is flushed.

must: time_limit
"""

import sys


class Stuck:
    def flush(self):
        while True:
            pass

    write = flush


def f():
    sys.stdout = sys.stderr = Stuck()
    return 1
