"""The words of the sandbox: what a job is, what limits it has, how it and each of its calls can end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Library = Literal["numpy", "torch"]


class SandboxError(Exception):
    """Our fault, never the learner's: the walls do not stand or the sandbox broke. The message says what is missing."""


class LibraryMissing(SandboxError):  # noqa: N818 (part of the public contract: it names what is the matter)
    """The job needs a library that is not installed here."""


class Ending(StrEnum):
    """How a load or a call ended."""

    RETURNED = "returned"
    RAISED = "raised"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    FORBIDDEN = "forbidden"
    CRASHED = "crashed"
    EXITED = "exited"
    NOT_RUN = "not_run"


@dataclass(frozen=True)
class Limits:
    """What one job may use. CPU and wall seconds are per call; memory is beyond the size of an idle child."""

    cpu_s: float = 2.0
    wall_s: float = 6.0
    load_s: float = 5.0
    memory_mib: int = 256
    stdout_bytes: int = 65_536
    result_bytes: int = 16 << 20


@dataclass(frozen=True)
class PoolState:
    """How the pool of one library set stands, and what befell it since it began."""

    library: Library
    spares_ready: int
    spares_wanted: int
    parents_started: int  # one, and one more each time that it was replaced
    children_lost: int  # in the middle of a job, by no fault of it
    failures: int  # times that no child could be had


@dataclass(frozen=True)
class SandboxState:
    """How many jobs run, how many may, and every pool that has been started."""

    jobs: int
    workers: int
    pools: tuple[PoolState, ...]


@dataclass(frozen=True)
class Job:
    """A submission and the calls to make of it. `return_args` asks for the arguments as the call left them.

    `given` is source of the caller's own, for arguments that can't travel (an object, a model): it defines
    `given(*args)`, which makes what the function is called with, outside what the call is charged with.
    """

    source: str
    function: str
    calls: Sequence[tuple[object, ...]]
    lib: Library = "numpy"
    limits: Limits = field(default_factory=Limits)
    return_args: bool = False
    given: str = ""


@dataclass(frozen=True)
class Failure:
    """Why a load or call did not return. `traceback` holds the learner's own frames; line and column count from 1."""

    type: str
    message: str
    traceback: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class Call:
    """How one call ended and what it cost. `peak_mib`: resident memory beyond an idle child's, so far."""

    ending: Ending
    value: object = None
    args_after: tuple[object, ...] | None = None
    failure: Failure | None = None
    stdout: str = ""
    wall_ms: float = 0.0
    cpu_ms: float = 0.0
    peak_mib: float = 0.0


@dataclass(frozen=True)
class Run:
    """How a job went. `load` is `returned` when the source loaded and defines the function; else no call was made."""

    load: Ending
    load_failure: Failure | None = None
    load_stdout: str = ""
    calls: tuple[Call, ...] = ()
