"""Enter or make namespaces, mount, chroot, pivot.

must: returned []
"""

from raw import passed, room


def f():
    tried = {
        "unshare user": ("unshare", 0x10000000),
        "unshare files": ("unshare", 0x400),
        "unshare threads": ("unshare", 0x10000),
        "setns": ("setns", 0, 0),
        "mount": ("mount", b"none", b"/", b"tmpfs", 0, 0),
        "umount": ("umount2", b"/", 2),
        "chroot": ("chroot", b"/"),
        "pivot_root": ("pivot_root", b"/", b"/"),
        "clone into a namespace": ("clone", 0x10000000 | 0x80000000, 0, 0, 0, 0),
        "clone3 into a namespace": ("clone3", room(64), 64),
        "sethostname": ("sethostname", b"x", 1),
    }
    return [name for name, args in tried.items() if passed(*args)]
