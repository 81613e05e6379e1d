"""The mutant gate: a coding question's cases must tell its reference from every one-edit mutant of it.

A mutant that the cases accept is a survivor: a fault of the question, unless it is waived with a reason.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from app.authoring.fates import Fate, try_all
from app.authoring.findings import NotChecked, at
from app.authoring.mutants import ANY, CAP, Mutant, mutants, sample
from app.bank.catalog import Entry
from app.bank.findings import Finding
from app.bank.schema import Code
from app.grading.cases import Runs
from app.grading.verdict import BrokenQuestion
from app.languages import NOTHING, Phrase, phrase

DUE_SHARE = 0.98  # of the mutants that are not waived, over the bank


@dataclass(frozen=True)
class Figures:
    """Of the mutants `made` of a question's reference, the fates of those `tried` (waived ones are always tried)."""

    question: str
    made: int
    tried: int
    wrong_answer: int
    error: int
    time: int
    waived: tuple[str, ...]
    survivors: tuple[str, ...]

    @property
    def killed(self) -> int:
        return self.wrong_answer + self.error + self.time

    def __str__(self) -> str:
        tried = f"{self.tried} mutants" if self.tried == self.made else f"{self.tried} of {self.made} mutants"
        kinds = f"{self.wrong_answer} by wrong answers, {self.error} by errors, {self.time} by time"
        rest = [f"{len(self.waived)} waived"] * bool(self.waived) + [f"{len(self.survivors)} survive"] * bool(
            self.survivors
        )
        return ", ".join([f"{self.question}: {tried}, {self.killed} killed ({kinds})", *rest])


@dataclass(frozen=True)
class Totals:
    """Figures over several questions. `share`: the killed among those not waived; 1 where there are none."""

    tried: int
    killed: int
    waived: int
    survive: int
    share: float

    def __str__(self) -> str:
        return (
            f"{self.tried} mutants: {self.killed} killed, {self.waived} waived, {self.survive} survive; "
            f"{self.share:.1%} of those not waived are killed, {DUE_SHARE:.0%} are due"
        )

    def findings(self, questions_dir: Path) -> Iterator[Finding]:
        """The bank's fault, if too few are killed."""
        if self.share < DUE_SHARE:
            message = phrase(
                "only %(share)s of the mutants that are not waived are killed; %(due_share)s are due",
                share=f"{self.share:.1%}",
                due_share=f"{DUE_SHARE:.0%}",
            )
            yield Finding(questions_dir, 1, 1, NOTHING, message, phrase("kill or waive the survivors told of"))


def totals(figures: Sequence[Figures]) -> Totals:
    killed, survive = sum(it.killed for it in figures), sum(len(it.survivors) for it in figures)
    return Totals(
        tried=sum(it.tried for it in figures),
        killed=killed,
        waived=sum(len(it.waived) for it in figures),
        survive=survive,
        share=killed / (killed + survive) if killed + survive else 1.0,
    )


def check_mutants(
    entry: Entry, question: Code, sandbox: Runs, workers: int
) -> Iterator[Finding | NotChecked | Figures]:
    """Survivors that are not waived, waivers of none, and the figures at the end."""
    if not sandbox.available(question.lib):
        yield NotChecked(question.id, phrase("%(lib)s is not installed", lib=question.lib))
        return
    made = mutants(question.reference)
    waivers = [[mutant.id for mutant in made if _matches(it.mutant, mutant)] for it in question.waived_mutants]
    forgiven = {mutant for waiver in waivers for mutant in waiver}
    chosen = {mutant.id for mutant in sample(made, CAP)} | forgiven
    tried = [mutant for mutant in made if mutant.id in chosen]
    try:
        found = try_all(question, tried, sandbox, workers)
    except BrokenQuestion as error:
        yield at(entry, ("reference",), error.told, phrase("mend the reference or the cases"))
        return
    fates = {mutant.id: fate for mutant, fate in zip(tried, found, strict=True)}
    for mutant in tried:
        if fates[mutant.id] is Fate.survived and mutant.id not in forgiven:
            yield _survivor(entry, mutant)
    for place, waiver in enumerate(waivers):
        if why := _stale([fates[mutant] for mutant in waiver]):
            message = phrase("'%(mutant)s' %(why)s", mutant=question.waived_mutants[place].mutant, why=why)
            yield at(entry, ("waived_mutants", place, "mutant"), message, phrase("remove the waiver"))
    yield _figures(question.id, len(made), fates, forgiven)


def _stale(fates: Sequence[Fate]) -> Phrase | None:
    """Why a waiver of mutants with these fates is not needed. One that is only slow may end either way."""
    if not fates:
        return phrase("is no mutant of the reference")
    return None if {Fate.survived, Fate.time} & set(fates) else phrase("is killed by the cases")


def _figures(question: str, made: int, fates: Mapping[str, Fate], forgiven: Set[str]) -> Figures:
    count = Counter(fates.values())
    alive = [mutant for mutant, fate in fates.items() if fate is Fate.survived]
    return Figures(
        question=question,
        made=made,
        tried=len(fates),
        wrong_answer=count[Fate.wrong_answer],
        error=count[Fate.error],
        time=count[Fate.time],
        waived=tuple(mutant for mutant in alive if mutant in forgiven),
        survivors=tuple(mutant for mutant in alive if mutant not in forgiven),
    )


def _matches(pattern: str, mutant: Mutant) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split(ANY))), mutant.id) is not None


def _survivor(entry: Entry, mutant: Mutant) -> Finding:
    found = at(entry, ("reference",), phrase("this mutant of the reference passes every case"), NOTHING, mutant.offset)
    mend = phrase(
        "add a case on which they differ, or waive it\n"
        "    %(line)s - %(before)s\n    %(line)s + %(after)s\n"
        '    mutant: "%(mutant)s"',
        line=found.line,
        before=mutant.before,
        after=mutant.after,
        mutant=mutant.id,
    )
    return replace(found, mend=mend)
