"""What the editor's pages are given. Texts that people wrote are plain strings, which the templates escape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.authoring.gate import Told
from app.authoring.gate_record import MAX_REASON_CHARS, MIN_REASON_CHARS
from app.authoring.merge import Line
from app.bank.findings import Finding
from app.bank.present import Presented, Revealed
from app.bank.schema import Lang
from app.web.form_views import FormView
from app.web.i18n import Words
from app.web.views import CardView, Choice, ExampleView, SubmissionView, Theme

Side = Literal["question", "answer", "wrong"]


@dataclass(frozen=True)
class FindingView:
    """A fault at its place in the text; `line` 0 where it concerns no line."""

    line: int
    column: int
    where: str
    message: str
    mend: str


@dataclass(frozen=True)
class CheckView:
    """`by_line`: the text is shown by lines, so that each fault can lead to its own."""

    findings: list[FindingView]
    by_line: bool = True


@dataclass(frozen=True)
class Example:
    """What an author may write, and how it is shown."""

    source: str
    html: str


@dataclass(frozen=True)
class EditView:
    """The edit page. `draft_label` tells when the unsaved draft was kept, None where all is saved.

    `form` is the text field by field; None where it is shown as YAML. `picks` are the wrong answers to preview.
    """

    question_id: str
    topic_id: str
    topic_title: str
    status_label: str
    base_number: int | None
    head_number: int | None
    is_published: bool
    is_stale: bool
    draft_label: str | None
    yaml: str
    note: str
    max_bytes: int
    check: CheckView
    examples: list[Example]
    saved_number: int | None = None
    refusal: str | None = None
    form: FormView | None = None
    picks: list[Choice] = field(default_factory=list)


@dataclass(frozen=True)
class PreviewView:
    """The question as a learner sees it, with the faults where it can't be shown.

    `card` is None where the text can't be read. `picks` are the wrong answers that can be looked at. The rest belongs
    to coding questions; `submission` is None where the wrong code could not be run in time.
    """

    question_id: str
    lang: Lang
    theme: Theme
    side: Side
    card: CardView | None
    revealed: Revealed | None = None
    hints_html: list[str] = field(default_factory=list)
    check: CheckView = field(default_factory=lambda: CheckView([]))
    picks: list[Choice] = field(default_factory=list)
    example: ExampleView | None = None
    wrong_code: str = ""
    submission: SubmissionView | None = None

    @property
    def question(self) -> Presented | None:
        return self.card.question if self.card else None


@dataclass(frozen=True)
class ConflictView:
    """Two people's texts of one question and the one both began with. `merged` is what the next save would keep."""

    question_id: str
    author: str
    when_label: str
    their_note: str
    base_number: int | None
    head_number: int
    mine: str
    theirs: str
    base: str
    lines: list[Line]
    merged: str
    conflicts: int
    action: str
    note: str


@dataclass(frozen=True)
class NewView:
    """The form of a new question."""

    question_id: str
    kinds: list[Choice]
    topics: list[Choice]
    areas: list[Choice]
    refusal: str | None
    may_add_topics: bool
    copied_from: str | None = None


def finding_view(words: Words, it: Finding | Told) -> FindingView:
    return FindingView(it.line, it.column, words.say(it.where), words.say(it.message), words.say(it.mend))


def check_view(words: Words, findings: Sequence[Finding], *, by_line: bool = True) -> CheckView:
    shown = [finding_view(words, it) for it in findings]
    return CheckView(shown, by_line)


@dataclass(frozen=True)
class ChangedField:
    """A field that differs from what learners see. `is_meaning`: it changes what is remembered."""

    name: str
    is_meaning: bool


@dataclass(frozen=True)
class WaivableView:
    """What the gate found, with the reason that was typed for waiving it; "" and no input where it can't be."""

    key: str
    finding: FindingView
    can_be_waived: bool
    is_note: bool
    reason: str = ""


@dataclass(frozen=True)
class GateView:
    """The gate's run over the text: how far it is, then what it found. `run_id` None where it has not been asked."""

    run_id: int | None
    is_over: bool
    progress_label: str
    found: list[WaivableView]
    passed: bool
    may_publish: bool  # nothing is left that can't be waived
    watch_at: str = ""
    min_reason_chars: int = MIN_REASON_CHARS
    max_reason_chars: int = MAX_REASON_CHARS


@dataclass(frozen=True)
class PublishView:
    """The publish page. `learners` remember the question; `proposal` is `keep` or `reset`.

    `regraded` answers would get another mark, `sent` solutions be graded again. `taken_away` are the interviews that
    could no longer be drawn; it is not published while there is one.
    """

    question_id: str
    number: int
    is_new: bool
    nothing_new: bool
    fields: list[ChangedField]
    learners: int
    regraded: int
    sent: int
    proposal: str
    note: str
    check: CheckView
    gate: GateView
    taken_away: list[str]
    refusal: str | None = None
    own_draft: bool = False
