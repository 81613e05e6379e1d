"""The start-up self-test: attacks tried in a real child. One that gets through means that no code is run at all.

The attacks are raw system calls, so that what is tested is the walls and not the courtesy of the interpreter. Each is
one that the wall it is listed under has to stop; that another wall may stand behind it does not count.
"""

from __future__ import annotations

import re

from .child import Child
from .conduct import conduct
from .job import Ending, Job, Limits, SandboxError

# The walls that are proven, as `doctor` names them.
USER, PRIVILEGES, SECCOMP, LANDLOCK, RLIMITS = (
    "unprivileged user", "no new privileges", "seccomp", "Landlock", "rlimits",
)  # fmt: skip

_SOURCE = r"""
import ctypes, os, resource, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
NUMBERS = {}

def call(name, *args):
    done = libc.syscall(ctypes.c_long(NUMBERS[name]), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    if done == 0 and name == "clone":
        os._exit(0)  # it worked, and this is the second process
    return done

def passed(name, *args):
    # Anything but "not permitted" means that the call went past the filter.
    return call(name, *args) >= 0 or ctypes.get_errno() != 1

def opened(path, flags=0):
    return call("openat", -100, ctypes.c_char_p(path), flags, 0) >= 0

def room(size):
    return ctypes.create_string_buffer(b"\xff" * size, size)

def parent_death_signal():
    told = ctypes.c_int(0)
    call("prctl", 2, ctypes.byref(told), 0, 0, 0)
    return told.value

def limit(name):
    return resource.getrlimit(getattr(resource, "RLIMIT_" + name))[1]

def settable(name):
    limits = room(16)
    call("prlimit64", 0, name, 0, limits)
    return passed("prlimit64", 0, name, limits, 0)  # to what it is already

def writable(path):
    return passed("openat", -100, ctypes.c_char_p(path), os.O_WRONLY, 0)

CREATE = os.O_CREAT | os.O_WRONLY
NEW = b"/tmp/whetstone-self-test"

ATTACKS = {
    "unprivileged user": {
        "be root": lambda: 0 in os.getresuid() or 0 in os.getresgid() or 0 in os.getgroups(),
    },
    "no new privileges": {
        "gain privileges by a program": lambda: call("prctl", 39, 0, 0, 0, 0) != 1,
        "be traced": lambda: call("prctl", 3, 0, 0, 0, 0) != 0,
        "outlive its parent": lambda: parent_death_signal() != 9,
    },
    "seccomp": {
        "open a network socket": lambda: passed("socket", 2, 1, 0),
        "open a unix socket": lambda: passed("socket", 1, 1, 0),
        "start a process": lambda: passed("clone", 17, 0, 0, 0, 0),
        "start a program": lambda: passed("execve", ctypes.c_char_p(b"/bin/true"), None, None),
        "signal another process":
            lambda: passed("kill", os.getppid(), 0) or passed("tgkill", os.getppid(), os.getppid(), 6),
        "trace another process": lambda: passed("ptrace", 16, os.getppid(), 0, 0),
        "read another's memory": lambda: passed("process_vm_readv", os.getppid(), 0, 0, 0, 0, 0),
        "tell what others do":
            lambda: passed("getsid", os.getppid()) or passed("clock_gettime", ~os.getppid() << 3 | 2, room(16)),
        "change another's limits": lambda: passed("prlimit64", os.getppid(), 7, 0, room(16)),
        "change its own limits": lambda: settable(resource.RLIMIT_CPU) or settable(resource.RLIMIT_NOFILE),
        "make a namespace": lambda: passed("unshare", 0x10000000),
        "hold memory outside the limit": lambda: passed("memfd_create", b"x", 0) or passed("pipe2", room(8), 0),
        "load a kernel program": lambda: passed("bpf", 0, 0, 0),
        "start asynchronous input and output": lambda: passed("io_uring_setup", 1, room(120)),
        "write a file": lambda: passed("openat", -100, ctypes.c_char_p(NEW), CREATE, 0o600) or writable(b"/dev/null"),
        "write into its own standard input": lambda: writable(b"/proc/self/fd/0"),
        "mark what other submissions share": lambda: passed("fcntl", 0, 4, os.O_NONBLOCK),
    },
    "Landlock": {
        "list the root folder": lambda: opened(b"/", os.O_DIRECTORY),
        "read what was not granted": lambda: opened(os.fsencode(sys.executable)) or opened(b"/etc/passwd"),
        "read /proc": lambda: opened(b"/proc/self/maps") or opened(b"/proc/1/environ"),
    },
    "rlimits": {
        "do without a memory limit": lambda: limit("AS") < 0,
        "do without a processor limit": lambda: limit("CPU") < 0,
        "do without a file limit": lambda: limit("FSIZE") != 0 or limit("CORE") != 0,
        "do without a process limit": lambda: limit("NPROC") != 0,
        "do without a descriptor limit": lambda: not 0 < limit("NOFILE") <= 64,
    },
}

def through(numbers):
    NUMBERS.update(numbers)
    return [(wall, name) for wall, attacks in ATTACKS.items() for name, attack in attacks.items() if attack()]
"""

_NAMES = (
    "openat", "socket", "clone", "execve", "kill", "tgkill", "ptrace", "process_vm_readv", "prlimit64", "unshare",
    "memfd_create", "pipe2", "bpf", "io_uring_setup", "getsid", "clock_gettime", "fcntl", "prctl",
)  # fmt: skip


def assert_walls_stand(child: Child, numbers: dict[str, int]) -> None:
    """Try every attack in `child`. SandboxError naming each that got through, or that could not be tried."""
    job = Job(_SOURCE, "through", [({name: numbers[name] for name in _NAMES},)], limits=Limits(cpu_s=10, wall_s=20))
    run = conduct(child, job)
    call = run.calls[0]
    if run.load is not Ending.RETURNED or call.ending is not Ending.RETURNED:
        failure = run.load_failure or call.failure
        raise SandboxError(f"the self-test could not run: {failure.message if failure else call.ending}")
    if not isinstance(call.value, list):
        raise SandboxError("the self-test could not run: it gave no list")
    if call.value:
        told = "; ".join(f"{attack} [{wall}]" for wall, attack in call.value)
        raise SandboxError(f"the walls do not stand; a test program could {told}")


def got_through(wall: str, told: str) -> list[str]:
    """Read back from the message of such an error which attacks got through `wall`, each once."""
    return list(dict.fromkeys(re.findall(rf"(?:could |; )([^;\[]+) \[{re.escape(wall)}\]", told)))
