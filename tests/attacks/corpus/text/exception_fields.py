"""Raise a syntax error whose file, text and place are hostile.

graded: compile_error | runtime_error
"""


def f(given):
    mark = "\x1b[31m\u202e\x00"
    raise SyntaxError(f"made {mark}", ("solution.py", 1, 1, f"x = {mark}\n", 9, 9))
