"""Conducts one job on one child: sends the submission and its calls, reads answers as untrusted data, names endings."""

from __future__ import annotations

import secrets
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeGuard, assert_never

from .cell.channel import CHANNEL_BROKEN_EXIT, ENDINGS, OUT_OF_MEMORY_EXIT, STAMP
from .cell.decoding import Decoder
from .cell.encoding import frame
from .cell.wire import TooLargeError, WireError
from .child import Child, Died
from .job import Call, Ending, Failure, Job, Limits, Run, SandboxError
from .talk import Bounds, Heard, Stop, Talk

MAX_SOURCE_BYTES = 1 << 20
MAX_ARGUMENT_BYTES = 64 << 20
_REPORT_SLACK = 64 << 10
_MEMORY_SLACK_MIB = 32  # what an honest job may write over beside what it asks for
_TEXT_CAP = 16_000
_MOST_KIB = 1 << 40

_CLAIMABLE = tuple(Ending(word) for word in ENDINGS)  # the other endings are the app's to give

# Control characters are shown, not obeyed: this text reaches pages and terminals.
_VISIBLE = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {0x7F: 0x2421}
_VISIBLE |= dict.fromkeys(range(0x80, 0xA0), 0xFFFD)


class ChildLostError(Exception):
    """The child was killed or stopped from outside, or its parent is gone: no doing of the job, to be tried again."""

    def __init__(self, message: str, parent_gone: bool = False) -> None:
        super().__init__(message)
        self.parent_gone = parent_gone


class _Cost(NamedTuple):  # made at every answer, as the next: a tuple takes a quarter of a dataclass's time
    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mib: float = 0.0


class _Answer(NamedTuple):
    ending: Ending
    failure: Failure | None
    value: object = None
    args_after: tuple[object, ...] | None = None
    claimed: _Cost = _Cost()
    printed: int = 0  # bytes in all, as the child counts
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
        self._on_call = on_call
        self._first_nonce = secrets.randbits(61)
        self._unclaimed_wall_s = self._unclaimed_cpu_s = 0.0
        self._sizes = (
            job.limits.stdout_bytes,
            job.limits.result_bytes + _REPORT_SLACK,
            job.limits.memory_mib + _MEMORY_SLACK_MIB,
        )
        self._call_bounds = Bounds(job.limits.wall_s, job.limits.cpu_s, *self._sizes)
        self._talk = Talk(child, self._frames(), cancelled)

    def run(self) -> Run:
        limits = self._job.limits
        answer, _, stdout = self._hear(0, Bounds(limits.load_s, limits.load_s, *self._sizes))
        if answer.ending is not Ending.RETURNED:
            return Run(answer.ending, answer.failure, stdout, tuple(Call(Ending.NOT_RUN) for _ in self._job.calls))
        calls: list[Call] = []
        over = False
        for index in range(len(self._job.calls)):
            call, over = (Call(Ending.NOT_RUN), True) if over else self._call(index)
            calls.append(call)
            if self._on_call is not None and call.ending is not Ending.NOT_RUN:
                self._on_call(index, call)
        return Run(Ending.RETURNED, None, stdout, tuple(calls))

    def _frames(self) -> Iterator[bytes]:
        """What the child is sent: the submission, then each call. SandboxError for what is too large to send."""
        job, limits = self._job, self._job.limits
        source = job.source.encode("utf-8", "surrogatepass")
        if len(source) > MAX_SOURCE_BYTES:
            raise SandboxError(f"the source is over {MAX_SOURCE_BYTES >> 20} MiB")
        load = (self._first_nonce, source, job.function, limits.memory_mib, limits.result_bytes, job.return_args)
        try:
            yield frame(load, MAX_ARGUMENT_BYTES)
            for args in job.calls:
                yield frame(tuple(args), MAX_ARGUMENT_BYTES)
        except TooLargeError as error:
            raise SandboxError(f"the arguments of a call are too large: {error}") from error

    def _call(self, index: int) -> tuple[Call, bool]:
        answer, cost, stdout = self._hear(index + 1, self._call_bounds)
        call = Call(
            ending=answer.ending,
            value=answer.value,
            args_after=answer.args_after,
            failure=answer.failure,
            stdout=stdout,
            wall_ms=1000 * cost.wall_s,
            cpu_ms=1000 * cost.cpu_s,
            peak_mib=cost.peak_mib,
        )
        return call, answer.over

    def _hear(self, index: int, bounds: Bounds) -> tuple[_Answer, _Cost, str]:
        heard = self._talk.hear(bounds)
        self._unclaimed_wall_s += heard.wall_s
        self._unclaimed_cpu_s += heard.cpu_s
        match heard.outcome:
            case bytes() as data:
                answer = _read(data, self._first_nonce + index)
                cost = self._borne_out(answer.claimed)
                if cost.cpu_s > bounds.cpu_s:
                    self._child.kill()
                    answer = _stopped(Stop.CPU, bounds)
            case Stop() as stop:
                if stop is Stop.WALL and self._child.stopped():
                    raise ChildLostError("the process was stopped from outside")
                answer, cost = _stopped(stop, bounds), self._measured(heard)
                self._child.kill()
            case Died() as died:
                answer, cost = _died(died, heard, bounds), self._measured(heard)
            case _ as never:
                assert_never(never)
        if answer.ending is Ending.MEMORY_LIMIT:
            answer = _with_memory_figure(answer, self._job.limits)
        last = answer.over or index == len(self._job.calls)
        stdout, total = self._talk.printed(bounds.stdout_bytes, None if last else answer.printed)
        return answer, cost, _readable(stdout, total)

    def _borne_out(self, claimed: _Cost) -> _Cost:
        """The child's own figures as far as what was measured from outside bears them out.

        Answers may lie ready when they are read, so that only the sum of their times can be seen from outside.
        """
        wall_s = max(0.0, min(claimed.wall_s, self._unclaimed_wall_s))
        cpu_s = max(0.0, min(claimed.cpu_s, self._unclaimed_cpu_s))
        self._unclaimed_wall_s -= wall_s
        self._unclaimed_cpu_s -= cpu_s
        return _Cost(wall_s, cpu_s, claimed.peak_mib)

    def _measured(self, heard: Heard) -> _Cost:
        """What a call cost that gave no answer, seen from outside."""
        return _Cost(heard.wall_s, heard.cpu_s, self._child.peak_mib())


