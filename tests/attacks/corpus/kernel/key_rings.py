"""Leave or read keys in the key rings of the session, of the user and of the process that started it.

must: returned []
"""

from raw import passed


def f():
    tried = {
        "add_key": (b"user", b"left", b"by an attack", 12, -3),
        "request_key": (b"user", b"left", 0, -3),
        "keyctl get": (0, -3, 0),
        "keyctl read": (11, -3, 0, 0),
        "keyctl describe": (6, -5, 0, 0),
        "keyctl join": (1, 0),
    }
    return [name for name, args in tried.items() if passed(name.partition(" ")[0], *args)]
