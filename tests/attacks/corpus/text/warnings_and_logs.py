"""Warn and log what steers a terminal.

graded: wrong_answer
"""

import logging
import sys
import warnings


def f(given):
    mark = "\x1b[31m\u202e\x9b\x00"
    warnings.warn(f"a {mark} warning", stacklevel=1)
    logging.getLogger(mark).error("logged %s", mark)
    sys.stderr.write(mark)
    return 2
