"""Return an array whose type is a program text: fields, records, dates, void.

must: forbidden
"""

from forge import array, returning


def f():
    return returning(array("O,f8,(1000000,)V8", (1,), bytes(64)))
