"""Raise an exception whose type has a hostile name.

graded: runtime_error
"""


def f(given):
    name = "\x1b[31m\x1b]0;title\x07\u202eAccepted\u2028\x00</script>" * 20
    raise type(name, (Exception,), {"__qualname__": name, "__module__": name})("plain")
