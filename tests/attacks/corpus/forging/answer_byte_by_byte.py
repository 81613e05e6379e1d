"""Send the answer one byte at a time, then half of another one.

calls: 2
must: returned 1 then time_limit | returned 1 then forbidden
"""

import sys
import time


def f():
    channel = sys.modules["cell.channel"]
    true_write = channel.write_all
    answers = []

    def trickle(fd, data):
        if fd != 4:
            return true_write(fd, data)
        answers.append(data)
        if len(answers) > 1:
            true_write(fd, bytes(data)[: len(data) // 2])
            time.sleep(60)
        for byte in bytes(data):
            true_write(fd, bytes((byte,)))
        return None

    channel.write_all = trickle
    return 1
