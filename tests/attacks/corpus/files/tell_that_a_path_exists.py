"""Ask whether a file exists, without opening it. Only the outer wall hides that, as the sandbox's page says.

must: returned []
without bubblewrap: returned ['stat', 'access', 'statx']
"""

from raw import AT_FDCWD, room, succeeded


def f(given):
    secret = given["secret"].encode()
    tried = {
        "stat": (secret, room(256)),
        "access": (secret, 0),
        "statx": (AT_FDCWD, secret, 0, 0x7FF, room(256)),
        "statfs": (secret, room(256)),
        "getxattr": (secret, b"user.mark", 0, 0),
        "listxattr": (secret, 0, 0),
    }
    return [name for name, args in tried.items() if succeeded(name, *args)]
