"""Raise an exception whose message steers a terminal.

graded: runtime_error
"""


def f(given):
    raise ValueError("\x1b]0;title\x07\x1b[2J\u202e\u2066\x9b31m\r\x00\u2028 Traceback")
