"""Take a descriptor that only names a folder (O_PATH), which Landlock does not check, and go on from there.

must: returned []
"""

import os

from raw import AT_FDCWD, passed, syscall


def f(given):
    through = []
    for path in ("/", given["folder"], "/proc/self", "/etc"):
        fd = syscall("openat", AT_FDCWD, path.encode(), os.O_PATH | os.O_DIRECTORY, 0)
        if fd >= 0:
            through.append(path)
    for name, args in {
        "fchdir": (0,),
        "chdir": (given["folder"].encode(),),
        "chroot": (given["folder"].encode(),),
        "execveat": (0, b"", 0, 0, 0x1000),
        "fchmodat2": (0, b"", 0o777, 0x1000),
    }.items():
        if passed(name, *args):
            through.append(name)
    return through
