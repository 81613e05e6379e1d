"""Print, and lie about how many bytes that were: more than there are, fewer than none.

calls: 3
must: returned 1 then returned 1 then returned 1
"""

import sys

CLAIMS = iter([1 << 62, -(1 << 62), 0])


def f():
    print("printed")
    sys.stdout.buffer.raw.printed = next(CLAIMS) - sys.stderr.buffer.raw.printed
    return 1
