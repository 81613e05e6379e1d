"""Print and return marks that turn text round, hide it or part lines: what is read must be what is there.

graded: wrong_answer
"""

MARKS = (
    "\u202e\u202d\u202a\u202b\u202c\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
    "\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\u206a\u206f\ufeff\u00ad\u180e\u2028\u2029"
    "\ufff9\ufffa\ufffb\U000e0001\U000e0041\U000e007f\u115f\u3164\uffa0\U0001d173"
)


def f(given):
    print(f"accepted{MARKS}detpecca")
    return f"1{MARKS}"
