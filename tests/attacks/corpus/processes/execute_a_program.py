"""Replace the process by a program, by execve and execveat.

must: returned []
"""

from raw import passed


def f():
    return [
        name
        for name, args in (("execve", (b"/nonexistent", 0, 0)), ("execveat", (-100, b"/nonexistent", 0, 0, 0)))
        if passed(name, *args)
    ]
