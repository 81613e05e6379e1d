"""Loop for ever.

must: time_limit
"""


def f():
    while True:
        pass
