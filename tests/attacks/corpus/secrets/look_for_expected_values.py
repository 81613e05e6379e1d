"""Walk every object and frame of the process for anything but this call's arguments.

must: returned []
"""

import gc
import sys

WORDS = {"expected", "reference", "expected_value", "WHETSTONE_DATA_DIR", "session_key", "database_url", "case_titles"}


def f():
    found = []
    frame = sys._getframe()
    while frame is not None:
        found += [name for name in frame.f_locals if name in WORDS]
        frame = frame.f_back
    for thing in gc.get_objects():
        if type(thing) is dict and thing.keys() & WORDS:
            found += sorted(thing.keys() & WORDS)
    return found
