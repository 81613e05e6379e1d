"""Write over torch's library, which it shares with its parent: hundreds of megabytes that its limit does not count.

lib: torch
must: memory_limit
seconds: 2
"""

from raw import write_over


def f():
    return write_over(b"torch")
