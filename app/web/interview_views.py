"""What the pages of mock interviews are given. Like `views`: plain typed values, every label worded already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from app.web.views import CardView, Choice, EditorView, SubmissionView, TopicLink

Told = Literal["right", "wrong", "kept", ""]


@dataclass(frozen=True)
class SectionView:
    """A section as it is announced: what is asked, in how many minutes."""

    title: str
    minutes_label: str
    asks_label: str
    kinds_label: str


@dataclass(frozen=True)
class BlueprintView:
    id: str
    title: str
    summary: str
    minutes_label: str
    questions: int


@dataclass(frozen=True)
class PastView:
    """A sitting that is over. `score_label` is None while nothing is known."""

    id: int
    title: str
    when_label: str
    score_label: str | None
    waiting_label: str | None


@dataclass(frozen=True)
class OpenView:
    """The sitting under way."""

    id: int
    title: str
    left_label: str


@dataclass(frozen=True)
class InterviewsView:
    under_way: OpenView | None
    blueprints: list[BlueprintView]
    past: list[PastView]


@dataclass(frozen=True)
class BriefView:
    """The rules, before the start. `notice` says why it could not be started."""

    blueprint: BlueprintView
    sections: list[SectionView]
    rules: list[str]
    multipliers: list[Choice]
    realistic: bool
    notice: str | None = None


@dataclass(frozen=True)
class OwnSectionView:
    """One part of the form for an interview of one's own; `count` 0 leaves the part out."""

    name: str
    title: str
    count: int
    minutes: int


@dataclass(frozen=True)
class OwnView:
    parts: list[OwnSectionView]
    areas: list[Choice]
    levels: list[Choice]
    feedbacks: list[Choice]
    reading: int
    pauses: int
    multipliers: list[Choice]
    realistic: bool
    notice: str | None = None


@dataclass(frozen=True)
class ClockView:
    """Moments in milliseconds since 1970, by the server's clock; the page shows what is left by its own counting."""

    now_ms: int
    deadline_ms: int
    whole_deadline_ms: int
    left_label: str
    whole_left_label: str
    is_paused: bool


@dataclass(frozen=True)
class PlaceView:
    """A question in the list of the section's questions."""

    number: int
    is_current: bool
    is_answered: bool
    is_flagged: bool
    is_locked: bool
    label: str


@dataclass(frozen=True)
class HeadView:
    """What stands above everything during a sitting."""

    id: int
    title: str
    section_title: str
    section_label: str
    clock: ClockView
    places: list[PlaceView]
    realistic: bool
    can_pause: bool
    pauses_label: str | None
    is_last_section: bool
    unanswered: int
    rule: str | None


@dataclass(frozen=True)
class FollowUpView:
    """What the interviewer goes on to ask, and what was said to it."""

    ask_html: str
    said: str


@dataclass(frozen=True)
class AnsweringView:
    """One question of a sitting.

    `card.feedback` is set where the answer is commented at once; `verdict` where only right or wrong is told.
    """

    head: HeadView
    number: int
    total: int
    card: CardView
    revision: int
    state_label: str
    flagged: bool
    confidences: list[Choice]
    locks: bool
    locked: bool
    verdict: Told
    verdict_label: str
    follow_ups: list[FollowUpView]
    next_number: int | None
    previous_number: int | None
    notice: str | None = None
    editor: EditorView | None = None
    submission: SubmissionView | None = None


@dataclass(frozen=True)
class WaitingView:
    """A sitting that takes no answers just now: it is being read, or paused."""

    head: HeadView
    is_reading: bool
    sections: list[SectionView]
    questions: list[CardView] = field(default_factory=list)


@dataclass(frozen=True)
class ShareView:
    label: str
    percent: int
    detail: str


@dataclass(frozen=True)
class CellView:
    """A topic at one level of difficulty; `percent` is None where nothing was asked."""

    percent: int | None
    questions: int


@dataclass(frozen=True)
class TopicRowView:
    topic: TopicLink
    total: ShareView
    cells: list[CellView]


@dataclass(frozen=True)
class LineView:
    """One question in the report. `mark` is `marking.Mark`'s state, for its sign and colour; `mark_label` says it.

    `remark` says when it was marked anew, and why.
    """

    number: int
    title: str
    href: str
    section: int
    mark: str
    mark_label: str
    score_label: str
    time_label: str
    over_time: bool
    budget_label: str
    counts: bool
    confidence_label: str | None
    card: CardView
    score_to: str | None
    points_given: bool
    follow_ups: list[FollowUpView]
    submission: SubmissionView | None
    code: str | None
    regrade_to: str | None
    remark: str | None = None


@dataclass(frozen=True)
class EarlierView:
    href: str
    when_label: str
    percent: int
    is_this: bool


@dataclass(frozen=True)
class ReportView:
    id: int
    title: str
    when_label: str
    percent: int | None
    is_final: bool
    waiting: list[str]
    grading: int
    sections: list[ShareView]
    kinds: list[ShareView]
    topics: list[TopicRowView]
    levels: list[int]
    calibration: list[ShareView]
    strong: list[TopicLink]
    study: list[TopicLink]
    earlier: list[EarlierView]
    lines: list[LineView]
    misses: int
    practised: bool
    settings: list[str]
    notice: str | None = None


@dataclass(frozen=True)
class MomentView:
    """Something that happened during a sitting."""

    when_label: str
    what: str
    text: str | None
    is_code: bool


@dataclass(frozen=True)
class ReplayQuestionView:
    number: int
    title: str
    prompt_html: str
    moments: list[MomentView]


@dataclass(frozen=True)
class ReplayView:
    id: int
    title: str
    questions: list[ReplayQuestionView]
