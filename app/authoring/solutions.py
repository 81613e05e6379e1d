"""Code questions put to the proof, by grading the question's own code as a learner's is graded.

The reference passes its own cases, twice the same; the starter fails; every accepted solution is accepted; every wrong
one gets exactly the verdict it declares and, where that is `wrong_answer`, is recognised as itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from app.authoring.findings import NotChecked, at
from app.authoring.owed import owed
from app.bank.catalog import Entry
from app.bank.findings import Finding
from app.bank.schema import Code, FailVerdict, WrongSolution
from app.bank.yaml_source import PathKey
from app.grading import static
from app.grading.cases import PreparedCases, Runs, draw_fresh, prepare
from app.grading.code import grade_code
from app.grading.compare import same_bits
from app.grading.verdict import BrokenQuestion, Report, Verdict, named
from app.languages import Message, Phrase, phrase
from app.sandbox import lines_of

SEEDS = (0, 1, 2)
MARGIN = 2.0  # by which what is accepted keeps clear of a limit in times of the reference's, and what is too slow, too


def check_code(entry: Entry, question: Code, sandbox: Runs) -> Iterator[Finding | NotChecked]:
    """Every fault of a code question that running its own code shows."""
    if not sandbox.available(question.lib):
        yield NotChecked(question.id, phrase("%(lib)s is not installed", lib=question.lib))
        return
    yield from (
        list(_refused_faults(entry, question))
        or list(_case_faults(entry, question, sandbox))
        or list(_solution_faults(entry, question, sandbox))
        or owed(entry, question, *(prepare(question, sandbox, seed) for seed in SEEDS[:2]))
    )


def _refused_faults(entry: Entry, question: Code) -> Iterator[Finding]:
    """Imports and calls that the question's own rules refuse in code that must be accepted, and in the starter."""
    codes: list[tuple[PathKey, Phrase, str]] = [
        (("reference",), phrase("the reference"), question.reference),
        (("starter",), phrase("the starter"), question.starter),
        *(
            (
                ("accepted", number, "code"),
                phrase("the accepted solution '%(name)s'", name=solution.name),
                solution.code,
            )
            for number, solution in enumerate(question.accepted)
        ),
    ]
    for field, whose, code in codes:
        for found in static.examine(code, question.allowed_imports, question.forbidden_calls):
            offset = sum(map(len, lines_of(code)[: found.line - 1])) + found.column - 1
            message = phrase("%(whose)s is refused for %(found)s", whose=whose, found=found.name)
            yield at(
                entry, field, message, phrase("do without it, or mend 'allowed_imports' or 'forbidden_calls'"), offset
            )


def _case_faults(entry: Entry, question: Code, sandbox: Runs) -> Iterator[Finding]:
    try:
        for seed in SEEDS:
            if not _same(prepare(question, sandbox, seed), prepare(_twin(question), sandbox, seed)):
                message = phrase("two runs with seed %(seed)s give different cases or different results", seed=seed)
                yield at(
                    entry, ("cases",), message, phrase("take every random number from 'rng', and none in the reference")
                )
                return
            draw_fresh(question, sandbox, seed)
    except BrokenQuestion as error:
        told = error.told
        field = "reference" if "reference" in told else "cases"
        yield at(
            entry, (field,), told, phrase("mend 'cases' or 'reference', so that every case has its result and title")
        )


def _twin(question: Code) -> Code:
    """The same question to the grader, but not to its cache of prepared cases."""
    return question.model_copy(update={"tags": (*question.tags, "twin")})


def _same(first: PreparedCases, second: PreparedCases) -> bool:
    return [case.name for case in first.cases] == [case.name for case in second.cases] and all(
        same_bits(a.args, b.args) and same_bits(a.expected, b.expected) and (a.error, a.hidden) == (b.error, b.hidden)
        for a, b in zip(first.cases, second.cases, strict=True)
    )


