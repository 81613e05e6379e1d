"""Leave globals of the solution's own module: the next submission has a module of its own.

jobs: plant, look
must: returned None
"""

import sys

COUNTS = []


def f(given):
    COUNTS.append(1)
    if given["step"] == "plant":
        sys.modules["solution"].LEFT = "by an attack"
        return None
    return getattr(sys.modules["solution"], "LEFT", None) or (len(COUNTS) if len(COUNTS) > 1 else None)
