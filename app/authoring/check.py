"""The bank's gate, `whetstone check`: what is written is well formed, and what it claims is true.

Form is the bank's own: the loader's (schema, translations, names) and `checks` (texts, formulas, expressions); what
only the whole topic map shows is `topic_map`'s. Here, where the form is sound, every numeric question is compared with
its oracle and every code question with its own solutions, in the sandbox. What fails here must not be published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

from app.authoring.coverage import Coverage, coverage
from app.authoring.findings import NotChecked
from app.authoring.oracles import check_numeric
from app.authoring.passed import Passed
from app.authoring.solutions import check_code
from app.authoring.topic_map import map_findings
from app.bank.catalog import Bank, Entry
from app.bank.checks import static_findings
from app.bank.findings import Finding
from app.bank.loader import load_bank
from app.bank.schema import Code, Numeric, Status
from app.grading.cases import Runs


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

    Of the `questions` asked for, `checked` were checked now without a fault, and `kept` passed before.
    """

    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    questions: int
    checked: int
    kept: int
    coverage: Coverage

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
        }


@dataclass
class _Tally:
    findings: list[Finding] = field(default_factory=list)
    not_checked: list[NotChecked] = field(default_factory=list)
    checked: int = 0
    kept: int = 0


def check(
    paths: Sequence[Path],
    questions_dir: Path,
    sandbox: Runs,
    cache_dir: Path | None,
    *,
    fresh: bool = False,
    workers: int = 2,
    on_progress: Callable[[Progress], None] | None = None,
) -> Result:
    """Check the questions in `paths` (files or folders of the bank; empty means all of it).

    Passes are remembered in `cache_dir` and not run again until the question or what judges it changes; `fresh` forgets
    them.
    Raises `SandboxError` if the sandbox does not stand.
    """
    bank, findings = load_bank(questions_dir, None)
    findings += map_findings(questions_dir, bank.topics)
    chosen = _Chosen(paths, questions_dir)
    tally = _Tally([*chosen.faults(), *(finding for finding in findings if finding.path in chosen)])
    entries = [entry for entry in bank.questions.values() if entry.path in chosen]
    _check_all(entries, sandbox, Passed(cache_dir, fresh=fresh), workers, tally, on_progress)
    return _result(bank, entries, tally)


def check_entry(entry: Entry, sandbox: Runs) -> Iterator[Finding | NotChecked]:
    """Every fault of one question. A draft or retired one must be well formed, but need not hold."""
    faults = static_findings(entry)
    yield from faults
    if faults or entry.question.status not in (Status.ready, Status.published):
        return
    match entry.question:
        case Numeric() as question:
            yield from check_numeric(entry, question, sandbox)
        case Code() as question:
            yield from check_code(entry, question, sandbox)
        case _:
            return


def _check_all(
    entries: Sequence[Entry],
    sandbox: Runs,
    passed: Passed,
    workers: int,
    tally: _Tally,
    on_progress: Callable[[Progress], None] | None,
) -> None:
    """Check what has not passed before, `workers` questions at a time, and tell of each in order."""

    def checked(entry: Entry) -> list[Finding | NotChecked] | None:
        return None if entry in passed else list(check_entry(entry, sandbox))

    with ThreadPoolExecutor(workers, thread_name_prefix="check") as pool:
        try:
            for done, (entry, said) in enumerate(zip(entries, pool.map(checked, entries), strict=True), start=1):
                faults = [one for one in said or () if isinstance(one, Finding)]
                tally.findings += faults
                tally.not_checked += [one for one in said or () if isinstance(one, NotChecked)]
                tally.kept += said is None
                tally.checked += said == []
                if said:
                    passed.discard(entry)
                else:
                    passed.add(entry)
                if on_progress:
                    on_progress(Progress(done, len(entries), entry.question.id, said is None, len(faults)))
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            passed.save()


def _result(bank: Bank, entries: Sequence[Entry], tally: _Tally) -> Result:
    return Result(
        findings=tuple(sorted(tally.findings)),
        not_checked=tuple(tally.not_checked),
        questions=len(entries),
        checked=tally.checked,
        kept=tally.kept,
        coverage=coverage(bank),
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
                yield Finding(given, 1, 1, "", "there is no such file or folder", "check the path")
            elif not (root.is_relative_to(self._bank) or self._bank.is_relative_to(root)):
                mend = "move it there, or point WHETSTONE_QUESTIONS_DIR at its bank"
                yield Finding(given, 1, 1, "", f"it lies outside the question bank {self._bank}", mend)
