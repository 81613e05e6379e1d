"""Send bytes left over behind a well-formed answer, inside its frame.

must: forbidden
"""

from forge import returning, text


def f():
    return returning(text("there") + b"NNNNNN")
