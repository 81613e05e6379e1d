"""Replace the encoder by one that sends what it likes: it can only send another value of its own.

graded: wrong_answer
"""

import sys


def f(given):
    encoding, runner = sys.modules["cell.encoding"], sys.modules["cell.runner"]
    true_frame = runner.frame
    encoding.frame = runner.frame = lambda answer, *rest: true_frame((answer[0], [2, 2], *answer[2:]), *rest)
    return 2
