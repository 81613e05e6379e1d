"""Put an array of words where the answer's first word belongs: comparing it with a word gives an array, not a truth.

must: forbidden
"""

from forge import array, replacing, text


def f():
    replacing(text("answer"), array("<U6", (2,), "answeranswer".encode("utf-32-le")))
    return 1
