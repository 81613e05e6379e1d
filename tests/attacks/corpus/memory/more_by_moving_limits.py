"""Lower and raise its own memory limit, before and after giving memory back.

must: returned []
seconds: 1
"""

import resource

import numpy as np


def f():
    through = []
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    for limit in ((hard, hard), (hard // 2, hard), (hard * 2, hard * 2), (-1, -1), (hard + 4096, hard + 4096)):
        try:
            resource.setrlimit(resource.RLIMIT_AS, limit)
        except (OSError, ValueError):
            continue
        try:
            through.append(np.ones(64 << 20).size)
        except MemoryError:
            continue
    return through
