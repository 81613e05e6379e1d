"""What a child does with its one job: load the submission, answer the calls in turn, say how each ended and its cost.

The app sends the calls without waiting for answers; each is decoded just before it is made. Everything reported may
have been tampered with by the submission, which shares this process. The app knows that.
"""

from __future__ import annotations

import linecache
import mmap
import os
import resource
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple, cast

import numpy as np

from . import channel, failures, limits, pointing, warmth
from .decoding import Decoder
from .encoding import frame
from .printing import Printing
from .values import Opaque, Tensor
from .wire import HEADER, TooLargeError

JOB_FD, RESULT_FD = 3, 4

_BALLAST = 4 << 20  # address space given back when memory runs out, so that the report of it can be written
_REPORT_SLACK = 64 << 10
_MODULE = "solution"

Figures = tuple[float, float, int]  # wall seconds, CPU seconds, greatest memory so far beyond the idle child's in KiB
_NOTHING: Figures = (0.0, 0.0, 0)


class Answer(NamedTuple):
    """How a frame ended (in a word of ENDINGS), what its call returned and did to its arguments, why it failed."""

    ending: str
    value: object = None
    args_after: tuple[object, ...] | None = None
    failure: failures.Described | None = None
    figures: Figures = _NOTHING


class Runner:
    """One submission in one process."""

    def __init__(self, size_now: int, printing: Printing, torch: bool) -> None:
        self._size_now = size_now
        self._printing = printing
        self._frames = channel.Frames(JOB_FD)
        self._tensor: Callable[[Tensor], object] | None = warmth.to_torch if torch else None
        self._foreign: Callable[[object], object] | None = warmth.from_torch if torch else None
        self._function: Callable[..., object] | None = None
        self._result_cap = 0
        self._return_args = False
        self._idle_kib = _resident_kib()
        self._ballast: mmap.mmap | None = mmap.mmap(-1, _BALLAST)  # never touched: it costs no memory

    def serve(self) -> None:
        """Answer frames until the app has none left: the submission, then the arguments of each call."""
        try:
            nonce, answer = self._load(*self._next())
            while True:
                self._reply(nonce, answer)
                args = self._next()
                nonce += 1
                answer = self._call(args)
        except EOFError:
            return

    def rehearse(self) -> None:
        """Walk the road of a small job once, so that the memory it takes is this process's own before the job comes."""
        self._define(warmth.SHORT_SOURCE.encode(), "overlap")
        sent = frame((np.zeros(4), [np.zeros(4), 1.5]), _REPORT_SLACK)
        answer = self._call(self._decoded(sent[HEADER.size :]))
        self._frame(0, answer, 0, _REPORT_SLACK)
        self._printing.flushed()
        self._function = None
        del sys.modules[_MODULE]

    def _next(self) -> tuple[Any, ...]:
        """The next frame's value, which the app always makes a tuple. EOFError when there is none."""
        return self._decoded(self._frames.next())

    def _decoded(self, data: bytes | bytearray) -> tuple[Any, ...]:
        return cast("tuple[Any, ...]", Decoder(data, self._tensor).decode())

    def _reply(self, nonce: int, answer: Answer) -> None:
        printed = self._printing.flushed()
        cap = self._result_cap + _REPORT_SLACK
        try:
            data = self._frame(nonce, answer, printed, cap)
        except TooLargeError as error:
            told = _plain("ResultTooLarge", error.told(self._result_cap))
            answer = Answer("output_limit", failure=told, figures=answer.figures)
            data = self._frame(nonce, answer, printed, cap)
        except MemoryError:
            self._give_way()
            data = self._frame(nonce, Answer("memory_limit", figures=answer.figures), printed, cap)
        except Exception as error:  # an object that misbehaves while it is read
            answer = Answer("returned", Opaque(type(error).__name__), figures=answer.figures)
            data = self._frame(nonce, answer, printed, cap)
        channel.write_all(RESULT_FD, data)

    def _frame(self, nonce: int, answer: Answer, printed: int, cap: int) -> bytes:
        stamp = channel.STAMP.pack(nonce, channel.ENDINGS.index(answer.ending), *answer.figures, printed)
        return frame((stamp, answer.value, answer.args_after, answer.failure), cap, self._foreign)

    def _give_way(self) -> None:
        if self._ballast is not None:
            self._ballast.close()
            self._ballast = None

    def _load(
        self,
        nonce: int,
        source: bytes,
        function: str,
        memory_mib: int,
        result_cap: int,
        return_args: bool,
    ) -> tuple[int, Answer]:
        limits.for_job(self._size_now, memory_mib)
        self._result_cap, self._return_args = result_cap, return_args
        return nonce, self._define(source, function)

    def _define(self, source: bytes, function: str) -> Answer:
        module = ModuleType(_MODULE)
        sys.modules[_MODULE] = module
        text = source.decode("utf-8", "surrogatepass").removeprefix("\ufeff")
        linecache.cache[failures.FILENAME] = (len(text), None, pointing.lines_of(text), failures.FILENAME)
        try:
            code = compile(text, failures.FILENAME, "exec", dont_inherit=True)
        except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
            return Answer("raised", failure=failures.describe_syntax(error, text))
        try:
            exec(code, module.__dict__)  # noqa: S102 (this is what the walls are for)
        except BaseException as error:
            ending, failure = self._ended(error)
            return Answer(ending, failure=failure)
        found = module.__dict__.get(function)
        if not callable(found):
            return Answer("raised", failure=_missing(function, module.__dict__, found))
        self._function = found
        return Answer("returned")

    def _call(self, args: tuple[object, ...]) -> Answer:
        function = self._function
        if function is None:
            raise EOFError
        wall, cpu = _wall(), _cpu()
        try:
            value = function(*args)
        except BaseException as error:
            figures = self._figures(wall, cpu)
            ending, failure = self._ended(error)
            return Answer(ending, None, self._after(args), failure, figures)
        return Answer("returned", value, self._after(args), None, self._figures(wall, cpu))

    def _figures(self, wall: float, cpu: float) -> Figures:
        return _wall() - wall, _cpu() - cpu, _resident_kib() - self._idle_kib

    def _after(self, args: tuple[object, ...]) -> tuple[object, ...] | None:
        return args if self._return_args else None

    def _ended(self, error: BaseException) -> tuple[str, failures.Described | None]:
        if isinstance(error, MemoryError) or _is_torch_out_of_memory(error):
            self._give_way()
            ending = "memory_limit"
        elif isinstance(error, SystemExit):
            ending = "exited"
        elif _is_refusal(error) or _is_refused_thread(error):
            ending = "forbidden"
        else:
            ending = "raised"
        try:
            described = failures.describe(error)
            if _is_refused_thread(error):
                described = ("PermissionError", "starting threads is not allowed here", *described[2:])
            elif isinstance(error, PermissionError) and error.errno is not None:  # from the kernel, not from `manners`
                described = (described[0], f"the sandbox refused this: {described[1]}", *described[2:])
            return ending, described
        except MemoryError:
            return "memory_limit", None


