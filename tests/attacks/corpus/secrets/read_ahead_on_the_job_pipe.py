"""Read the pipe that jobs come on: whatever lies there may be the arguments of a later call, never what is expected.

calls: 2
must: returned [] then returned [] | returned [] then forbidden | returned [] then time_limit
must: time_limit | time_limit then not_run
"""

import os
import select


def f():
    waiting = select.select([3], [], [], 0.05)[0]
    read = os.read(3, 1 << 16) if waiting else b""
    return [word for word in (b"expected", b"reference", b"atol") if word in read]
