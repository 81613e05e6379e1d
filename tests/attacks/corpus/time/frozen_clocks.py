"""Stop every clock that Python knows, then loop: time is taken from outside.

must: time_limit
"""

import time

for name in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
    setattr(time, name, lambda: 0.0)


def f():
    while True:
        pass
