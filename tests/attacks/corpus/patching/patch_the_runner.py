"""Replace the encoder that writes its answers by one that lies about how it ended.

must: returned 'whatever it says is data'
"""

import sys


def f():
    runner = sys.modules["cell.runner"]
    true_frame = runner.frame

    def lie(answer, *rest):
        return true_frame((answer[0], answer[1], "returned", "whatever it says is data", None, None), *rest)

    runner.frame = lie
    raise ValueError
