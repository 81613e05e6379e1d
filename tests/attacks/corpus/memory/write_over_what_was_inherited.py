"""Write over the libraries that it shares with its parent, which its limit does not count: what that gives has an end.

must: returned 'no more than an idle process holds'
seconds: 1
"""

from raw import write_over


def f():
    written = write_over(b"openblas")
    return "no more than an idle process holds" if 0 < written < 64 << 20 else written
