"""Fork for ever, ignoring every refusal.

must: time_limit
"""

import os


def f():
    while True:
        try:
            os.fork()
        except OSError:
            continue
