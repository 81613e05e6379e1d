"""Leave modules, built-ins, classes and caches changed.

jobs: plant, look
must: returned []
"""

import builtins
import linecache
import math
import re
import sys

import numpy as np


def f(given):
    if given["step"] == "plant":
        builtins.left = math.left = np.left = 1
        sys.modules["left"] = sys
        np.sum = math.sqrt = None
        linecache.cache["left"] = 1
        re.compile("left by an attack")
        sys.path.append("left")
        return []
    found = [thing.__name__ for thing in (builtins, math, np) if hasattr(thing, "left")]
    found += ["modules"] * ("left" in sys.modules) + ["path"] * ("left" in sys.path)
    found += ["lines"] * ("left" in linecache.cache)
    return found + ["functions"] * (np.sum is None or math.sqrt is None)
