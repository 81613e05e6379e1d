"""Have functions and files with hostile names in the traceback, a thousand deep.

graded: runtime_error
"""

build, run = compile, exec


def f(given):
    name = "\x1b[31m\u202e\x00name"
    code = build("def g(n):\n    return g(n - 1) if n else 1 / 0\n", "solution.py", "exec")
    space = {}
    run(code, space)
    g = space["g"]
    g.__code__ = g.__code__.replace(co_name=name, co_qualname=name)
    return g(900)
