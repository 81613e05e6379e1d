"""What each page is given: plain typed values with every label already worded in the learner's language.

Templates only lay these out. `…_html` fields are safe HTML made by `bank.markup`; everything else is escaped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from app.bank.present import Presented, Revealed
from app.bank.schema import Lang
from app.practice.standing import TopicState

Theme = Literal["auto", "light", "dark"]


@dataclass(frozen=True)
class Shell:
    """The frame round every page. `path` is where a language switch returns to."""

    lang: Lang
    theme: Theme
    active: Literal["home", "practice", "interviews", "browse", "topics", "settings", "admin", ""]
    path: str
    learner: str | None
    can_log_out: bool
    shortcuts: bool
    keeps_bank: bool  # an editor or admin
    is_admin: bool


@dataclass(frozen=True)
class TopicDue:
    id: str
    title: str
    area_title: str
    due: int
    new: int


@dataclass(frozen=True)
class StandingView:
    """How a topic stands: `mark` names its sign and colour, `label` says the same in a word."""

    mark: str
    label: str
    meaning: str


@dataclass(frozen=True)
class TopicLink:
    id: str
    title: str
    standing: StandingView


@dataclass(frozen=True)
class StepView:
    """A topic to study next, and why in a few words."""

    id: str
    title: str
    reason: str


@dataclass(frozen=True)
class OpenSession:
    id: int
    answered: int
    total: int


@dataclass(frozen=True)
class NoticeView:
    """One notice, worded. `href` leads to what it is about; `reply` is what a person wrote."""

    id: int
    text: str
    reply: str | None
    when_label: str
    title: str | None
    href: str | None
    seen: bool


@dataclass(frozen=True)
class NoticesView:
    """Notices, newest first. `more` counts those that are not listed here, `newest` is the newest one's id."""

    notices: list[NoticeView]
    more: int
    unseen: int
    newest: int
    back: str


@dataclass(frozen=True)
class HomeView:
    """`minutes` is the estimate for what is due and allowed today."""

    due: int
    new: int
    minutes: int
    done_today: int
    topics: list[TopicDue]
    session: OpenSession | None
    next_due_label: str | None
    steps: list[StepView]
    interview_href: str | None = None  # of one that is under way
    notices: NoticesView | None = None


@dataclass(frozen=True)
class RatingView:
    """One rating button: `value` 1 Again … 4 Easy, also its shortcut key."""

    value: int
    label: str
    interval_label: str
    suggested: bool


@dataclass(frozen=True)
class PartView:
    """What became of one option (`key` A…), blank (its name), place (1…) or left side (1…)."""

    key: str
    given: str | None
    expected: str | None
    right: bool
    why_html: str | None


@dataclass(frozen=True)
class FeedbackView:
    """Shown after answering. `correct` is None where the learner judges (flashcard, open before scoring)."""

    correct: bool | None
    score_label: str | None
    verdict_label: str
    note: str | None
    parts: dict[str, PartView]
    revealed: Revealed
    ratings: list[RatingView]
    awaiting_rubric: bool = False
    points: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Choice:
    value: str
    label: str
    selected: bool


@dataclass(frozen=True)
class ReportFormView:
    """Where a learner says what is wrong with a question, of which `hash` and `seed` tell the version they saw.

    `text` and `error` show again what was refused; `back` is where they came from.
    """

    question_id: str
    action: str
    hash: str
    seed: int
    lang: Lang
    abouts: list[Choice]
    text: str
    error: str | None
    back: str
    most: int


@dataclass(frozen=True)
class CardView:
    """One card on the stage. `given` redisplays what was typed; `error` says why an answer could not be read.

    `report` is None where nothing can be reported: in an interview that is under way, on a question that was retired.
    """

    card_id: int
    question: Presented
    is_new: bool
    flagged: bool
    feedback: FeedbackView | None = None
    given: dict[str, object] = field(default_factory=dict)
    error: str | None = None
    notice: str | None = None
    report: ReportFormView | None = None


@dataclass(frozen=True)
class QuestionRow:
    id: str
    href: str
    title: str
    area_title: str
    topic_title: str
    kind: str
    kind_label: str
    difficulty: int
    minutes: float
    state_label: str


@dataclass(frozen=True)
class TopicScore:
    title: str
    right: int
    total: int


@dataclass(frozen=True)
class SummaryView:
    answered: int
    right: int
    minutes: int
    topics: list[TopicScore]
    missed: list[QuestionRow]
    next_due_label: str | None
    steps: list[StepView]


