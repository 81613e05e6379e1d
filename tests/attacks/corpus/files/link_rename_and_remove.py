"""Link, rename, exchange and remove files by every call there is for it.

must: returned []
"""

from raw import AT_FDCWD, succeeded


def f(given):
    secret, other = given["secret"].encode(), given["folder"].encode() + b"/moved"
    through = []
    for back, *tried in (
        (("unlink", other), "link", secret, other),
        (("unlink", other), "linkat", AT_FDCWD, secret, AT_FDCWD, other, 0),
        (("rename", other, secret), "rename", secret, other),
        (("rename", other, secret), "renameat", AT_FDCWD, secret, AT_FDCWD, other),
        (("rename", other, secret), "renameat2", AT_FDCWD, secret, AT_FDCWD, other, 1),
        ((), "unlink", secret),
        ((), "unlinkat", AT_FDCWD, secret, 0),
    ):
        if succeeded(*tried):
            through.append(tried[0])
            if back:
                succeeded(*back)
    return through
