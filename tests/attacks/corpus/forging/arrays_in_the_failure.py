"""Put arrays where the value, the arguments and the failure belong.

must: forbidden
"""

from forge import array, changing


def f():
    changing(lambda stamp, _: stamp + array("<i8", (2,), bytes(16)) * 3)
