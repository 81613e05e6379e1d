"""Empty a file through a descriptor for reading: older versions of Landlock do not see truncation.

must: returned []
"""

import math
import os

from raw import AT_FDCWD, passed, succeeded


def f(given):
    through = []
    for path in (given["secret"], getattr(math, "__file__", os.__file__), os.__file__):
        name = path.encode()
        # Never carried out on a file that may be read: only asked whether the filter lets such a call pass.
        if passed("openat", AT_FDCWD, name + b"/", os.O_RDONLY | os.O_TRUNC, 0):
            through.append(path)
    name = given["secret"].encode()
    for tried in (("truncate", name, 0), ("openat", AT_FDCWD, name, os.O_TRUNC, 0), ("open", name, os.O_TRUNC, 0)):
        if succeeded(*tried):
            through.append(tried[0])
    return through
