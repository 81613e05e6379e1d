"""Reach a file by the long way round: relative paths, dots, doubled slashes, links in /proc, a folder's descriptor.

must: returned []
"""

import os

from raw import syscall


def f(given):
    secret = given["secret"]
    inside = os.path.dirname(os.__file__)
    up = "/".join([".."] * 40)
    ways = [
        secret[1:],
        f"{up}{secret}",
        f"{inside}/{up}{secret}",
        f"//{secret}",
        f"/.{secret}",
        f"/dev/..{secret}",
        f"/proc/self/root{secret}",
        f"/proc/self/cwd{secret}",
        f"/proc/{os.getppid()}/root{secret}",
    ]
    folder = syscall("openat", -100, inside.encode(), os.O_DIRECTORY, 0)
    return [
        (way, start)
        for way in ways
        for start in (-100, folder, 0)
        if syscall("openat", start, way.encode(), os.O_RDONLY, 0) >= 0
    ]
