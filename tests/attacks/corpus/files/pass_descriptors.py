"""Get a descriptor from somebody else: by a socket, from another process, from a namespace file.

must: returned []
"""

from raw import opened, passed, room


def f(given):
    tried = {
        "socketpair": (1, 1, 0, room(8)),
        "sendmsg": (0, room(56), 0),
        "recvmsg": (0, room(56), 0),
        "pidfd_open": (given["pid"], 0),
        "pidfd_getfd": (0, 0, 0),
        "userfaultfd": (0,),
        "epoll_create1": (0,),
        "eventfd2": (0, 0),
        "signalfd4": (-1, room(8), 8, 0),
    }
    through = [name for name, args in tried.items() if passed(name, *args)]
    return through + [fd for fd in range(32) if opened(f"/proc/{given['pid']}/fd/{fd}")]
