"""Open its own standard input for writing, by the link in /proc, and leave words there: all children share that pipe.

jobs: plant, look
must: returned ''
"""

import os
import select

from raw import syscall


def f(given):
    if given["step"] == "plant":
        for start in ("/proc/self/fd/0", "/proc/thread-self/fd/0", "/dev/fd/0", "/dev/stdin"):
            fd = syscall("openat", -100, start.encode(), os.O_WRONLY | os.O_NONBLOCK, 0)
            if fd >= 0:
                os.write(fd, b"left by an attack")
        # A pipe forgets what it holds when nobody has it open for writing and reading at once; the parent still reads.
        return ""
    return os.read(0, 100).decode() if select.select([0], [], [], 0)[0] else ""
