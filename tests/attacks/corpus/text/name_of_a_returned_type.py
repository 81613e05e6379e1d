"""Return an object of a type with a hostile name and module.

graded: wrong_answer
"""


def f(given):
    name = "\x1b[31m\x1b]0;title\x07\u202e" * 50
    return type(name, (), {"__qualname__": name, "__module__": name})()