@dataclass(frozen=True)
class SessionView:
    """`position` is 1-based among `total`; exactly one of `card` and `summary` is set."""

    id: int
    position: int
    total: int
    can_undo: bool
    card: CardView | None
    summary: SummaryView | None
    notice: str | None = None


@dataclass(frozen=True)
class BrowseView:
    query: str
    areas: list[Choice]
    topics: list[Choice]
    kinds: list[Choice]
    difficulties: list[Choice]
    rows: list[QuestionRow]
    total: int
    page: int
    pages: int
    previous_href: str | None
    next_href: str | None


@dataclass(frozen=True)
class AreaView:
    """`topics` in the order of learning; how many of them are learnt, due, weak. Open where something is suggested."""

    id: str
    title: str
    topics: list[TopicLink]
    learnt: int
    due: int
    weak: int
    is_open: bool


@dataclass(frozen=True)
class TopicsView:
    areas: list[AreaView]
    steps: list[StepView]
    legend: list[StandingView]


@dataclass(frozen=True)
class TopicView:
    """One topic with what it requires (`before`) and what requires it (`after`)."""

    topic: TopicLink
    area: str
    area_title: str
    state: TopicState
    recall_label: str | None
    next_due_label: str | None
    before: list[TopicLink]
    after: list[TopicLink]
    rows: list[QuestionRow]
    steps: list[StepView]


@dataclass(frozen=True)
class PastReview:
    when_label: str
    rating_label: str
    interval_label: str


@dataclass(frozen=True)
class MemoryView:
    state_label: str
    due_label: str
    stability_label: str
    difficulty_label: str
    recall_label: str
    reps: int
    lapses: int
    leech: bool
    history: list[PastReview]


@dataclass(frozen=True)
class QuestionView:
    """The question page: try it without touching the schedule, see its memory, act on it."""

    card: CardView
    memory: MemoryView | None
    suspended: bool


@dataclass(frozen=True)
class DiffLine:
    """A line of a diff: of what is `due`, of what was `got`, or the `same` in both."""

    side: Literal["due", "got", "same"]
    text: str


@dataclass(frozen=True)
class CaseView:
    """`tries_left`: how many more tries a hidden case keeps its input to itself; 0 for what is shown."""

    number: int
    title: str
    verdict: str
    verdict_label: str
    ok: bool
    hidden: bool
    time_label: str
    memory_label: str
    message: str
    stdout: str
    args: str | None
    expected: str | None
    got: str | None
    diff: list[DiffLine]
    picture_svg: str | None
    tries_left: int


@dataclass(frozen=True)
class SubmissionView:
    """`first` is the failing case to look at first: a visible one if there is one, else a hidden one.

    `slip_html` is about the known slip that the results are those of.
    `code_sha256` lets the page mark results as stale once the editor's text differs.
    """

    id: str
    mode: Literal["run", "submit"]
    status: Literal["queued", "running", "done", "cancelled"]
    progress_label: str
    verdict: str | None
    verdict_label: str
    ok: bool
    message: str
    slip_html: str | None
    cases: list[CaseView]
    first: CaseView | None
    seed: int
    code_sha256: str
    when_label: str


@dataclass(frozen=True)
class ExampleView:
    """A visible case with its result drawn."""

    title: str
    args: str
    picture_svg: str


@dataclass(frozen=True)
class EditorView:
    """The code editor: what stands in it, where drafts and code are sent, what is fetched once code is accepted.

    `kept_as` names the copy that the browser keeps of a draft that could not be saved.
    """

    code: str
    has_draft: bool
    max_bytes: int
    send_to: str
    draft_at: str
    side_at: str
    kept_as: str
    unavailable: str | None
    session_id: int | None = None
    can_submit: bool = True


@dataclass(frozen=True)
class CodeView:
    """The code page. With `session_id`, solving or giving up leads to the rating buttons and on to the next card."""

    question: Presented
    editor: EditorView
    session_id: int | None
    card_id: int | None
    submission: SubmissionView | None
    hints_html: list[str]
    hints_left: int
    revealed: Revealed | None
    ratings: list[RatingView]
    memory: MemoryView | None
    unavailable: str | None
    report: ReportFormView | None = None


@dataclass(frozen=True)
class SettingsView:
    """`errors` by field name; `values` are what to show in the form, also after a refused save."""

    values: dict[str, str]
    errors: dict[str, str]
    languages: list[Choice]
    themes: list[Choice]
    zones: list[str]
    saved: bool


@dataclass(frozen=True)
class LoginView:
    name: str
    error: str | None
    next_path: str
    can_sign_up: bool


@dataclass(frozen=True)
class ErrorView:
    status: int
    title: str
    message: str
    advice: str
    request_id: str = ""
