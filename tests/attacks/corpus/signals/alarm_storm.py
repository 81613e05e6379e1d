"""Set an alarm that comes back faster than it can be handled.

must: time_limit
"""

import signal


def again(number, frame):
    signal.setitimer(signal.ITIMER_REAL, 1e-6)
    sum(range(2000))


def f():
    signal.signal(signal.SIGALRM, again)
    signal.setitimer(signal.ITIMER_REAL, 1e-6, 1e-6)
    while True:
        pass
