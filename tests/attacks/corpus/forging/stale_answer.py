"""Answer the second call with the first one's answer.

calls: 2
must: returned 1 then forbidden
"""

import sys


def f():
    channel = sys.modules["cell.channel"]
    true_write = channel.write_all
    first = []

    def stale(fd, data):
        if fd == 4:
            first.append(bytes(data))
        true_write(fd, first[0] if fd == 4 else data)

    channel.write_all = stale
    return 1
