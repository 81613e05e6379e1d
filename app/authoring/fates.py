"""What becomes of mutants: each is graded as a learner's code is, but only until its first failing case.

The cases are those of the seeds that the question's own solutions are graded with. Of the quick ones, and then of the
slow ones, those come first that have failed most mutants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from app.authoring.mutants import Mutant
from app.authoring.solutions import SEEDS
from app.bank.schema import Code
from app.grading.cases import RESULT_BYTES, Case, Runs, job_of, prepare, run_retrying
from app.grading.compare import same_bits
from app.grading.judging import judge_call
from app.grading.verdict import BrokenQuestion, Verdict, named
from app.languages import phrase
from app.sandbox import Call, Ending, Job, Limits

TIME_FACTOR = 10  # of what the reference takes; a mutant that takes longer is ended
LEAST_CPU_S = 0.2
_BATCH = 16  # mutants that meet the cases in one order, so that no fate hangs on which thread was first


class Fate(StrEnum):
    """`error`: it raised, did not load, or ran into a limit other than time."""

    wrong_answer = "wrong_answer"
    error = "error"
    time = "time"
    survived = "survived"


_FATE_OF = {Verdict.accepted: Fate.survived, Verdict.wrong_answer: Fate.wrong_answer, Verdict.time_limit: Fate.time}


@dataclass(frozen=True)
class _Group:
    """Cases under one time limit: quick ones apart from slow ones, so that an endless mutant is ended soon."""

    cases: Sequence[Case]
    cpu_s: float

    def ordered(self, kills: Counter[str]) -> _Group:
        return _Group(sorted(self.cases, key=lambda case: -kills[case.name]), self.cpu_s)


def try_all(question: Code, tried: Sequence[Mutant], sandbox: Runs, workers: int) -> list[Fate]:
    """The fate of each mutant. Raises `BrokenQuestion` where the reference itself does not pass, and `SandboxError`."""
    groups = _groups(question, sandbox)
    kills: Counter[str] = Counter()  # by the name of the case
    fates: list[Fate] = []
    with ThreadPoolExecutor(workers, thread_name_prefix="mutants") as pool:
        for start in range(0, len(tried), _BATCH):
            fate_of = partial(_fate, question, sandbox, [group.ordered(kills) for group in groups])
            for fate, killer in pool.map(fate_of, tried[start : start + _BATCH]):
                fates.append(fate)
                kills[killer] += 1
    return fates


def _groups(question: Code, sandbox: Runs) -> list[_Group]:
    cases = _cases(question, sandbox)
    run = run_retrying(sandbox, _job(question, question.reference, _Group(cases, question.limits.time_s)))
    for case, call in zip(cases, run.calls, strict=True):
        if (judged := judge_call(question, case, call)).verdict is not Verdict.accepted:
            verdict = named(judged.verdict.value)
            raise BrokenQuestion(
                phrase("the reference fails its own case %(case)s: %(verdict)s", case=case.name, verdict=verdict)
            )
    limits_s = [TIME_FACTOR * call.cpu_ms / 1000 for call in run.calls]
    quick = [case for case, limit_s in zip(cases, limits_s, strict=True) if limit_s <= LEAST_CPU_S]
    slow = [case for case, limit_s in zip(cases, limits_s, strict=True) if limit_s > LEAST_CPU_S]
    groups = (_Group(quick, LEAST_CPU_S), _Group(slow, min(max(limits_s), question.limits.time_s)))
    return [group for group in groups if group.cases]


def _cases(question: Code, sandbox: Runs) -> list[Case]:
    """Of all seeds, each once: many are the same for every seed."""
    found: dict[str, list[Case]] = {}
    for seed in SEEDS:
        for case in prepare(question, sandbox, seed).cases:
            alike = found.setdefault(case.name, [])
            if not any(same_bits(case.args, known.args) for known in alike):
                alike.append(case)
    return [case for alike in found.values() for case in alike]


@dataclass
class _Watch:
    """Judges calls as they end, up to the first that fails."""

    question: Code
    cases: Sequence[Case]
    fate: Fate = Fate.survived
    killer: str = ""

    def hear(self, index: int, call: Call) -> None:
        if not self.is_over():
            case = self.cases[index]
            verdict = judge_call(self.question, case, call).verdict
            self.fate, self.killer = _FATE_OF.get(verdict, Fate.error), case.name

    def is_over(self) -> bool:
        return self.fate is not Fate.survived


def _fate(question: Code, sandbox: Runs, groups: Sequence[_Group], mutant: Mutant) -> tuple[Fate, str]:
    """What becomes of a mutant, and the name of the case that killed it, if one did."""
    for group in groups:
        watch = _Watch(question, group.cases)
        run = run_retrying(sandbox, _job(question, mutant.source, group), watch.hear, watch.is_over)
        if watch.is_over():
            return watch.fate, watch.killer
        if run.load is not Ending.RETURNED:
            return (Fate.time if run.load is Ending.TIME_LIMIT else Fate.error), ""
    return Fate.survived, ""


def _job(question: Code, source: str, group: _Group) -> Job:
    limits = Limits(
        cpu_s=group.cpu_s,
        wall_s=max(2.0, 5 * group.cpu_s),
        memory_mib=question.limits.memory_mib,
        result_bytes=RESULT_BYTES,
    )
    forbidden = question.contract.mutation == "forbidden"
    return job_of(question, source, [case.args for case in group.cases], limits, return_args=forbidden)
