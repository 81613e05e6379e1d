"""Take a lock twice.

must: time_limit
"""

import threading


def f():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()
