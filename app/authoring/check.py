"""The bank's gate, `whetstone check`: what is written is well formed, and what it claims is true.

Each question by itself: the loader reads it (schema, names), `bank.checks` its texts, formulas and expressions; where
that is sound, every numeric question is compared with its oracle and every code question with its own solutions, in the
sandbox, and the cases of a code question must tell its reference from mutants of it (`mutant_gate`). Then the bank as a
whole: the map itself (`topic_map`), what it asks for (`gaps`), the glossary's words (`wording`), what the form of
choices gives away (`form`). These cost a second and are never remembered. What fails here must not be published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from app.authoring.coverage import Coverage, coverage
from app.authoring.findings import NotChecked
from app.authoring.form import Form, form_findings, forms
from app.authoring.gaps import gaps
from app.authoring.interviews import interview_findings
from app.authoring.mutant_gate import Figures, check_mutants, totals
from app.authoring.oracles import check_numeric
from app.authoring.passed import Passed
from app.authoring.solutions import check_code
from app.authoring.starters import left_over
from app.authoring.topic_map import map_findings
from app.authoring.wording import english_findings, title_findings, wording_findings
from app.bank.catalog import Bank, Entry
from app.bank.checks import static_findings
from app.bank.findings import Finding
from app.bank.glossary import load_glossary
from app.bank.loader import load_bank
from app.bank.schema import Code, Numeric, Status
from app.grading.cases import Runs
from app.languages import NOTHING, phrase

Said = Finding | NotChecked | Figures


@dataclass(frozen=True)
class Progress:
    """One question is through: the `done`-th of `total`. `kept` tells that an earlier pass still holds."""

    done: int
    total: int
    question: str
    kept: bool
    faults: int


@dataclass(frozen=True)
class Result:
    """What the gate found. `findings` are faults; `not_checked` are questions whose claim could not be proved here.

    Of the `questions` asked for, `checked` were checked now without a fault, and `kept` passed before. `mutants` are
    those of the coding questions among them. `coverage` and `form` are of the whole bank, whatever was asked for.
    """

    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    questions: int
    checked: int
    kept: int
    coverage: Coverage
    form: tuple[Form, ...]
    mutants: tuple[Figures, ...]

    @property
    def passed(self) -> bool:
        return not self.findings

    def as_json(self) -> dict[str, object]:
        return {
            "passed": self.passed,
            "findings": [asdict(finding) | {"path": str(finding.path)} for finding in self.findings],
            "not_checked": [asdict(question) for question in self.not_checked],
            "questions": self.questions,
            "checked": self.checked,
            "kept": self.kept,
            "coverage": asdict(self.coverage),
            "form": [asdict(figures) for figures in self.form],
            "mutants": asdict(totals(self.mutants)) | {"questions": [asdict(figures) for figures in self.mutants]},
        }


@dataclass
class _Tally:
    findings: list[Finding] = field(default_factory=list)
    not_checked: list[NotChecked] = field(default_factory=list)
    mutants: list[Figures] = field(default_factory=list)
    checked: int = 0
    kept: int = 0


def check(
    paths: Sequence[Path],
    questions_dir: Path,
    sandbox: Runs,
    cache_dir: Path | None,
    *,
    fresh: bool = False,
    only_mutants: bool = False,
    workers: int = 2,
    on_progress: Callable[[Progress], None] | None = None,
) -> Result:
    """Check the questions in `paths` (files or folders of the bank; empty means all of it).

    Passes are remembered in `cache_dir` and not run again until the question or what judges it changes; `fresh` forgets
    them. `only_mutants` leaves out all but the mutant gate of the coding questions, and remembers nothing.
    Raises `SandboxError` if the sandbox does not stand.
    """
    bank, findings = load_bank(questions_dir, None)
    findings += map_findings(questions_dir, bank.topics)
    chosen = _Chosen(paths, questions_dir)
    tally = _Tally([*chosen.faults(), *(finding for finding in findings if finding.path in chosen)])
    entries = [entry for entry in bank.questions.values() if entry.path in chosen]
    figures = forms(bank)
    if only_mutants:
        entries = [entry for entry in entries if entry.question.kind == "code"]
        cache_dir = None
    else:
        unsound = {finding.path for finding in findings}
        tally.findings += _of_the_whole(bank, entries, figures, questions_dir, chosen, unsound)

    def check_one(entry: Entry) -> list[Said]:
        return list(check_entry(entry, sandbox, workers, only_mutants=only_mutants))

    _check_all(entries, check_one, Passed(cache_dir, fresh=fresh), workers, tally, on_progress)
    if not paths:
        tally.findings += totals(tally.mutants).findings(questions_dir)
    return _result(bank, entries, figures, tally)


def check_entry(entry: Entry, sandbox: Runs, workers: int, *, only_mutants: bool = False) -> Iterator[Said]:
    """Every fault of one question. A draft or retired one must be well formed, but need not hold."""
    faults = static_findings(entry)
    yield from faults
    if faults or entry.question.status not in (Status.ready, Status.published):
        return
    if left := list(left_over(entry)):
        yield from left
        return
    for proof in proofs(entry, sandbox, workers):
        if only_mutants and proof.step != "mutants":
            continue
        said = list(proof.run())
        yield from said
        if said:
            return


@dataclass(frozen=True)
class Proof:
    """One way of putting a question's claims to the proof by running code."""

    step: Literal["oracle", "solutions", "mutants"]
    run: Callable[[], Iterable[Said]]


