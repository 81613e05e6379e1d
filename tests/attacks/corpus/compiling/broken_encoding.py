"""Declare an encoding that does not exist, inside a text that is compiled later.

must: returned ['SyntaxError', 'SyntaxError', 'SyntaxError']
"""


def f():
    told = []
    for source in (b"# coding: no-such-encoding\nx = 1", b"# coding: ascii\nx = '\xff'", b"x = '\xff\xfe'"):
        try:
            compile(source, "bomb", "exec")
            told.append("compiled")
        except (SyntaxError, ValueError) as error:
            told.append(type(error).__name__)
    return told
