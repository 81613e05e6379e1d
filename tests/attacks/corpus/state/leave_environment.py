"""Leave the environment, the working folder, the mask and the limits changed.

jobs: plant, look
must: returned (None, '/', 1000)
"""

import contextlib
import os
import resource
import sys


def f(given):
    if given["step"] == "plant":
        os.environ["LEFT"] = "by an attack"
        sys.setrecursionlimit(77)
        for change in (
            lambda: os.chdir(given["folder"]),
            lambda: os.umask(0),
            lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (7, 7)),
        ):
            with contextlib.suppress(OSError, ValueError):
                change()
        return None
    return os.environ.get("LEFT"), os.getcwd(), sys.getrecursionlimit()
