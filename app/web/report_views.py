"""What the pages of the inbox are given; see `views`."""

from __future__ import annotations

from dataclasses import dataclass

from app.bank.present import Presented, Revealed
from app.bank.schema import Lang
from app.web.views import Choice, ReportFormView


@dataclass(frozen=True)
class ReportPageView:
    """The form on a page of its own, or, once it is `sent`, thanks."""

    title: str
    question_id: str
    back: str
    form: ReportFormView | None
    sent: bool


@dataclass(frozen=True)
class ReportRow:
    id: int
    question_id: str
    title: str
    topic_title: str | None
    about_label: str
    excerpt: str
    lang: Lang
    when_label: str
    outcome_label: str | None


@dataclass(frozen=True)
class ReportedQuestion:
    """A question with its number of reports, and where they are listed."""

    title: str
    count: int
    href: str


@dataclass(frozen=True)
class InboxView:
    states: list[Choice]
    topics: list[Choice]
    abouts: list[Choice]
    of_question: str | None  # the title of the one question whose reports are listed
    question_id: str
    rows: list[ReportRow]
    by_question: list[ReportedQuestion]
    total: int
    page: int
    pages: int
    previous_href: str | None
    next_href: str | None


@dataclass(frozen=True)
class SeenQuestion:
    """A question as a learner saw it, with its answer side."""

    shown: Presented
    revealed: Revealed
    is_current: bool


@dataclass(frozen=True)
class AnsweredView:
    when_label: str
    by: str
    outcome_label: str
    reply: str | None


@dataclass(frozen=True)
class ReportView:
    """One report. `seen` is None where the version that the learner saw was not kept."""

    id: int
    question_id: str
    title: str
    in_bank: bool
    about_label: str
    text: str
    reporter: str | None
    when_label: str
    lang: Lang
    lang_label: str
    seed: int
    version: str
    seen: SeenQuestion | None
    others: int
    answered: AnsweredView | None
    outcomes: list[Choice]
    reply: str
    error: str | None
    most: int
