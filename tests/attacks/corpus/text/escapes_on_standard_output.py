"""Print what steers a terminal: colours, cursor, title, clipboard, links, answers to questions, in 7 and 8 bits.

graded: wrong_answer
"""

import os

ESCAPES = (
    "\x1b[2J\x1b[H\x1b[31m", "\x1b]0;title\x07", "\x1b]52;c;bGVmdA==\x1b\\", "\x1b]8;;http://x/\x1b\\here\x1b]8;;\x1b\\",
    "\x1bP+q544e\x1b\\", "\x1b[6n\x1b[c\x1b[>c", "\x9b31m\x9d0;x\x9c\x90x\x9c", "\x07\x08\x08\x7f\x0e\x0f\x05",
    "\r over",
)  # fmt: skip


def f(given):
    print(*ESCAPES)
    os.write(1, "".join(ESCAPES).encode("latin-1"))
    os.write(2, b"\x1b[31m\x00\xff\xfe\xc2\x9b31m")
    return 2
