"""Change the mode, owner, times and attributes of files, open or named.

must: returned []
"""

import os

from raw import AT_FDCWD, passed, syscall


def f(given):
    secret = given["secret"].encode()
    fd = syscall("openat", AT_FDCWD, os.__file__.encode(), os.O_RDONLY, 0)
    tried = {
        "chmod": (secret, 0o600),
        "fchmod": (fd, 0o600),
        "fchmodat": (AT_FDCWD, secret, 0o600),
        "lchown": (secret, 0, 0),
        "fchown": (fd, -1, -1),
        "utimensat": (fd, 0, 0, 0),
        "setxattr": (secret, b"user.mark", b"x", 1, 0),
        "fsetxattr": (fd, b"user.mark", b"x", 1, 0),
        "fallocate": (fd, 0, 0, 1),
        "ftruncate": (fd, 0),
        "fsync": (fd,),
        "umask": (0,),
    }
    return [name for name, args in tried.items() if passed(name, *args)]
