"""Conducts one job on one child: sends the submission and its calls, reads answers as untrusted data, names endings."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import assert_never

from .cell.channel import CHANNEL_BROKEN_EXIT, OUT_OF_MEMORY_EXIT
from .cell.decoding import Decoder
from .cell.encoding import frame
from .cell.wire import TooLargeError, WireError
from .child import Bounds, Child, Died, Exchange, Stop
from .job import Call, Ending, Failure, Job, Limits, Run, SandboxError

MAX_SOURCE_BYTES = 1 << 20
MAX_ARGUMENT_BYTES = 64 << 20
_REPORT_SLACK = 64 << 10
_TEXT_CAP = 16_000

# Endings a child may claim for itself; the others are the app's to give.
_CLAIMABLE = {
    ending.value: ending
    for ending in (
        Ending.RETURNED, Ending.RAISED, Ending.MEMORY_LIMIT, Ending.OUTPUT_LIMIT, Ending.FORBIDDEN, Ending.EXITED,
    )
}  # fmt: skip

# Control characters are shown, not obeyed: this text reaches pages and terminals.
_VISIBLE = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {0x7F: 0x2421}
_VISIBLE |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


class ChildLostError(Exception):
    """The child was killed from outside, or its parent is gone: no doing of the job. The job may be tried again."""


@dataclass(frozen=True)
class _Answer:
    ending: Ending
    failure: Failure | None
    value: object = None
    args_after: tuple[object, ...] | None = None
    over: bool = False  # the child is gone or no longer trusted to go on


def conduct(
    child: Child,
    job: Job,
    on_call: Callable[[int, Call], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Run:
    """Run `job` on `child` and return how it went. ChildLostError when it was lost by no fault of the job."""
    return _Session(child, job, on_call, cancelled).run()


class _Session:
    def __init__(
        self,
        child: Child,
        job: Job,
        on_call: Callable[[int, Call], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._child = child
        self._job = job
        self._limits = job.limits
        self._on_call = on_call
        self._cancelled = cancelled

    def run(self) -> Run:
        answer, exchange = self._load()
        stdout = _readable(exchange, self._limits)
        if answer.ending is not Ending.RETURNED:
            return Run(answer.ending, answer.failure, stdout, tuple(Call(Ending.NOT_RUN) for _ in self._job.calls))
        calls: list[Call] = []
        over = False
        for index, args in enumerate(self._job.calls):
            if over:
                calls.append(Call(Ending.NOT_RUN))
                continue
            call, over = self._call(args)
            calls.append(call)
            if self._on_call is not None and call.ending is not Ending.NOT_RUN:
                self._on_call(index, call)
        return Run(Ending.RETURNED, None, stdout, tuple(calls))

    def _load(self) -> tuple[_Answer, Exchange]:
        job, limits = self._job, self._limits
        cpu_s = limits.load_s + limits.cpu_s * len(job.calls)
        source = job.source.encode("utf-8", "surrogatepass")
        if len(source) > MAX_SOURCE_BYTES:
            raise SandboxError(f"the source is over {MAX_SOURCE_BYTES >> 20} MiB")
        body = (source, job.function, limits.memory_mib, float(cpu_s), limits.result_bytes, job.return_args)
        return self._exchange("load", "loaded", body, limits.load_s, limits.load_s)

    def _call(self, args: tuple[object, ...]) -> tuple[Call, bool]:
        answer, exchange = self._exchange("call", "answer", (tuple(args),), self._limits.wall_s, self._limits.cpu_s)
        call = Call(
            ending=answer.ending,
            value=answer.value,
            args_after=answer.args_after,
            failure=answer.failure,
            stdout=_readable(exchange, self._limits),
            wall_ms=1000 * exchange.wall_s,
            cpu_ms=1000 * exchange.cpu_s,
            peak_mib=self._child.peak_mib(),
        )
        return call, answer.over

    def _exchange(
        self, kind: str, reply: str, body: tuple[object, ...], wall_s: float, cpu_s: float
    ) -> tuple[_Answer, Exchange]:
        nonce = secrets.randbits(62)
        try:
            data = frame((kind, nonce, *body), MAX_ARGUMENT_BYTES)
        except TooLargeError as error:
            raise SandboxError(f"the arguments of a call are too large: {error}") from error
        limits = self._limits
        bounds = Bounds(wall_s, cpu_s, limits.stdout_bytes, limits.result_bytes + _REPORT_SLACK)
        exchange = self._child.ask(data, bounds, self._cancelled)
        match exchange.outcome:
            case bytes() as data:
                answer = _read(data, reply, nonce)
            case Stop() as stop:
                self._child.kill()
                answer = _stopped(stop, bounds)
            case Died() as died:
                answer = _died(died, exchange, bounds)
            case _ as never:
                assert_never(never)
        return _with_memory_figure(answer, limits), exchange


def _forged(what: str) -> _Answer:
    message = f"the program interfered with the channel its results travel on: {what}"
    return _Answer(Ending.FORBIDDEN, Failure("ResultChannel", message), over=True)


def _read(data: bytes, reply: str, nonce: int) -> _Answer:
    try:
        message = Decoder(data).decode()
    except WireError as error:
        return _forged(str(error))
    match message:
        case ("loaded", int(got), str(ending), failure) if reply == "loaded" and got == nonce:
            value, args_after = None, None
        case ("answer", int(got), str(ending), value, args_after, failure) if reply == "answer" and got == nonce:
            pass
        case _:
            return _forged("not the answer that was asked for")
    if ending not in _CLAIMABLE or not (args_after is None or isinstance(args_after, tuple)):
        return _forged("an unknown ending")
    try:
        return _Answer(_CLAIMABLE[ending], _failure(failure), value, args_after)
    except TypeError:
        return _forged("a malformed failure")


def _failure(described: object) -> Failure | None:
    match described:
        case None:
            return None
        case (str(kind), str(message), str(traceback), int() | None as line, int() | None as column):
            return Failure(_shown(kind)[:200], _shown(message), _shown(traceback), line, column)
        case _:
            raise TypeError


def _stopped(stop: Stop, bounds: Bounds) -> _Answer:
    match stop:
        case Stop.WALL:
            return _over(Ending.TIME_LIMIT, "TimeLimit", f"still running after {bounds.wall_s:g} s")
        case Stop.CPU:
            return _over(Ending.TIME_LIMIT, "TimeLimit", f"used more than {bounds.cpu_s:g} s of processor time")
        case Stop.STDOUT:
            return _over(Ending.OUTPUT_LIMIT, "OutputLimit", f"printed far more than {bounds.stdout_bytes:,} bytes")
        case Stop.RESULT:
            return _forged("an answer larger than any allowed")
        case Stop.CHANNEL_CLOSED:
            return _forged("it was closed")
        case Stop.CANCELLED:
            return _Answer(Ending.NOT_RUN, None, over=True)
        case _ as never:
            assert_never(never)


def _with_memory_figure(answer: _Answer, limits: Limits) -> _Answer:
    """Python's own MemoryError says nothing; name the limit."""
    failure = answer.failure
    if answer.ending is not Ending.MEMORY_LIMIT or (failure is not None and failure.message):
        return answer
    said = f"more than {limits.memory_mib} MiB of memory were asked for"
    named = Failure("MemoryError", said) if failure is None else replace(failure, message=said)
    return replace(answer, failure=named)


