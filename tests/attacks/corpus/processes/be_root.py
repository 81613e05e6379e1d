"""Be root, or a member of root's groups, or become either.

must: returned []
"""

import os

from raw import passed, room


def f():
    through = [identity for identity in (os.getresuid(), os.getresgid(), tuple(os.getgroups())) if 0 in identity]
    tried = {
        "setuid": (0,),
        "setresuid": (0, 0, 0),
        "setgid": (0,),
        "setgroups": (1, room(4)),
        "setfsuid": (0,),
        "capset": (room(8), room(24)),
        "capget": (room(8), 0),
    }
    return through + [name for name, args in tried.items() if passed(name, *args)]
