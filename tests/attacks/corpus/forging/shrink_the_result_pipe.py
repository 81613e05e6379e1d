"""Change the pipe that results travel on: its size, its mode, its owner.

must: returned []
"""

from raw import passed, room


def f():
    # F_SETPIPE_SZ, F_SETFL with O_DIRECT and O_NONBLOCK, F_SETOWN, F_SETSIG
    orders = ((1031, 4096), (4, 0o40000), (4, 0o4000), (8, 1), (10, 9))
    through = [(fd, command) for fd in (1, 3, 4) for command, value in orders if passed("fcntl", fd, command, value)]
    return through + [name for name in ("vmsplice", "tee", "splice") if passed(name, 4, room(16), 1, 0)]