def _over(ending: Ending, kind: str, message: str) -> _Answer:
    return _Answer(ending, Failure(kind, message), over=True)


def _died(died: Died, exchange: Exchange, bounds: Bounds) -> _Answer:
    if died.lost or died.signal == signal.SIGKILL:
        raise ChildLostError("the process was killed from outside" if died.signal else "the warm parent is gone")
    if died.code == OUT_OF_MEMORY_EXIT:
        return _over(Ending.MEMORY_LIMIT, "MemoryError", "")
    if died.code == CHANNEL_BROKEN_EXIT:
        return _forged("it could not be used any more")
    if died.code is not None:
        return _over(Ending.EXITED, "SystemExit", f"the program ended itself with exit status {died.code}")
    if died.signal == signal.SIGXCPU or exchange.cpu_s > bounds.cpu_s:
        return _over(Ending.TIME_LIMIT, "TimeLimit", f"used more than {bounds.cpu_s:g} s of processor time")
    if died.signal == signal.SIGSYS:
        return _over(Ending.FORBIDDEN, "SystemCall", "a system call of a foreign architecture was refused")
    name = signal.Signals(died.signal or 0).name if died.signal in set(signal.Signals) else f"signal {died.signal}"
    described = signal.strsignal(died.signal or 0) or "unknown"
    return _over(Ending.CRASHED, name, f"the process crashed: {name} ({described})")


def _shown(text: str) -> str:
    return text[:_TEXT_CAP].translate(_VISIBLE)


def _readable(exchange: Exchange, limits: Limits) -> str:
    text = exchange.stdout.decode("utf-8", "replace").replace("\r\n", "\n").translate(_VISIBLE)
    left_out = exchange.stdout_total - len(exchange.stdout)
    return f"{text}\n[… +{left_out:,} B; max {limits.stdout_bytes:,} B]" if left_out > 0 else text  # in no language
