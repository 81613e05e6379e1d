"""Put arrays where the failure, the ending and the arguments belong.

must: forbidden
"""

from forge import array, replacing, text


def f():
    replacing(text("returned") + b"NNN", array("<i8", (2,), bytes(16)) * 4)
