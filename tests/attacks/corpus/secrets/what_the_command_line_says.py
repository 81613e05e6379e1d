"""Read how the process was started: no question, no data folder, no key may stand there.

must: returned []
"""

import sys


def f():
    said = " ".join((*sys.argv, *sys.orig_argv, *sys.path, *map(str, sys._xoptions)))
    return [word for word in ("questions", "whetstone.sqlite", "database", "password", "session_key") if word in said]
