"""What the sandboxed interpreter may see: itself, the standard library, numpy (and torch), their system libraries.

Each is granted by itself, and nothing else is: not the app, not the questions, not the packages that lie beside numpy.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .job import Library, SandboxError

# Top-level names by library set; those not installed are passed over.
_PACKAGES: dict[Library, tuple[str, ...]] = {
    "numpy": ("numpy", "numpy.libs"),
    "torch": (
        "numpy", "numpy.libs", "torch", "torch.libs", "torchgen", "functorch", "typing_extensions", "sympy", "mpmath",
        "networkx", "jinja2", "markupsafe", "filelock", "fsspec",
    ),
}  # fmt: skip
_NOT_STANDARD = ("site-packages", "dist-packages")
_SHOWN_AS = "/cell"  # where the interpreter appears behind bubblewrap

# Names every loaded object of a process that has imported all extension modules, as the dynamic loader knows them.
_PROBE = """
import ctypes, importlib, json, os, sys, warnings
warnings.simplefilter("ignore")
folder = os.path.dirname(importlib.util.find_spec("_ctypes").origin)
for name in sorted(os.listdir(folder)):
    module = name.split(".")[0]
    if name.endswith(".so") and not module.startswith(("_tkinter", "_test", "_ctypes_test", "xx")):
        try:
            importlib.import_module(module)
        except ImportError:
            pass
for name in ("m.so.6", "gcc_s.so.1", "stdc++.so.6", "rt.so.1", "dl.so.2", "pthread.so.0", "util.so.1"):
    try:
        ctypes.CDLL("lib" + name)
    except OSError:
        pass
class Info(ctypes.Structure):
    _fields_ = [("address", ctypes.c_void_p), ("name", ctypes.c_char_p)]
names = []
@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(Info), ctypes.c_size_t, ctypes.c_void_p)
def note(info, size, data):
    names.append(os.fsdecode(info.contents.name or b""))
    return 0
ctypes.CDLL(None).dl_iterate_phdr(note, None)
print(json.dumps(names))
"""


@dataclass(frozen=True)
class Grant:
    """One file or folder: where it is on this machine, and where it appears behind bubblewrap."""

    source: str
    shown: str


@dataclass(frozen=True)
class Interpreter:
    """The base Python behind whatever virtual environment the app runs in."""

    executable: Grant
    standard_library: Grant
    hidden: tuple[str, ...]  # folders inside the standard library that are not part of it, relative
    libraries: tuple[Grant, ...]


@cache
def interpreter() -> Interpreter:
    """Find the real interpreter, its library and the system libraries it maps. SandboxError when that fails."""
    executable = os.path.realpath(sys.executable)
    prefix = sys.base_prefix
    library = sysconfig.get_path("stdlib", vars={"installed_base": prefix, "base": prefix})
    if not Path(library, "os.py").is_file():
        raise SandboxError(f"the standard library of {executable} was not found in {library}")
    hidden = tuple(name for name in _NOT_STANDARD if Path(library, name).is_dir())
    return Interpreter(
        Grant(executable, f"{_SHOWN_AS}/bin/{Path(executable).name}"),
        Grant(library, f"{_SHOWN_AS}/{os.path.relpath(library, prefix)}"),
        hidden,
        _system_libraries(executable, prefix, library),
    )


def _system_libraries(executable: str, prefix: str, library: str) -> tuple[Grant, ...]:
    probe = [executable, "-I", "-S", "-X", "utf8", "-c", "import importlib.util\n" + _PROBE]
    try:
        done = subprocess.run(probe, capture_output=True, check=True, timeout=60, env={}, cwd="/")
    except (OSError, subprocess.SubprocessError) as error:
        raise SandboxError(f"the interpreter {executable} could not be asked for its libraries: {error}") from error
    found: list[Grant] = []
    for name in json.loads(done.stdout):
        if not name.startswith("/") or name == executable or name.startswith(library + "/"):
            continue
        # A libpython beside the interpreter keeps its place relative to it; a system library keeps its path.
        shown = f"{_SHOWN_AS}/lib/{Path(name).name}" if Path(name).is_relative_to(prefix) and prefix != "/usr" else name
        found.append(Grant(os.path.realpath(name), shown))
    return tuple(found)


@cache
def installed(library: Library) -> bool:
    """Tell whether the library can be imported, without importing it. Looked up once a process."""
    try:
        return importlib.util.find_spec(library) is not None
    except (ImportError, ValueError):
        return False


def packages(library: Library) -> dict[str, Grant]:
    """Return the granted top-level packages of a library set by name. Entries ending in .libs are bundled libraries."""
    found: dict[str, Grant] = {}
    for name in _PACKAGES[library]:
        place = _place(name)
        if place is not None:
            found[name] = Grant(place, f"{_SHOWN_AS}/packages/{Path(place).name}")
    return found


def _place(name: str) -> str | None:
    if name.endswith(".libs"):
        base = _place(name.removesuffix(".libs"))
        beside = Path(base).parent / name if base is not None else None
        return str(beside) if beside is not None and beside.is_dir() else None
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin)
    return str(origin.parent if origin.name == "__init__.py" else origin)


def own_code() -> Grant:
    """Return the folder of this package that runs behind the walls."""
    return Grant(str(Path(__file__).resolve().parent / "cell"), f"{_SHOWN_AS}/code/cell")
