"""Return what is not there yet: generators, maps, coroutines, views, modules, functions, files.

must: returned list
"""

import sys


async def later():
    return 1


def f():
    coroutine = later()
    coroutine.close()
    return [
        (n for n in range(3)),
        map(abs, [1]),
        coroutine,
        {"a": 1}.keys(),
        memoryview(b"x"),
        sys,
        f,
        sys.stdout,
        range(3),
        slice(1),
        NotImplemented,
        ...,
    ]
