"""Read, write, move or advise the memory of other processes.

must: returned []
"""

from raw import passed, room


def f(given):
    pid = given["pid"]
    tried = {
        "process_vm_readv": (pid, room(16), 1, room(16), 1, 0),
        "process_vm_writev": (pid, room(16), 1, room(16), 1, 0),
        "process_madvise": (0, room(16), 1, 20, 0),
        "process_mrelease": (0, 0),
        "kcmp": (pid, pid, 0, 0, 0),
        "move_pages": (pid, 0, 0, 0, 0, 0),
        "migrate_pages": (pid, 0, 0, 0),
        "get_robust_list": (pid, room(8), room(8)),
        "set_robust_list": (room(24), 24),
        "pidfd_open": (pid, 0),
        "ptrace": (16, pid, 0, 0),
        "waitid": (0, pid, 0, 4, 0),
    }
    return [name for name, args in tried.items() if passed(name, *args)]
