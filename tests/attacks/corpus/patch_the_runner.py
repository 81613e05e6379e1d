"""Replace the encoder that writes its answers by one that lies about how it ended.

must: returned 'whatever it says is data'
"""

import sys


def f():
    runner = sys.modules["cell.runner"]
    true_frame = runner.frame

    def lie(answer, *rest):
        figures = answer[-1]
        return true_frame((*answer[:2], "returned", "whatever it says is data", None, None, figures), *rest)

    runner.frame = lie
    raise ValueError
