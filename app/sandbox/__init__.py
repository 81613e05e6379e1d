"""Runs untrusted Python on arrays behind walls. Usable alone: it imports nothing of the app. See README.md here."""

from .cell.pointing import lines_of, point_at
from .cell.values import Opaque, Tensor
from .doctor import Wall, examine
from .job import (
    Call,
    Ending,
    Failure,
    Job,
    Library,
    LibraryMissing,
    Limits,
    PoolState,
    Run,
    SandboxError,
    SandboxState,
)
from .sandbox import Sandbox

__all__ = [
    "Call",
    "Ending",
    "Failure",
    "Job",
    "Library",
    "LibraryMissing",
    "Limits",
    "Opaque",
    "PoolState",
    "Run",
    "Sandbox",
    "SandboxError",
    "SandboxState",
    "Tensor",
    "Wall",
    "examine",
    "lines_of",
    "point_at",
]
