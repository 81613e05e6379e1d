"""What the pages of item statistics are given; see `views`."""

from __future__ import annotations

from dataclasses import dataclass

from app.web.views import Choice


@dataclass(frozen=True)
class FlagView:
    """`label` in a word; `reason` with the figures; `why` tells what the threshold rests on."""

    label: str
    reason: str
    why: str


@dataclass(frozen=True)
class ItemRow:
    id: str
    title: str
    topic_title: str
    kind_label: str
    answers: int
    learners: int
    first_label: str
    discrimination_label: str
    flags: list[str]


@dataclass(frozen=True)
class ColumnView:
    """A column's heading with the link that sorts by it. `sorted`: `ascending`, `descending` or empty."""

    label: str
    href: str
    sorted: str


@dataclass(frozen=True)
class StatisticsView:
    """`counted_label` is when the figures were counted; None while the first count is under way."""

    counted_label: str | None
    topics: list[Choice]
    kinds: list[Choice]
    flags: list[Choice]
    sort: str
    columns: list[ColumnView]
    rows: list[ItemRow]
    total: int
    page: int
    pages: int
    previous_href: str | None
    next_href: str | None


@dataclass(frozen=True)
class OptionBar:
    """An option with the share of answers that chose it."""

    text: str
    correct: bool
    count: int
    percent: int


@dataclass(frozen=True)
class FigureView:
    label: str
    value: str


@dataclass(frozen=True)
class ItemView:
    """The figures of one question. `untold` answers were given to versions whose options are not known any more."""

    id: str
    title: str
    topic_title: str
    kind_label: str
    flags: list[FlagView]
    figures: list[FigureView]
    options: list[OptionBar]
    option_answers: int
    untold: int
    languages: list[FigureView]
    open_reports: int
    in_list: bool  # whether others were counted, which the discrimination needs
