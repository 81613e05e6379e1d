"""Fork for ever, ignoring every refusal. Stops by itself where it is let, after a few processes.

must: time_limit
"""

import os

from raw import fork


def f():
    started = 0
    while started < 8:
        result = fork()
        if result == 0:
            os._exit(0)
        started += result > 0
    return started
