"""The start-up self-test: a dozen attacks tried in a real child. One that gets through means no code is run at all.

The attacks are raw system calls, so that what is tested is the walls and not the courtesy of the interpreter.
"""

from __future__ import annotations

from .child import Child
from .conduct import conduct
from .job import Ending, Job, Limits, SandboxError

_SOURCE = r"""
import ctypes, os, resource
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
NUMBERS = {}

def call(name, *args):
    # A success of fork or clone would run twice: the second process leaves at once.
    done = libc.syscall(ctypes.c_long(NUMBERS[name]), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    if done == 0 and name in ("clone", "clone3"):
        os._exit(0)
    return done >= 0

def opened(path, flags=0):
    return call("openat", -100, ctypes.c_char_p(path), flags, 0o600)

ATTACKS = {
    "list the root folder": lambda: opened(b"/", os.O_DIRECTORY),
    "read /proc": lambda: opened(b"/proc/self/maps") or opened(b"/proc/1/environ"),
    "read /etc": lambda: opened(b"/etc/passwd"),
    "write a file": lambda: opened(b"/tmp/whetstone-self-test", os.O_CREAT | os.O_WRONLY) or opened(b"/x", os.O_CREAT | os.O_WRONLY),
    "open a network socket": lambda: call("socket", 2, 1, 0),
    "open a unix socket": lambda: call("socket", 1, 1, 0),
    "start a process": lambda: call("clone", 17, 0, 0, 0, 0),
    "start a program": lambda: call("execve", ctypes.c_char_p(b"/bin/true"), None, None) and False or ctypes.get_errno() != 1,
    "signal another process": lambda: call("kill", os.getppid(), 0) or call("kill", -1, 0),
    "trace another process": lambda: call("ptrace", 16, os.getppid(), 0, 0) or call("process_vm_readv", os.getppid(), 0, 0, 0, 0, 0),
    "change another's limits": lambda: call("prlimit64", os.getppid(), 7, 0, ctypes.create_string_buffer(16)),
    "raise its own limits": lambda: call("prlimit64", 0, 9, ctypes.create_string_buffer(b"\xff" * 16, 16), 0),
    "make a namespace": lambda: call("unshare", 0x10000000),
    "hold memory outside the limit": lambda: call("memfd_create", ctypes.c_char_p(b"x"), 0) or call("pipe2", ctypes.create_string_buffer(8), 0),
    "load a kernel program": lambda: call("bpf", 0, 0, 0),
    "start asynchronous input and output": lambda: call("io_uring_setup", 1, ctypes.create_string_buffer(120)),
    "be root": lambda: 0 in os.getresuid() or 0 in os.getresgid(),
    "do without a limit": lambda: resource.getrlimit(resource.RLIMIT_AS)[1] < 0 or resource.getrlimit(resource.RLIMIT_FSIZE)[1] != 0,
}

def through(numbers):
    NUMBERS.update(numbers)
    return [name for name, attack in ATTACKS.items() if attack()]
"""  # fmt: skip  # noqa: E501 (a program as data; one attack a line)

_NAMES = (
    "openat", "socket", "clone", "execve", "kill", "ptrace", "process_vm_readv", "prlimit64", "unshare", "memfd_create", "pipe2",
    "bpf", "io_uring_setup",
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
