"""Read what nobody will type. There is none, and that is told at once.

must: returned ('', 'EOFError')
"""

import sys


def f():
    try:
        input()
    except EOFError as error:
        return sys.stdin.read(), type(error).__name__
