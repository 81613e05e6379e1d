"""Stop itself, so that nobody hears of it any more.

must: returned []
"""

import os
import signal

from raw import passed

STOPS = (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)


def f():
    me = os.getpid()
    return [
        (name, number)
        for number in map(int, STOPS)
        for name, args in {"kill": (me, number), "tkill": (me, number), "tgkill": (me, me, number)}.items()
        if passed(name, *args)
    ]
