"""Create files, folders, links and devices by raw system calls.

must: returned []
"""

import os

from raw import AT_FDCWD, opened, succeeded


def f(given):
    through = []
    for place in (given["folder"], "/dev/shm", "", "."):
        path = f"{place}/left-by-an-attack"
        name = path.encode()
        if opened(path, os.O_CREAT | os.O_RDWR, 0o600) or opened(place, os.O_TMPFILE | os.O_RDWR, 0o600):
            through.append(path)
            succeeded("unlink", name)
        for tried in (
            ("creat", name, 0o600),
            ("mkdir", name, 0o700),
            ("symlink", b"nowhere", name),
            ("mknod", name, 0o10600),
            ("mknodat", AT_FDCWD, name, 0o140600),
        ):
            if succeeded(*tried):
                through.append(tried[0])
                succeeded("unlink", name)
                succeeded("rmdir", name)
    return through
