"""Clear words for what the walls refuse. Help, not security: the walls stand whether or not this hook is fooled.

An audit hook sees an attempt before the kernel does and names it in a PermissionError of its own; what slips past it
meets Landlock and seccomp, which refuse it with a bare "Operation not permitted".
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

_REFUSED = {
    "socket.__new__": "connecting to the network",
    "socket.connect": "connecting to the network",
    "socket.getaddrinfo": "connecting to the network",
    "socket.gethostbyname": "connecting to the network",
    "os.fork": "starting processes",
    "os.forkpty": "starting processes",
    "os.exec": "starting processes",
    "os.posix_spawn": "starting processes",
    "os.system": "starting processes",
    "subprocess.Popen": "starting processes",
    "pty.spawn": "starting processes",
    "os.kill": "sending signals",
    "os.killpg": "sending signals",
    "os.listdir": "listing folders",
    "os.scandir": "listing folders",
    "os.chdir": "changing folders",
    "os.mkdir": "writing files",
    "os.remove": "writing files",
    "os.rename": "writing files",
    "os.rmdir": "writing files",
    "os.link": "writing files",
    "os.symlink": "writing files",
    "os.truncate": "writing files",
    "os.chmod": "writing files",
    "os.chown": "writing files",
    "shutil.rmtree": "writing files",
}


def install(granted: Sequence[str]) -> None:
    """Watch the process for attempts at what is refused. Files below `granted` may be read: imports need them."""
    roots = tuple(granted)
    read_only_flags = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC
    refused = _REFUSED
    listing = {"os.listdir", "os.scandir"}

    def hook(event: str, args: tuple[object, ...]) -> None:
        if event == "open":
            path, mode, flags = args
            if isinstance(path, int):
                return
            name = os.fsdecode(path) if isinstance(path, (str, bytes)) else str(path)
            writing = isinstance(flags, int) and flags & read_only_flags
            if not writing and name.startswith(roots):
                return
            what = (
                "writing files" if writing or (isinstance(mode, str) and set(mode) & set("wax+")) else "reading files"
            )
            raise PermissionError(f"{what} is not allowed here: {name!r}")
        if event in refused:
            if event in listing and args and isinstance(args[0], str) and args[0].startswith(roots):
                return
            raise PermissionError(f"{refused[event]} is not allowed here")

    sys.addaudithook(hook)
