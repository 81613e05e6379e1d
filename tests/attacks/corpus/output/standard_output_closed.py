"""Close standard output and answer.

must: returned 1 | forbidden
"""

import os
import sys


def f():
    sys.stdout.close()
    sys.stderr.close()
    os.close(1)
    return 1