def _forged(what: str) -> _Answer:
    message = f"the program interfered with the channel its results travel on: {what}"
    return _Answer(Ending.FORBIDDEN, Failure("ResultChannel", message), over=True)


def _read(data: bytes, nonce: int) -> _Answer:
    try:
        message = Decoder(data).decode()
    except WireError as error:
        return _forged(str(error))
    match message:
        case (bytes() as stamp, value, (None | tuple()) as args_after, described) if len(stamp) == STAMP.size:
            number, ending, wall_s, cpu_s, kib, printed = STAMP.unpack(stamp)
        case _:
            return _forged("not the answer that was asked for")
    if number != nonce:
        return _forged("not the answer that was asked for")
    if ending >= len(_CLAIMABLE):
        return _forged("an unknown ending")
    cost = _Cost(wall_s, cpu_s, max(0, min(kib, _MOST_KIB)) / 1024)
    try:
        return _Answer(_CLAIMABLE[ending], _failure(described), value, args_after, cost, printed)
    except TypeError:
        return _forged("a malformed failure")


def _failure(described: object) -> Failure | None:
    match described:
        case None:
            return None
        case (str(kind), str(message), str(traceback), line, column) if _is_place(line) and _is_place(column):
            return Failure(_shown(kind)[:200], _shown(message), _shown(traceback), line, column)
        case _:
            raise TypeError


def _is_place(number: object) -> TypeGuard[int | None]:
    """Tell whether a line or column can be one of a source that was sent."""
    return number is None or (isinstance(number, int) and 0 <= number <= MAX_SOURCE_BYTES)


def _stopped(stop: Stop, bounds: Bounds) -> _Answer:
    match stop:
        case Stop.WALL:
            return _over(Ending.TIME_LIMIT, "TimeLimit", f"still running after {bounds.wall_s:g} s")
        case Stop.CPU:
            return _over(Ending.TIME_LIMIT, "TimeLimit", f"used more than {bounds.cpu_s:g} s of processor time")
        case Stop.MEMORY:
            return _over(Ending.MEMORY_LIMIT, "MemoryError", "")
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
    if failure is not None and failure.message:
        return answer
    said = f"more than {limits.memory_mib} MiB of memory were asked for"
    named = Failure("MemoryError", said) if failure is None else replace(failure, message=said)
    return answer._replace(failure=named)


def _over(ending: Ending, kind: str, message: str) -> _Answer:
    return _Answer(ending, Failure(kind, message), over=True)


def _died(died: Died, heard: Heard, bounds: Bounds) -> _Answer:
    if died.lost:
        raise ChildLostError("the warm parent is gone", parent_gone=True)
    if died.signal == signal.SIGKILL:
        raise ChildLostError("the process was killed from outside")
    if died.code == OUT_OF_MEMORY_EXIT:
        return _over(Ending.MEMORY_LIMIT, "MemoryError", "")
    if died.code == CHANNEL_BROKEN_EXIT:
        return _forged("it could not be used any more")
    if died.code is not None:
        return _over(Ending.EXITED, "SystemExit", f"the program ended itself with exit status {died.code}")
    if died.signal == signal.SIGXCPU or heard.cpu_s > bounds.cpu_s:
        return _over(Ending.TIME_LIMIT, "TimeLimit", f"used more than {bounds.cpu_s:g} s of processor time")
    if died.signal == signal.SIGSYS:
        return _over(Ending.FORBIDDEN, "SystemCall", "a system call of a foreign architecture was refused")
    name = signal.Signals(died.signal or 0).name if died.signal in set(signal.Signals) else f"signal {died.signal}"
    described = signal.strsignal(died.signal or 0) or "unknown"
    return _over(Ending.CRASHED, name, f"the process crashed: {name} ({described})")


def _shown(text: str) -> str:
    return text[:_TEXT_CAP].translate(_VISIBLE)


def _readable(stdout: bytes, total: int) -> str:
    """What was printed as text, with a note where some of it was left out."""
    if not total:
        return ""
    text = stdout.decode("utf-8", "replace").replace("\r\n", "\n").translate(_VISIBLE)
    left_out = total - len(stdout)
    return f"{text}\n[… +{left_out:,} B; max {len(stdout):,} B]" if left_out > 0 else text  # in no language
