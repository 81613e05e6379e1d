"""What a child does with its one job: load the submission, answer calls one at a time, say how each ended.

Everything it reports may have been tampered with by the submission, which shares its process. The app knows that.
"""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import channel, failures, limits, pointing, warmth
from .decoding import Decoder
from .encoding import frame
from .seccomp import Filter
from .values import Opaque, Tensor
from .wire import TooLargeError

JOB_FD, RESULT_FD = 3, 4

_BALLAST = 4 << 20  # given back when memory runs out, so that the report of it can be written
_REPORT_SLACK = 64 << 10
_MODULE = "solution"

Answer = tuple[object, ...]


class Runner:
    """One submission in one process."""

    def __init__(self, size_now: int, seal: Filter, torch: bool) -> None:
        self._size_now = size_now
        self._seal = seal
        self._tensor: Callable[[Tensor], object] | None = warmth.to_torch if torch else None
        self._foreign: Callable[[object], object] | None = warmth.from_torch if torch else None
        self._function: Callable[..., object] | None = None
        self._result_cap = 0
        self._return_args = False
        self._ballast: bytearray | None = bytearray(_BALLAST)

    def serve(self) -> None:
        """Answer frames until the app has none left."""
        while True:
            try:
                message: Any = Decoder(channel.read_frame(JOB_FD), self._tensor).decode()
            except EOFError:
                return
            answer = self._load(*message[1:]) if message[0] == "load" else self._call(*message[1:])
            _flush()
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        cap = self._result_cap + _REPORT_SLACK
        kind, nonce, *_ = answer
        try:
            data = frame(answer, cap, self._foreign)
        except TooLargeError as error:
            data = frame(
                (kind, nonce, "output_limit", None, None, _plain("ResultTooLarge", error.told(self._result_cap))), cap
            )
        except MemoryError:
            self._ballast = None
            data = frame((kind, nonce, "memory_limit", None, None, None), cap)
        except Exception as error:  # an object that misbehaves while it is read
            data = frame((kind, nonce, "returned", Opaque(type(error).__name__), None, None), cap)
        channel.write_all(RESULT_FD, data)

    def _load(
        self,
        nonce: int,
        source: bytes,
        function: str,
        memory_mib: int,
        cpu_s: float,
        result_cap: int,
        return_args: bool,
    ) -> Answer:
        limits.for_job(self._size_now, memory_mib, cpu_s)
        self._seal.install()
        self._result_cap, self._return_args = result_cap, return_args
        module = ModuleType(_MODULE)
        sys.modules[_MODULE] = module
        text = source.decode("utf-8", "surrogatepass").removeprefix("\ufeff")
        linecache.cache[failures.FILENAME] = (len(text), None, pointing.lines_of(text), failures.FILENAME)
        try:
            code = compile(text, failures.FILENAME, "exec", dont_inherit=True)
        except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
            return ("loaded", nonce, "raised", failures.describe_syntax(error, text))
        try:
            exec(code, module.__dict__)  # noqa: S102 (this is what the walls are for)
        except BaseException as error:
            return ("loaded", nonce, *self._ended(error))
        found = module.__dict__.get(function)
        if not callable(found):
            return ("loaded", nonce, "raised", _missing(function, module.__dict__, found))
        self._function = found
        return ("loaded", nonce, "returned", None)

    def _call(self, nonce: int, args: tuple[object, ...]) -> Answer:
        function = self._function
        if function is None:
            raise EOFError
        try:
            value = function(*args)
        except BaseException as error:
            ending, failure = self._ended(error)
            return ("answer", nonce, ending, None, self._after(args), failure)
        return ("answer", nonce, "returned", value, self._after(args), None)

    def _after(self, args: tuple[object, ...]) -> tuple[object, ...] | None:
        return args if self._return_args else None

    def _ended(self, error: BaseException) -> tuple[str, failures.Described | None]:
        if isinstance(error, MemoryError) or _is_torch_out_of_memory(error):
            self._ballast = None
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


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:  # noqa: S112 (the submission may have put anything in its place)
            continue


def report_ready() -> None:
    """Tell the app that the walls stand and a job may come."""
    channel.write_all(RESULT_FD, frame(("ready", os.getpid()), _REPORT_SLACK))
