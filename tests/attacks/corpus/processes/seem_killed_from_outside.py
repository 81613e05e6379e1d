"""Have the kernel kill it, by a limit on its own processor time, as if somebody else had: our fault, and tried again.

must: time_limit
"""

import contextlib
import resource
import signal
import time


def f():
    signal.signal(signal.SIGXCPU, signal.SIG_IGN)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (0, 0))
    while time.process_time() < 5:
        pass
