"""Raise its own limits, or change the parent's, or only read those of others.

must: returned []
"""

import os
import resource

from raw import passed, room


def f(given):
    through = []
    for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_CORE"):
        for pid in (0, os.getpid(), os.getppid(), given["pid"]):
            try:
                resource.prlimit(pid, getattr(resource, name), (-1, -1))
                through.append((name, pid))
            except (OSError, ValueError):
                pass
    through += ["setrlimit"] if passed("setrlimit", 7, room(16)) else []
    return through + [pid for pid in (os.getppid(), given["pid"]) if passed("prlimit64", pid, 7, 0, room(16))]
