"""Signal the parent, a process of the same user, its group, everybody and itself. Signal 0 only asks whether it may.

must: returned []
"""

import os

from raw import passed


def f(given):
    parent, other = os.getppid(), given["pid"]
    tried = {
        "kill parent": ("kill", parent, 0),
        "kill other": ("kill", other, 0),
        "kill group": ("kill", 0, 0),
        "kill all": ("kill", -1, 0),
        "tgkill parent": ("tgkill", parent, parent, 6),
        "tgkill other": ("tgkill", other, other, 0),
        "tkill parent": ("tkill", parent, 0),
        "kill itself": ("kill", os.getpid(), 0),
        "tgkill itself, another signal": ("tgkill", os.getpid(), os.getpid(), 0),
    }
    return [name for name, args in tried.items() if passed(*args)]
