"""Open files without open: openat2, file handles, mounts taken apart, old calls.

must: returned []
"""

from raw import AT_FDCWD, passed, room


def f(given):
    secret = given["secret"].encode()
    tried = {
        "openat2": (AT_FDCWD, secret, room(24), 24),
        "name_to_handle_at": (AT_FDCWD, secret, room(136, b"\x10"), room(4), 0),
        "open_by_handle_at": (AT_FDCWD, room(136, b"\x10"), 0),
        "open_tree": (AT_FDCWD, secret, 1),
        "fsopen": (b"tmpfs", 0),
        "fspick": (AT_FDCWD, b"/", 0),
        "move_mount": (AT_FDCWD, b"/", AT_FDCWD, b"/", 0),
        "mount_setattr": (AT_FDCWD, b"/", 0, room(32), 32),
        "uselib": (secret,),
        "acct": (secret,),
        "swapon": (secret, 0),
        "quotactl_fd": (0, 0, 0, 0),
    }
    return [name for name, args in tried.items() if passed(name, *args)]
