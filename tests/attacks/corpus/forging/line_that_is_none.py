"""Tell of a failure at a line with twelve hundred digits.

must: forbidden
"""

from forge import changing, count, integer, text


def f():
    failure = b"t" + count(5) + text("ValueError") + text("x") * 2 + integer(1 << 4000) + b"N"
    changing(lambda stamp, _: stamp + b"NN" + failure)
