"""Leave signal handlers, a blocked signal and a running alarm.

jobs: plant, look
must: returned []
"""

import signal
import time


def f(given):
    if given["step"] == "plant":
        signal.signal(signal.SIGALRM, lambda number, frame: None)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR2})
        signal.setitimer(signal.ITIMER_REAL, 30)
        return []
    time.sleep(0.01)
    found = ["handler"] if signal.getsignal(signal.SIGALRM) != signal.SIG_DFL else []
    found += ["ignored"] if signal.getsignal(signal.SIGUSR1) != signal.SIG_DFL else []
    found += ["mask"] if signal.pthread_sigmask(signal.SIG_BLOCK, ()) else []
    return found + (["alarm"] if signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0) else [])
