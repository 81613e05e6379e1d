"""Run code whenever the garbage collector does.

graded: wrong_answer
"""

import gc

ROUNDS = []


def f(given):
    gc.callbacks.append(lambda phase, info: ROUNDS.append(phase))
    gc.set_threshold(1)
    gc.collect()
    return 2
