"""Double a text until it fills the memory; stops by itself at half a gibibyte.

must: memory_limit
seconds: 1
"""


def f():
    text = "x"
    while len(text) < 1 << 29:
        text += text
    return len(text)
