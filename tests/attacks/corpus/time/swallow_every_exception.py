"""Catch everything for ever.

must: time_limit
"""


def f():
    while True:
        try:
            raise SystemExit
        except BaseException:
            continue
