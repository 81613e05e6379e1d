"""Leave a socket with an abstract name that the next submission could meet.

jobs: plant, look
must: returned []
"""

from raw import succeeded, syscall

NAME = b"\1\0\0left-by-an-attack"


def f(given):
    fd = syscall("socket", 1, 1, 0)
    if given["step"] == "plant":
        return [] if fd < 0 or not succeeded("bind", fd, NAME, len(NAME)) else ["bound"]
    return ["met"] if fd >= 0 and succeeded("connect", fd, NAME, len(NAME)) else []
