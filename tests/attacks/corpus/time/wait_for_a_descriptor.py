"""Wait for ever for something to happen to a descriptor.

must: time_limit
"""

import select


def f():
    select.poll().poll()
