"""Log and warn without end; stops by itself after some ten MiB.

must: output_limit | time_limit
"""

import logging
import warnings


def f():
    warnings.simplefilter("always")
    for number in range(10_000):
        logging.getLogger().warning("%s", "x" * 1000)
        warnings.warn(f"{number}", stacklevel=1)
