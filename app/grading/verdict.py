"""What grading says: the verdicts, a report of cases, and messages that exist in both languages.

Owns the values that cross the border to the web, the command line and the database (`Report.model_dump_json` and
`Report.model_validate_json` are loss-free). How a verdict is reached is `code`'s, how it looks is the web's.
"""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from app.bank.schema import Lang, Text
from app.languages import Message, Phrase, as_is, phrase


class Verdict(StrEnum):
    """The outcome of a code submission. `internal_error` is our fault and never costs the learner anything."""

    accepted = "accepted"
    wrong_answer = "wrong_answer"
    runtime_error = "runtime_error"
    compile_error = "compile_error"
    time_limit = "time_limit"
    memory_limit = "memory_limit"
    output_limit = "output_limit"
    forbidden = "forbidden"
    internal_error = "internal_error"


NOTHING = Message("", "")


class BrokenQuestion(Exception):  # noqa: N818 (names what is broken)
    """The question itself is at fault (its reference, cases or expressions), so nobody's answer can be judged.

    `told` says what is wrong, `of` which question, where that is not plain.
    """

    def __init__(self, told: Phrase, of: str = "") -> None:
        super().__init__(f"{of}: {told}" if of else told)
        self.told = told


_NAMES = (
    phrase("accepted"),
    phrase("wrong_answer"),
    phrase("runtime_error"),
    phrase("compile_error"),
    phrase("time_limit"),
    phrase("memory_limit"),
    phrase("output_limit"),
    phrase("forbidden"),
    phrase("internal_error"),
    phrase("returned"),
    phrase("raised"),
    phrase("crashed"),
    phrase("exited"),
    phrase("not_run"),
)


def named(verdict: str) -> Phrase:
    """A verdict, or how the sandbox ended a call, as authors write it and are told it; an exception's name as it is."""
    return next((name for name in _NAMES if name == verdict), None) or as_is(verdict)


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CaseReport(_Value):
    """One case of a submission. Times in milliseconds, `peak_mib` what the call added to the warm interpreter.

    `cpu_limit_ms` is there where the case is measured against the reference's time.

    `diff` (what is due against what was returned) and the picture are there for the first failing visible
    and the first failing hidden case only. What a hidden case keeps to itself (`KEPT`) is in the report as it is
    stored; `Report.shown` takes it out for as long as it is not due.
    """

    name: str
    title: Text | None
    verdict: Verdict
    wall_ms: float = 0.0
    cpu_ms: float = 0.0
    cpu_limit_ms: float | None = None
    peak_mib: float = 0.0
    message: Message = NOTHING
    stdout: str = ""
    hidden: bool = False
    picture_svg: Message | None = None
    args_preview: str | None = None
    got_preview: str | None = None
    expected_preview: str | None = None
    diff: str | None = None
    reveals_after: int = 3  # tries after which a hidden case shows what it keeps
    tries_left: int = 0  # until then; 0 for what is shown

    def shown(self, tries: float) -> CaseReport:
        """The case as it may be seen after so many tries."""
        left = int(max(0, self.reveals_after - tries)) if self.hidden else 0
        return self.model_copy(update={"tries_left": left} | (dict.fromkeys(KEPT) if left else {}))

    def covered(self) -> CaseReport:
        """Only whether it passed, and what the learner's own code said as it broke."""
        told = NOTHING if self.verdict is Verdict.wrong_answer else self.message
        return self.model_copy(update=dict.fromkeys(KEPT) | {"message": told})

    def as_json(self, lang: Lang) -> dict[str, object]:
        return {
            "name": self.name,
            "title": self.title.in_(lang) if self.title else self.name,
            "verdict": self.verdict.value,
            "wall_ms": round(self.wall_ms, 3),
            "cpu_ms": round(self.cpu_ms, 3),
            "cpu_limit_ms": None if self.cpu_limit_ms is None else round(self.cpu_limit_ms, 3),
            "peak_mib": round(self.peak_mib, 2),
            "message": self.message.in_(lang),
            "stdout": self.stdout,
            "hidden": self.hidden,
            "args": self.args_preview,
            "got": self.got_preview,
            "expected": self.expected_preview,
            "diff": self.diff,
            "tries_left": self.tries_left,
            "picture_svg": self.picture_svg.in_(lang) if self.picture_svg else None,
        }


KEPT = ("picture_svg", "args_preview", "got_preview", "expected_preview", "diff")


class Recognised(_Value):
    """The question's own wrong solution that gives the same results. The note (Markdown) is about the slip alone."""

    name: str
    note: Text


class Report(_Value):
    """A graded submission. `verdict` is the first failing case's, `score` the share of cases passed (0 to 1)."""

    question: str
    verdict: Verdict
    score: float
    wall_ms: float
    cases: tuple[CaseReport, ...]
    seed: int
    message: Message = NOTHING
    recognised: Recognised | None = None

    def shown(self, tries: float) -> Report:
        """What may be seen after so many tries (`math.inf`: all). Every way out of the server goes through here."""
        return self.model_copy(update={"cases": tuple(case.shown(tries) for case in self.cases)})

    def covered(self) -> Report:
        """Verdicts without what the cases were, as an interview that is like a real one tells them."""
        return self.model_copy(update={"cases": tuple(case.covered() for case in self.cases), "recognised": None})

    def as_json(self, lang: Lang) -> dict[str, object]:
        """The `whetstone grade --json` object, but for `file`, which the command adds."""
        return {
            "question": self.question,
            "verdict": self.verdict.value,
            "score": round(self.score, 4),
            "wall_ms": round(self.wall_ms, 3),
            "seed": self.seed,
            "message": self.message.in_(lang),
            "recognised": self.recognised.name if self.recognised else None,
            "recognised_note": self.recognised.note.in_(lang) if self.recognised else None,
            "cases": [case.as_json(lang) for case in self.cases],
        }
