"""The cases of a code question: drawn by its `cases`, judged by its `reference`, each in a sandbox of its own.

The learner's process never meets either. Both are the bank's code, so every failure here is the question's fault
(`BrokenQuestion`), not the learner's. The visible cases are always the same; the hidden ones are drawn anew for every
submission, from the seed that is kept with it.
"""

from __future__ import annotations

import builtins
import re
import reprlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Lock
from typing import Protocol

from app.bank.schema import Code, Lib, Text
from app.grading.compare import reference_fault
from app.grading.verdict import BrokenQuestion, named
from app.languages import Phrase, as_is, phrase
from app.sandbox import Call, Ending, Failure, Job, LibraryMissing, Limits, Run, SandboxError

MAX_CASES = 200
MAX_NAME = 80  # characters, as of the titles' names
RESULT_BYTES = 32 << 20  # of one call, the reference's or the learner's
# The bank's own code may take longer than a learner's: drawing many cases is one call, and references favour clarity.
DRAWING = Limits(cpu_s=20, wall_s=60, load_s=20, memory_mib=1024, result_bytes=RESULT_BYTES)
KEPT_VARIANTS = 32
VISIBLE_SEED = 0
LEAST_LIMIT_MS = 50.0  # below this nobody is too slow
TICK_MS = 4.0  # of the clock of a process with limits: by so much a reference may be measured too short
LEAST_TIMES, MOST_TIMES = 5, 1000

_FIELDS = {"name", "args", "hidden", "error", "times_reference"}
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DRAW = "draw_whetstone_cases"
_WRAPPER = f"""

def {_DRAW}(seed):
    import numpy
    return [dict(case) for case in cases(numpy.random.default_rng(seed))]
"""