def _solution_faults(entry: Entry, question: Code, sandbox: Runs) -> Iterator[Finding]:
    def graded(source: str, seed: int) -> Report:
        return grade_code(question, source, sandbox=sandbox, mode="submit", seed=seed)

    if why := _refusal(graded, question.reference):
        yield at(
            entry,
            ("reference",),
            phrase("the reference fails its own cases: %(why)s", why=why),
            phrase("mend it or the cases"),
        )
    if graded(question.starter, SEEDS[0]).verdict is Verdict.accepted:
        yield at(entry, ("starter",), phrase("the starter passes every case"), phrase("leave the work to the learner"))
    for number, solution in enumerate(question.accepted):
        if why := _refusal(graded, solution.code):
            message = phrase("the accepted solution '%(solution)s' fails: %(why)s", solution=solution.name, why=why)
            yield at(entry, ("accepted", number, "code"), message, phrase("mend it, the cases or the contract"))
    for number, wrong in enumerate(question.wrong):
        if fault := _wrong_fault(wrong, graded):
            yield at(
                entry,
                ("wrong", number, "verdict"),
                phrase("the wrong solution '%(wrong)s' %(fault)s", wrong=wrong.name, fault=fault[0]),
                fault[1],
            )


def _refusal(graded: Callable[[str, int], Report], source: str) -> Phrase | None:
    """Why `source` is not accepted, or only just: near a limit for every seed, which noise alone is not."""
    near: list[Phrase | None] = []
    for seed in SEEDS:
        report = graded(source, seed)
        if report.score < 1:
            return _told(report)
        near.append(_near_its_limit(report))
    return near[0] if all(near) else None


def _wrong_fault(wrong: WrongSolution, graded: Callable[[str, int], Report]) -> tuple[Phrase, Phrase] | None:
    """What a wrong solution gets that it should not, and how that is mended."""
    # A time limit is reached the same way for every seed, and costs the whole limit each time.
    for seed in SEEDS[:1] if wrong.verdict is FailVerdict.time_limit else SEEDS:
        report = graded(wrong.code, seed)
        if report.verdict.value != wrong.verdict.value:
            return (
                phrase("must get %(due)s, not %(told)s", due=named(wrong.verdict.value), told=_told(report)),
                phrase("add a case that catches it, or mend the verdict"),
            )
        known = report.recognised.name if report.recognised else None
        if wrong.verdict is FailVerdict.wrong_answer and known != wrong.name:
            mend = phrase("add a case that tells them apart, or leave one out")
            return phrase(
                "gives the results of another one (seed %(seed)s), so that its note is never shown", seed=seed
            ), mend
        if told := _hardly_too_slow(report):
            return phrase("is hardly too slow: %(told)s", told=told), phrase(
                "make the case larger, and 'time_s' with it"
            )
    return None


def _near_its_limit(report: Report) -> Phrase | None:
    """Which case took so long that on a busier machine it might be too long."""
    for case in report.cases:
        if case.cpu_limit_ms is not None and MARGIN * case.cpu_ms > case.cpu_limit_ms:
            return phrase(
                "case %(case)s takes %(ms)s ms of the %(limit_ms)s that it allows",
                case=case.name,
                ms=round(case.cpu_ms),
                limit_ms=round(case.cpu_limit_ms),
            )
    return None


def _hardly_too_slow(report: Report) -> Phrase | None:
    """Which case took so little over its limit that on another machine it might pass."""
    for case in report.cases:
        if case.verdict is Verdict.time_limit and case.cpu_limit_ms and case.cpu_ms < MARGIN * case.cpu_limit_ms:
            return phrase(
                "case %(case)s takes %(ms)s ms where %(limit_ms)s are allowed",
                case=case.name,
                ms=round(case.cpu_ms),
                limit_ms=round(case.cpu_limit_ms),
            )
    return None


def _told(report: Report) -> Phrase:
    """`wrong_answer (seed 1, case touching: …)`."""
    case = next((case for case in report.cases if case.verdict is not Verdict.accepted), None)
    why = case.message if case else report.message
    told = Message(*(" ".join(text.split())[:200] for text in (why.en, why.zh)))
    verdict = named(report.verdict.value)
    if case is None:
        return phrase("%(verdict)s (seed %(seed)s: %(why)s)", verdict=verdict, seed=report.seed, why=told)
    return phrase(
        "%(verdict)s (seed %(seed)s, case %(case)s: %(why)s)",
        verdict=verdict,
        seed=report.seed,
        case=case.name,
        why=told,
    )
