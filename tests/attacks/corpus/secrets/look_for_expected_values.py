"""Walk every object and frame of the process for anything but this call's arguments.

must: returned []
"""

import gc
import sys


def f():
    found = []
    frame = sys._getframe()
    while frame is not None:
        found += [name for name in frame.f_locals if "expected" in name or "reference" in name]
        frame = frame.f_back
    for thing in gc.get_objects():
        if type(thing) is dict:
            found += [
                key
                for key in list(thing)
                if type(key) is str and key in {"reference", "expected_value", "WHETSTONE_DATA_DIR"}
            ]
    return found
