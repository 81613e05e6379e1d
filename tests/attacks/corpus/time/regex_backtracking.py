"""Match a pattern that takes for ever to fail.

must: time_limit
"""

import re


def f():
    return re.match(r"(a+)+$", "a" * 60 + "b")
