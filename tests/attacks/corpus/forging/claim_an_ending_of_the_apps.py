"""Claim an ending that only the app may give.

must: forbidden
"""

import sys


def f():
    runner = sys.modules["cell.runner"]
    true_frame = runner.frame
    runner.frame = lambda answer, *rest: true_frame((answer[0], answer[1], "accepted", None, None, None), *rest)
