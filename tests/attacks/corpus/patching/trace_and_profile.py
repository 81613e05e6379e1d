"""Watch every line of the runner and change its variables: what it changes is its own answer.

graded: wrong_answer | forbidden
"""

import sys


def watch(frame, event, argument):
    frame.f_locals.update(ending="returned", value=1, expected=0)
    return watch


def f(given):
    sys.settrace(watch)
    sys.setprofile(watch)
    frame = sys._getframe()
    while frame is not None:
        frame.f_trace = watch
        frame = frame.f_back
    return 2
