"""One learner's data as a versioned JSON document, so that moving to another server loses nothing.

Owns the document's form and its checks. Reading the rows from a database and writing them into another is the caller's;
rows name questions by their ids, never by a database's numbers.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)

from app.bank.schema import Lang, Slug
from app.scheduling.days import zone_info
from app.scheduling.schedule import Memory, State

VERSION: Literal[1] = 1
SHOWN_FAULTS = 5


class UnreadableExportError(ValueError):
    """The document is no export of a learner's data, or one that this version can't read; the message says where."""


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _zone(name: str) -> str:
    return zone_info(name).key


def _plausible(memory: Memory) -> Memory:
    if memory.state is State.new:
        raise ValueError("a memory is never 'new'; a card without one has null")
    if not (0 < memory.stability_days < 1e6 and 1 <= memory.difficulty <= 10):
        raise ValueError("stability_days must be positive and difficulty between 1 and 10")
    if not (0 < memory.last_day <= memory.due_day < 3_652_059 and memory.reps >= 1 and memory.lapses >= 0):
        raise ValueError("last_day and due_day must be study days in that order, with at least one review")
    return memory


Utc = Annotated[AwareDatetime, AfterValidator(_utc)]
Zone = Annotated[str, AfterValidator(_zone)]
Remembered = Annotated[Memory, AfterValidator(_plausible)]
Hash = Annotated[str, Field(max_length=64)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Rating = Annotated[int, Field(ge=1, le=4)]
Share = Annotated[float, Field(ge=0, le=1)]


class Record(BaseModel):
    """Base of every part of the document: immutable, strict, closed to unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class LearnerSettings(Record):
    """`language` and `zone` None: as the browser says."""

    language: Lang | None
    zone: Zone | None
    theme: Literal["auto", "light", "dark"]
    shortcuts: bool
    new_per_day: Count
    reviews_per_day: Count


class CardRecord(Record):
    """One question's memory (None: not met) and what the learner decided about it."""

    question_id: Slug
    meaning_hash: Hash
    memory: Remembered | None
    suspended: bool
    flagged: bool
    leech: bool
    buried_until_day: Count
    created_at: Utc


class ReviewRecord(Record):
    """One rating with the memory before and after it. `undone_at` marks one that was taken back.

    Whether the card was new or in review is told by `memory_before`.
    """

    question_id: Slug
    rating: Rating
    suggested_rating: Rating | None
    reviewed_at: Utc
    zone: Zone
    study_day: Annotated[int, Field(ge=1, lt=3_652_059)]
    question_hash: Hash
    seed: Count
    answer: dict[str, JsonValue] | None
    correct: bool | None
    score: Share | None
    seconds: Annotated[float, Field(ge=0)]
    interval_days: Count
    memory_before: Remembered | None
    memory_after: Remembered
    leech_before: bool
    undone_at: Utc | None


class DraftRecord(Record):
    """The code a learner is still writing for one question, and the help taken."""

    question_id: Slug
    code: str | None
    saved_at: Utc | None
    hints_shown: Count
    revealed: bool


class SubmissionRecord(Record):
    """Code that was sent and graded, with its report as `grade --json` gives it."""

    question_id: Slug
    question_hash: Hash
    code: str
    mode: Literal["run", "submit"]
    seed: Count
    verdict: str | None
    report: dict[str, JsonValue] | None
    created_at: Utc
    finished_at: Utc | None


class InterviewDraftRecord(Record):
    """An answer as it once stood."""

    revision: Count
    began_at: Utc
    saved_at: Utc
    answer: dict[str, JsonValue]


