"""Send each answer twice: the second comes when the next call is asked.

calls: 2
must: returned 1 then forbidden | returned 1 then returned 1
"""

import sys


def f():
    channel = sys.modules["cell.channel"]
    once = channel.write_all

    def twice(fd, data):
        once(fd, data)
        once(fd, data)

    channel.write_all = twice
    return 1
