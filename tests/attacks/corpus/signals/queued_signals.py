"""Signal others by queued signals and by process descriptors.

must: returned []
"""

import os

from raw import passed, room


def f(given):
    return [
        (name, pid)
        for pid in (os.getppid(), given["pid"], os.getpid())
        for name, args in {
            "rt_sigqueueinfo": (pid, 0, room(128)),
            "rt_tgsigqueueinfo": (pid, pid, 0, room(128)),
            "pidfd_send_signal": (0, 0, 0, 0),
        }.items()
        if passed(name, *args)
    ]
