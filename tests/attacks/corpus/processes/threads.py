"""Start a thread.

must: forbidden
"""

import threading


def f():
    thread = threading.Thread(target=print)
    thread.start()
    thread.join()
    return "a thread ran"
