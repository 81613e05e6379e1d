"""What a published coding question owes its learner, counted: cases, mistakes, styles, hints, a picture, a speed case.

Whether what is there holds is `solutions`' to prove; this asks whether it is there. Where one of the things that may be
left out makes no sense, `without` says why.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.authoring.findings import at
from app.bank.catalog import Entry
from app.bank.findings import Finding
from app.bank.schema import Code, FailVerdict
from app.bank.schema.code import NUMBERED
from app.bank.yaml_source import PathKey
from app.grading.cases import PreparedCases
from app.grading.compare import same_bits
from app.languages import Phrase, phrase

HINTS = 2
LEAST_WRONG, LEAST_ACCEPTED, LEAST_HIDDEN, LEAST_FOLLOW_UPS = 4, 2, 8, 1

_Owed = tuple[PathKey, Phrase, Phrase]


def owed(entry: Entry, question: Code, one: PreparedCases, other: PreparedCases) -> Iterator[Finding]:
    """What is missing. `one` and `other` are its cases for two seeds."""
    for field, message, mend in (*_parts(question), *_cases(question, one, other), *_speed(question, one)):
        yield at(entry, field, message, mend)


def _parts(question: Code) -> Iterator[_Owed]:
    if (count := len(question.hints)) != HINTS:
        yield (
            ("hints",),
            phrase("%(count)s hints", count=count),
            phrase("give exactly %(hints)s: where to look, then nearly the way", hints=HINTS),
        )
    if question.complexity is None:
        yield (
            ("complexity",),
            phrase("the reference's complexity is missing"),
            phrase("add it: it is shown with the solution"),
        )
    if (count := len(question.wrong)) < LEAST_WRONG:
        mend = phrase("give at least %(least_wrong)s mistakes that people really make", least_wrong=LEAST_WRONG)
        yield (("wrong",), phrase("%(count)s wrong solutions", count=count), mend)
    if (count := len(question.accepted)) < LEAST_ACCEPTED:
        yield (
            ("accepted",),
            phrase("%(count)s accepted solutions", count=count),
            phrase("give at least %(least_accepted)s, in different styles", least_accepted=LEAST_ACCEPTED),
        )
    if len(question.follow_ups) < LEAST_FOLLOW_UPS:
        yield (("follow_ups",), phrase("no follow-up question"), phrase("add what an interviewer would ask next"))
    if question.picture == "none" and "picture" not in question.without:
        yield (
            ("picture",),
            phrase("no picture of a failing case"),
            phrase("choose one, or say in 'without.picture' why not"),
        )
    if question.picture != "none" and "picture" in question.without:
        yield (("without", "picture"), phrase("there is a picture"), phrase("leave the reason out"))


def _cases(question: Code, one: PreparedCases, other: PreparedCases) -> Iterator[_Owed]:
    if (count := sum(case.hidden for case in one.cases)) < LEAST_HIDDEN:
        yield (
            ("cases",),
            phrase("%(count)s hidden cases", count=count),
            phrase("give at least %(least_hidden)s: every edge, and random ones", least_hidden=LEAST_HIDDEN),
        )
    names = {name for case in one.cases for name in (case.name, NUMBERED.sub("", case.name))}
    for name in question.case_titles:
        if name not in names:
            yield (
                ("case_titles", name),
                phrase("no case has the title '%(name)s'", name=name),
                phrase("add the case, or remove the title"),
            )
    if all(same_bits(a.args, b.args) for a, b in zip(one.cases, other.cases, strict=False)):
        yield (
            ("cases",),
            phrase("every case is the same for every seed"),
            phrase("draw some from 'rng': fixed ones can be learnt"),
        )


def _speed(question: Code, prepared: PreparedCases) -> Iterator[_Owed]:
    """A case that the naive complexity fails, proved by a solution that has it."""
    timed = [case for case in prepared.cases if case.times_reference is not None]
    if not timed and "performance" not in question.without:
        mend = phrase("measure one with 'times_reference', or say in 'without.performance' why speed is no matter")
        yield (("cases",), phrase("no performance case"), mend)
    if timed and "performance" in question.without:
        yield (("without", "performance"), phrase("there is a performance case"), phrase("leave the reason out"))
    if timed and not any(wrong.verdict is FailVerdict.time_limit for wrong in question.wrong):
        mend = phrase("add the naive one to 'wrong' with 'verdict: time_limit'")
        yield (("wrong",), phrase("no slow solution proves the performance case"), mend)
    for case in timed:
        if case.cpu_limit_ms(question.limits.time_s) is None:
            message = phrase(
                "case %(case)s allows more than 'time_s' does: the reference takes %(reference_ms)s ms",
                case=case.name,
                reference_ms=f"{case.reference_ms:.0f}",
            )
            yield (("limits",), message, phrase("make the case smaller, or 'time_s' larger"))
