"""The start-up self-test: a dozen attacks tried in a real child. One that gets through means no code is run at all.

The attacks are raw system calls, so that what is tested is the walls and not the courtesy of the interpreter.
"""

from __future__ import annotations

from .child import Child
from .conduct import conduct
from .job import Ending, Job, Limits, SandboxError

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
    return call("openat", -100, ctypes.c_char_p(path), flags, 0o600) >= 0

def room(size):
    return ctypes.create_string_buffer(b"\xff" * size, size)

ATTACKS = {
    "list the root folder": lambda: opened(b"/", os.O_DIRECTORY),
    "read what was not granted": lambda: opened(os.fsencode(sys.executable)) or opened(b"/etc/passwd"),
    "read /proc": lambda: opened(b"/proc/self/maps") or opened(b"/proc/1/environ"),
    "write a file": lambda: any(opened(p, os.O_CREAT | os.O_WRONLY) for p in (b"/tmp/whetstone-self-test", b"/x", b"x")),
    "open a network socket": lambda: passed("socket", 2, 1, 0),
    "open a unix socket": lambda: passed("socket", 1, 1, 0),
    "start a process": lambda: passed("clone", 17, 0, 0, 0, 0),
    "start a program": lambda: passed("execve", ctypes.c_char_p(b"/bin/true"), None, None),
    "signal another process": lambda: passed("kill", os.getppid(), 0) or passed("tgkill", os.getppid(), os.getppid(), 6),
    "trace another process": lambda: passed("ptrace", 16, os.getppid(), 0, 0),
    "read another's memory": lambda: passed("process_vm_readv", os.getppid(), 0, 0, 0, 0, 0),
    "change another's limits": lambda: passed("prlimit64", os.getppid(), 7, 0, room(16)),
    "change its own limits": lambda: passed("prlimit64", 0, 9, room(16), 0),
    "make a namespace": lambda: passed("unshare", 0x10000000),
    "hold memory outside the limit": lambda: passed("memfd_create", b"x", 0) or passed("pipe2", room(8), 0),
    "load a kernel program": lambda: passed("bpf", 0, 0, 0),
    "start asynchronous input and output": lambda: passed("io_uring_setup", 1, room(120)),
    "be root": lambda: 0 in os.getresuid() or 0 in os.getresgid(),
    "do without a memory limit": lambda: resource.getrlimit(resource.RLIMIT_AS)[1] < 0,
    "do without a file limit": lambda: resource.getrlimit(resource.RLIMIT_FSIZE)[1] != 0,
}

def through(numbers):
    NUMBERS.update(numbers)
    return [name for name, attack in ATTACKS.items() if attack()]
"""  # noqa: E501 (a program as data; one attack a line)

_NAMES = (
    "openat", "socket", "clone", "execve", "kill", "tgkill", "ptrace", "process_vm_readv", "prlimit64", "unshare",
    "memfd_create", "pipe2", "bpf", "io_uring_setup",
)  # fmt: skip


def assert_walls_stand(child: Child, numbers: dict[str, int]) -> None:
    """Try every attack in `child`. SandboxError naming each that got through, or that could not be tried."""
    job = Job(_SOURCE, "through", [({name: numbers[name] for name in _NAMES},)], limits=Limits(cpu_s=10, wall_s=20))
    run = conduct(child, job)
    call = run.calls[0]
    if run.load is not Ending.RETURNED or call.ending is not Ending.RETURNED:
        failure = run.load_failure or call.failure
        raise SandboxError(f"the self-test could not run: {failure.message if failure else call.ending}")
    if call.value != []:
        raise SandboxError(f"the walls do not stand; a test program could: {call.value}")
