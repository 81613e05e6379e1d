"""Print without end; stops by itself at 64 MiB.

must: output_limit
"""


def f():
    for _ in range(64):
        print("x" * (1 << 20))
