"""Change its own walls: a filter of its own, tracing on, no signal when the parent dies, another session.

must: returned []
"""

from raw import passed, room


def f():
    tried = {
        "dumpable": ("prctl", 4, 1),
        "parent-death signal": ("prctl", 1, 0),
        "privileges": ("prctl", 38, 0, 0, 0, 0),
        "keep capabilities": ("prctl", 8, 1),
        "securebits": ("prctl", 28, 0),
        "memory map": ("prctl", 35, 1, 0, 0, 0),
        "subreaper": ("prctl", 36, 1),
        "speculation": ("prctl", 53, 0, 2, 0, 0),
        "name": ("prctl", 15, b"another"),
        "old seccomp": ("prctl", 22, 2, room(16)),
        "seccomp listener": ("seccomp", 1, 8, room(16)),
        "seccomp size": ("seccomp", 3, 0, room(8)),
        "landlock": ("landlock_create_ruleset", 0, 0, 1),
        "landlock on itself": ("landlock_restrict_self", 0, 0),
        "segments": ("arch_prctl", 0x1002, 0),
        "session": ("setsid",),
        "group": ("setpgid", 0, 0),
    }
    return [name for name, args in tried.items() if passed(*args)]
