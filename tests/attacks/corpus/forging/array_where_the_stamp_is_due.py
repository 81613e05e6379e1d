"""Put an array where the answer's stamp belongs: comparing it gives an array, not a truth.

must: forbidden
"""

from forge import array, changing


def f():
    changing(lambda _, rest: array("|u1", (41,), bytes(41)) + rest)
    return 1
