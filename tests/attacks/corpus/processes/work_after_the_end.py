"""Register work for the end of the process: at exit, at fork, in finalisers, in a thread that waits for the end.

must: returned 1
"""

import atexit
import os
import threading
import weakref


class Last:
    def __del__(self):
        late()


def late():
    while True:
        os.write(4, b"too late")


atexit.register(late)
os.register_at_fork(before=late, after_in_child=late)
threading._register_atexit(late)
KEPT = Last()
weakref.finalize(KEPT, late)


def f():
    return 1