class Runs(Protocol):
    """What grading needs of `sandbox.Sandbox`; tests of the queue stand in for it."""

    def run(
        self,
        job: Job,
        on_call: Callable[[int, Call], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Run: ...

    def available(self, library: Lib) -> bool: ...


@dataclass(frozen=True, eq=False)
class Drawn:
    """One call to make: positional `args`, and the name of the exception type due, if it is one.

    `times_reference`: how many times the reference's CPU time it may take, where speed is what the case is about.
    """

    name: str
    title: Text | None
    args: tuple[object, ...]
    hidden: bool
    error: str | None
    times_reference: float | None = field(default=None, kw_only=True)


@dataclass(frozen=True, eq=False)
class Case(Drawn):
    """One call to judge, with the value due and the CPU time that the reference took for it."""

    expected: object
    reference_ms: float = field(default=0.0, kw_only=True)

    def cpu_limit_ms(self, time_limit_s: float) -> float | None:
        """What the case allows where that is less than the question does; None where the question's limit is all.

        The CPU time of a call varies by less than two as a rule, and was seen to by four on a busy machine, where it is
        the first to touch its memory. The reference is called twice while the learner's code runs, behind the same
        walls, and the lesser time counts, so that noise there lets nobody slow pass. Noise in the learner's one call is
        what a generous multiple is for; the gate wants what must be accepted to take half of it, and what must be too
        slow twice as much.
        """
        if self.times_reference is None:
            return None
        limit_ms = max(LEAST_LIMIT_MS, self.times_reference * (self.reference_ms + TICK_MS))
        return limit_ms if limit_ms < 1000 * time_limit_s else None


@dataclass(frozen=True, eq=False)
class PreparedCases:
    """The cases of one variant, visible and hidden, in the question's order. Treat every value as read-only."""

    cases: tuple[Case, ...]

    @property
    def visible(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if not case.hidden)


_kept: OrderedDict[tuple[str, int], PreparedCases] = OrderedDict()
_kept_lock = Lock()


def prepare(question: Code, sandbox: Runs, seed: int) -> PreparedCases:
    """The cases of `question` for `seed`. Raises `BrokenQuestion`, `LibraryMissing`, `SandboxError`."""
    key = (sha256(question.model_dump_json().encode()).hexdigest(), seed)
    with _kept_lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    drawn = _draw(question, sandbox, seed)
    prepared = PreparedCases(_with_expected(question, sandbox, drawn))
    with _kept_lock:
        _kept[key] = prepared
        while len(_kept) > KEPT_VARIANTS:
            _kept.popitem(last=False)
    return prepared


def draw_fresh(question: Code, sandbox: Runs, seed: int) -> Sequence[Drawn]:
    """The visible cases, as `Case`, and hidden ones of `seed`, which `judge` completes. Raises as `prepare` does."""
    visible = {case.name: case for case in prepare(question, sandbox, VISIBLE_SEED).visible}
    drawn = _draw(question, sandbox, seed)
    if (names := {case.name for case in drawn if not case.hidden}) != set(visible):
        others = ", ".join(sorted(names ^ set(visible)))
        told = phrase("'cases' must give the same visible cases for every seed; not %(names)s", names=others)
        raise BrokenQuestion(told, question.id)
    return [visible.get(case.name, case) for case in drawn]


def judge(question: Code, sandbox: Runs, drawn: Sequence[Drawn]) -> Sequence[Case]:
    """The same cases, each with the value due. Raises as `prepare` does."""
    unjudged = [case for case in drawn if not isinstance(case, Case)]
    judged = iter(_with_expected(question, sandbox, unjudged)) if unjudged else iter(())
    return [case if isinstance(case, Case) else next(judged) for case in drawn]


def custom_case(question: Code, sandbox: Runs, args: tuple[object, ...]) -> Case:
    """A case on the learner's own arguments, judged by the reference (an error it raises is what is due)."""
    call = _run_reference(question, sandbox, [args])[0]
    if call.ending is Ending.RAISED and call.failure is not None:
        return Case("custom", None, args, hidden=False, error=call.failure.type, expected=None)
    if call.ending is not Ending.RETURNED:
        told = phrase("the reference ended with %(ending)s on custom arguments", ending=named(call.ending))
        raise BrokenQuestion(told, question.id)
    return Case("custom", None, args, hidden=False, error=None, expected=call.value)


def is_due_error(raised: str, due: str) -> bool:
    """Whether an exception type name is the one due, or a built-in type derived from it."""
    given, wanted = getattr(builtins, raised, None), getattr(builtins, due, None)
    return raised == due or (isinstance(given, type) and isinstance(wanted, type) and issubclass(given, wanted))


def job_of(
    question: Code, source: str, calls: Sequence[tuple[object, ...]], limits: Limits, *, return_args: bool = False
) -> Job:
    """The job of calling a solution of the question with each case's arguments."""
    given = question.given or ""
    return Job(source, question.function, calls, question.lib, limits, return_args=return_args, given=given)


def run_retrying(
    sandbox: Runs,
    job: Job,
    on_call: Callable[[int, Call], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Run:
    """Run a job; once more if the sandbox itself broke."""
    try:
        return sandbox.run(job, on_call, cancelled)
    except LibraryMissing:
        raise
    except SandboxError:
        return sandbox.run(job, on_call, cancelled)


def _draw(question: Code, sandbox: Runs, seed: int) -> list[Drawn]:
    job = Job(question.cases + _WRAPPER, _DRAW, [(seed,)], lib=question.lib, limits=DRAWING)
    call = _only_call(question, "cases", run_retrying(sandbox, job))
    drawn = call.value
    if not isinstance(drawn, list) or not 1 <= len(drawn) <= MAX_CASES:
        raise BrokenQuestion(phrase("'cases' must give 1 to %(most)s cases", most=MAX_CASES), question.id)
    cases = [_read_case(question, number, raw) for number, raw in enumerate(drawn)]
    cases.sort(key=lambda case: case.times_reference is not None)  # what is stopped there has had its other cases
    names = [case.name for case in cases]
    if repeated := {name for name in names if names.count(name) > 1}:
        raise BrokenQuestion(phrase("case names repeat: %(names)s", names=", ".join(sorted(repeated))), question.id)
    if all(case.hidden for case in cases):
        raise BrokenQuestion(phrase('no case is visible; give at least one "hidden": False'), question.id)
    return cases


def _read_case(question: Code, number: int, raw: object) -> Drawn:
    def broken(fault: Phrase, name: str = "") -> BrokenQuestion:
        where = (
            phrase("case %(case)s (%(name)s)", case=number, name=name) if name else phrase("case %(case)s", case=number)
        )
        return BrokenQuestion(phrase("%(where)s: %(fault)s", where=where, fault=fault), question.id)

    if not isinstance(raw, dict) or not {"name", "args"} <= set(raw) <= _FIELDS:
        raise broken(phrase("give name and args, and if need be hidden, error and times_reference; nothing else"))
    name, args, hidden, error = raw["name"], raw["args"], raw.get("hidden", True), raw.get("error")
    times = raw.get("times_reference")
    if not isinstance(name, str) or len(name) > MAX_NAME or not _NAME.fullmatch(name):
        given = reprlib.repr(name)
        raise broken(
            phrase("the name must be kebab-case, at most %(most)s characters, not %(name)s", most=MAX_NAME, name=given)
        )
    if not isinstance(args, list | tuple):
        raise broken(phrase("'args' must be a list of positional arguments"), name)
    if not isinstance(hidden, bool) or not (error is None or (isinstance(error, str) and error.isidentifier())):
        raise broken(phrase("'hidden' is a boolean, 'error' the name of an exception type"), name)
    if times is not None and (type(times) not in (int, float) or not LEAST_TIMES <= times <= MOST_TIMES):
        told = phrase("'times_reference' is a number from %(least)s to %(most)s", least=LEAST_TIMES, most=MOST_TIMES)
        raise broken(told, name)
    if (title := question.title_of_case(name)) is None:
        raise broken(phrase("'case_titles' has no title for %(name)s", name=name))
    return Drawn(name, title, tuple(args), hidden, error, times_reference=times)


def _with_expected(question: Code, sandbox: Runs, drawn: Sequence[Drawn]) -> tuple[Case, ...]:
    """What is measured against the reference's time is called twice: the faster call is the less disturbed one."""
    timed = [place for place, case in enumerate(drawn) if case.times_reference is not None]
    calls = _run_reference(question, sandbox, [case.args for case in (*drawn, *(drawn[place] for place in timed))])
    again = dict(zip(timed, calls[len(drawn) :], strict=True))
    return tuple(
        _judged(question, case, call, min(call.cpu_ms, again.get(place, call).cpu_ms))
        for place, (case, call) in enumerate(zip(drawn, calls[: len(drawn)], strict=True))
    )


def _judged(question: Code, case: Drawn, call: Call, reference_ms: float) -> Case:
    def broken(fault: Phrase) -> BrokenQuestion:
        return BrokenQuestion(phrase("case %(case)s: %(fault)s", case=case.name, fault=fault), question.id)

    if case.error is not None:
        raised = call.failure.type if call.ending is Ending.RAISED and call.failure else call.ending.value
        if not is_due_error(raised, case.error):
            raise broken(
                phrase("the reference must raise %(due)s, but: %(raised)s", due=case.error, raised=named(raised))
            )
        return _case(case, None, reference_ms)
    if call.ending is not Ending.RETURNED:
        ending = named(call.ending.value)
        if not call.failure:
            raise broken(phrase("the reference ended with %(ending)s", ending=ending))
        detail = _detail(call.failure)
        raise broken(phrase("the reference ended with %(ending)s: %(detail)s", ending=ending, detail=detail))
    if fault := reference_fault(call.value, question.contract, case.args):
        raise broken(phrase("the reference breaks its own contract: %(fault)s", fault=fault))
    return _case(case, call.value, reference_ms)


def _case(drawn: Drawn, expected: object, reference_ms: float) -> Case:
    return Case(
        drawn.name,
        drawn.title,
        drawn.args,
        drawn.hidden,
        drawn.error,
        expected,
        times_reference=drawn.times_reference,
        reference_ms=reference_ms,
    )


def _run_reference(question: Code, sandbox: Runs, calls: list[tuple[object, ...]]) -> tuple[Call, ...]:
    run = run_retrying(sandbox, job_of(question, question.reference, calls, DRAWING))
    if run.load is not Ending.RETURNED or len(run.calls) != len(calls):
        raise BrokenQuestion(phrase("the reference did not load: %(why)s", why=load_detail(run)), question.id)
    return run.calls


def _only_call(question: Code, what: str, run: Run) -> Call:
    if run.load is not Ending.RETURNED or len(run.calls) != 1:
        raise BrokenQuestion(phrase("'%(what)s' did not load: %(why)s", what=what, why=load_detail(run)), question.id)
    if run.calls[0].ending is not Ending.RETURNED:
        call = run.calls[0]
        ending = named(call.ending.value)
        told = phrase("'%(what)s' ended with %(ending)s", what=what, ending=ending)
        if call.failure:
            detail = _detail(call.failure)
            told = phrase("'%(what)s' ended with %(ending)s: %(detail)s", what=what, ending=ending, detail=detail)
        raise BrokenQuestion(told, question.id)
    return run.calls[0]


def _detail(failure: Failure) -> str:
    return f"{failure.type}: {failure.message}\n{failure.traceback}"


def load_detail(run: Run) -> Phrase:
    """Why the code of a run did not load: as Python words it, or how it ended."""
    if run.load_failure:
        return as_is(f"{run.load_failure.type}: {run.load_failure.message}")
    return named(run.load.value)
