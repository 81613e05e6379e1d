"""Replace the lines that tracebacks show.

graded: runtime_error
"""

import linecache


def f(given):
    lines = ["\x1b[31m\x1b]0;title\x07\u202e\x00 hidden\n"] * 200
    linecache.cache["solution.py"] = (1, None, lines, "solution.py")
    linecache.getlines = linecache.getline = lambda *args: lines[0]
    raise ValueError("see the lines")
