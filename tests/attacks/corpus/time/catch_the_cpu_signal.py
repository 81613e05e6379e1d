"""Catch SIGXCPU with a handler, block it, and burn the processor.

must: time_limit
"""

import signal


def f():
    signal.signal(signal.SIGXCPU, lambda number, frame: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
    while True:
        pass
