"""Start a process or a thread by fork, vfork, clone, clone3 and posix_spawn.

must: returned []
"""

import os

from raw import room, succeeded


def f():
    # A whole process, and one that shares everything, as a thread does.
    tried = (("fork",), ("vfork",), ("clone", 17), ("clone", 0x10F00), ("clone3", room(88), 88))
    through = [args for args in tried if succeeded(*args)]
    try:
        os.posix_spawn("/nonexistent", ["x"], {})
    except FileNotFoundError:
        through.append("posix_spawn")
    except OSError:
        pass
    return through
