"""Watch files and folders for what others do with them.

must: returned []
"""

import os

from raw import passed, syscall


def f(given):
    tried = {
        "inotify_init": (),
        "inotify_init1": (0,),
        "inotify_add_watch": (0, given["folder"].encode(), 0xFFF),
        "fanotify_init": (0, 0),
        "fanotify_mark": (0, 0, 0, 0, 0),
        "cachestat": (0, 0, 0, 0),
        "mincore": (0, 4096, 0),
        "sysinfo": (0,),
        "syslog": (3, 0, 0),
    }
    through = [name for name, args in tried.items() if passed(name, *args)]
    folder = syscall("openat", -100, os.path.dirname(os.__file__).encode(), os.O_DIRECTORY, 0)
    if passed("fcntl", folder, 1026, 0xF):
        through.append("F_NOTIFY")
    return through