# Bound before a submission can put anything in their place, which would only spoil its own figures.
_wall, _cpu, _usage = time.perf_counter, time.process_time, resource.getrusage


def _resident_kib() -> int:
    """The greatest resident memory of this process so far."""
    return _usage(resource.RUSAGE_SELF).ru_maxrss


def _is_refusal(error: BaseException) -> bool:
    """Tell whether a wall refused something; libraries wrap that in an OSError of their own (urllib's URLError)."""
    at: BaseException | None = error
    for _ in range(8):
        if not isinstance(at, OSError):
            return False
        if isinstance(at, PermissionError):
            return True
        at = at.__cause__ or at.__context__
    return False


def _is_torch_out_of_memory(error: BaseException) -> bool:
    return type(error) is RuntimeError and "DefaultCPUAllocator: can't allocate memory" in str(error)


def _is_refused_thread(error: BaseException) -> bool:
    return type(error) is RuntimeError and str(error) == "can't start new thread"


def _plain(kind: str, message: str) -> failures.Described:
    return kind, message, f"{kind}: {message}\n", None, None


def _missing(function: str, namespace: dict[str, object], found: object) -> failures.Described:
    if found is not None:
        return _plain("MissingFunction", f"'{function}' is {type(found).__name__}, not a function")
    defined = [name for name, value in namespace.items() if getattr(value, "__module__", None) == _MODULE]
    known = f"; it defines {', '.join(sorted(defined)[:10])}" if defined else ""
    return _plain("MissingFunction", f"solution.py does not define '{function}'{known}")


def report_ready() -> None:
    """Tell the app that the walls stand and a job may come."""
    channel.write_all(RESULT_FD, frame(("ready", os.getpid()), _REPORT_SLACK))
