"""Ignore SIGXCPU and everything else that can be ignored, then burn the processor.

must: time_limit
"""

import signal


def f():
    for number in range(1, 64):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            continue
    while True:
        pass