def proofs(entry: Entry, sandbox: Runs, workers: int) -> tuple[Proof, ...]:
    """What the question's kind is proved by, in order; each counts only where the ones before found nothing."""
    match entry.question:
        case Numeric() as numeric:
            return (Proof("oracle", lambda: check_numeric(entry, numeric, sandbox)),)
        case Code() as code:
            return (
                Proof("solutions", lambda: check_code(entry, code, sandbox)),
                Proof("mutants", lambda: check_mutants(entry, code, sandbox, workers)),
            )
        case _:
            return ()


def _of_the_whole(
    bank: Bank,
    entries: Sequence[Entry],
    figures: Sequence[Form],
    questions_dir: Path,
    chosen: _Chosen,
    unsound: Set[Path],
) -> Iterator[Finding]:
    """What only the whole bank shows, as far as it concerns what was asked for.

    Of topics whose file is `unsound` gaps are not told: they may only echo its faults.
    """
    glossary, findings = load_glossary(questions_dir)
    yield from (finding for finding in findings if finding.path in chosen)
    files = {topic.id: questions_dir / topic.area / f"{topic.id}.yaml" for topic in bank.topics.values()}
    topics = {topic for topic, path in files.items() if path in chosen and path not in unsound}
    yield from gaps(bank, questions_dir, topics)
    yield from english_findings(bank, glossary, questions_dir, topics)
    yield from wording_findings(entries, glossary)
    if questions_dir / "topics.yaml" in chosen:
        yield from title_findings(bank, glossary, questions_dir)
    yield from form_findings(entries, figures)
    yield from interview_findings(questions_dir, bank, chosen)


def _check_all(
    entries: Sequence[Entry],
    check_one: Callable[[Entry], list[Said]],
    passed: Passed,
    workers: int,
    tally: _Tally,
    on_progress: Callable[[Progress], None] | None,
) -> None:
    """Check what has not passed before, `workers` questions at a time, and tell of each in order."""

    def checked(entry: Entry) -> list[Said] | None:
        return None if entry in passed else check_one(entry)

    with ThreadPoolExecutor(workers, thread_name_prefix="check") as pool:
        try:
            for done, (entry, said) in enumerate(zip(entries, pool.map(checked, entries), strict=True), start=1):
                faults = _count(entry, said, passed, tally)
                if on_progress:
                    on_progress(Progress(done, len(entries), entry.question.id, said is None, faults))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            passed.save()


def _count(entry: Entry, said: Sequence[Said] | None, passed: Passed, tally: _Tally) -> int:
    """Take down what was said of a question, None if it passed before; the number of faults."""
    if said is None:
        tally.kept += 1
        tally.mutants += passed.mutants(entry)
        return 0
    faults = [one for one in said if isinstance(one, Finding)]
    not_checked = [one for one in said if isinstance(one, NotChecked)]
    figures = [one for one in said if isinstance(one, Figures)]
    tally.findings += faults
    tally.not_checked += not_checked
    tally.mutants += figures
    if faults or not_checked:
        passed.discard(entry)
    else:
        tally.checked += 1
        passed.add(entry, figures)
    return len(faults)


def _result(bank: Bank, entries: Sequence[Entry], figures: Sequence[Form], tally: _Tally) -> Result:
    return Result(
        findings=tuple(sorted(tally.findings)),
        not_checked=tuple(tally.not_checked),
        questions=len(entries),
        checked=tally.checked,
        kept=tally.kept,
        coverage=coverage(bank),
        form=tuple(figures),
        mutants=tuple(tally.mutants),
    )


class _Chosen:
    """The files that were asked for."""

    def __init__(self, paths: Sequence[Path], questions_dir: Path) -> None:
        self._bank = questions_dir.resolve()
        self._given = list(paths)
        self._roots = [path.resolve() for path in paths] or [self._bank]

    def __contains__(self, path: object) -> bool:
        return isinstance(path, Path) and any(path.resolve().is_relative_to(root) for root in self._roots)

    def faults(self) -> Iterator[Finding]:
        """Paths that name nothing to check."""
        for given, root in zip(self._given, self._roots, strict=False):
            if not root.exists():
                yield Finding(given, 1, 1, NOTHING, phrase("there is no such file or folder"), phrase("check the path"))
            elif not (root.is_relative_to(self._bank) or self._bank.is_relative_to(root)):
                mend = phrase("move it there, or point WHETSTONE_QUESTIONS_DIR at its bank")
                yield Finding(
                    given, 1, 1, NOTHING, phrase("it lies outside the question bank %(bank)s", bank=self._bank), mend
                )
