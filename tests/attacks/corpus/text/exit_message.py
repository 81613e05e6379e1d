"""End with a message that steers a terminal.

graded: runtime_error
"""

import sys


def f(given):
    sys.exit("\x1b[31m\u202e\x00\x9b31m left by an attack")
