"""Answer at once, and go on working between the calls, in a handler of an alarm.

calls: 3
must: returned 1 then returned 1 then returned 1 | returned 1 then time_limit then not_run | time_limit
"""

import signal


def burn(number, frame):
    while True:
        pass


def f():
    signal.signal(signal.SIGVTALRM, burn)
    signal.signal(signal.SIGALRM, burn)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    return 1
