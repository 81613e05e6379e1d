"""Raise its own limits, or change the parent's.

must: returned []
"""

import os
import resource


def f():
    through = []
    for name in ("RLIMIT_AS", "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_NPROC", "RLIMIT_NOFILE"):
        for pid in (0, os.getpid(), os.getppid()):
            try:
                resource.prlimit(pid, getattr(resource, name), (-1, -1))
                through.append((name, pid))
            except (OSError, ValueError):
                pass
    return through
