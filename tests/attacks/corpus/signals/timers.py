"""Make timers and descriptors that signal by themselves.

must: returned []
"""

from raw import passed, room


def f():
    tried = {
        "timer_create": (0, 0, room(8)),
        "timer_settime": (0, 0, room(32), 0),
        "timerfd_create": (0, 0),
        "signalfd": (-1, room(8), 8),
        "eventfd": (0,),
        "rt_sigtimedwait": (room(8), 0, room(16), 8),
        "pause": (),
        "rt_sigsuspend": (0, 0),
    }
    return [name for name, args in tried.items() if passed(name, *args)]