class InterviewSlotRecord(Record):
    """One question of an interview, what was answered over time, and the code that was run and handed in.

    `graded` is the place in `submissions` of the one that counts.
    """

    number: Annotated[int, Field(ge=1, le=1000)]
    section: Count
    question_id: Slug
    question_hash: Hash
    topic_id: Slug
    seed: Count
    answer: dict[str, JsonValue] | None
    revision: Count
    saved_at: Utc | None
    flagged: bool
    confidence: Annotated[int, Field(ge=1, le=3)] | None
    locked_at: Utc | None
    seconds: Annotated[float, Field(ge=0)]
    correct: bool | None
    score: Share | None
    attempts: Count
    drafts: tuple[InterviewDraftRecord, ...]
    submissions: tuple[SubmissionRecord, ...]
    graded: Count | None


class InterviewRecord(Record):
    """A mock interview that is over. `plan` is its blueprint, `questions` are as they were asked, by their hashes."""

    plan: dict[str, JsonValue]
    seed: Count
    multiplier: Annotated[float, Field(ge=1, le=2)]
    realistic: bool
    started_at: Utc
    section: Annotated[int, Field(ge=-1, le=100)]
    section_began_at: Utc
    work_began_at: Utc
    pauses_used: Count
    paused_s: Annotated[float, Field(ge=0)]
    section_paused_s: Annotated[float, Field(ge=0)]
    ended_at: Utc
    practised_at: Utc | None
    slots: tuple[InterviewSlotRecord, ...]
    questions: dict[Hash, dict[str, JsonValue]]


class NoticeRecord(Record):
    """What the learner was told: `kind` words it, with `params`."""

    kind: str
    question_id: str | None
    params: dict[str, JsonValue]
    created_at: Utc
    seen_at: Utc | None


class QuestionReportRecord(Record):
    """What the learner reported of a question, and what came of it."""

    question_id: Slug
    question_hash: str
    seed: Count
    lang: str
    about: str
    text: str
    created_at: Utc
    closed_at: Utc | None
    outcome: str | None
    reply: str | None


class LearnerExport(Record):
    """Everything of one learner. Reviews and submissions stand in the order in which they happened.

    `notices` and `reports` are only told: they speak of the server that they come from, and no other takes them over.
    """

    version: Literal[1] = VERSION
    exported_at: Utc
    settings: LearnerSettings
    cards: tuple[CardRecord, ...]
    reviews: tuple[ReviewRecord, ...]
    drafts: tuple[DraftRecord, ...]
    submissions: tuple[SubmissionRecord, ...]
    interviews: tuple[InterviewRecord, ...] = ()
    notices: tuple[NoticeRecord, ...] = ()
    reports: tuple[QuestionReportRecord, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        cards = {card.question_id for card in self.cards}
        if len(cards) != len(self.cards):
            raise ValueError("two cards name the same question")
        if len({draft.question_id for draft in self.drafts}) != len(self.drafts):
            raise ValueError("two drafts name the same question")
        if orphans := sorted({review.question_id for review in self.reviews} - cards):
            raise ValueError(f"a review names '{orphans[0]}', which has no card")
        return self


def export_data(learner: LearnerExport) -> str:
    """The document as JSON text, readable by `import_data` here and in later versions."""
    return learner.model_dump_json(indent=1)


def import_data(document: str | bytes) -> LearnerExport:
    """The learner's data that `export_data` wrote; raises UnreadableExportError and never returns half of it."""
    try:
        version = Versioned.model_validate_json(document).version
        if version > VERSION:
            raise UnreadableExportError(
                f"the file has format version {version}, this Whetstone reads up to {VERSION}; update it first"
            )
        return LearnerExport.model_validate_json(document)
    except ValidationError as error:
        raise UnreadableExportError(_faults(error)) from error


class Versioned(BaseModel):
    """The one field every version of the document has."""

    version: int


def _faults(error: ValidationError) -> str:
    faults = [
        f"{'.'.join(str(step) for step in fault['loc']) or 'file'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False)
    ]
    more = [f"and {len(faults) - SHOWN_FAULTS} more"] if len(faults) > SHOWN_FAULTS else []
    return "this is no export of a learner's data; " + "; ".join(faults[:SHOWN_FAULTS] + more)
