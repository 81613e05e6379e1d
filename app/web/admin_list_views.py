"""What the keepers' list of questions is given: rows, filters and ways to sort, with every label worded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from app.authoring.listing import SORTS, STATUSES, Row, Wanted
from app.bank.catalog import Bank
from app.bank.schema import KINDS
from app.errors import N_
from app.web import wording
from app.web.services import Visit
from app.web.views import Choice

PATH = "/admin/questions"
PAGE_SIZE = 50
STATUS_NAMES = {
    "draft": N_("Draft"),
    "ready": N_("Ready"),
    "published": N_("Published"),
    "retired": N_("Retired"),
}
SORT_NAMES = {
    "": N_("topic map"),
    "id": N_("id"),
    "topic": N_("topic"),
    "kind": N_("kind"),
    "difficulty": N_("difficulty"),
    "status": N_("status"),
    "changed": N_("last change"),
}


@dataclass(frozen=True)
class AdminRow:
    """`number` is the newest revision's, None where the question has no history yet."""

    id: str
    title: str
    topic_title: str
    kind_label: str
    difficulty: int
    tags: list[str]
    status: str
    status_label: str
    newer_label: str | None
    is_conflict: bool
    changed_label: str | None
    author: str | None
    number: int | None
    try_href: str | None  # the question as learners meet it


@dataclass(frozen=True)
class SortLink:
    label: str
    href: str
    here: str  # "ascending", "descending" or ""


@dataclass(frozen=True)
class AdminListView:
    query: str
    tag: str
    sort: str
    tags: list[str]
    areas: list[Choice]
    topics: list[Choice]
    kinds: list[Choice]
    difficulties: list[Choice]
    statuses: list[Choice]
    sorts: list[SortLink]
    all_topics: list[Choice]
    next_statuses: list[Choice]
    wanted: dict[str, str]  # the filters that are set, for forms that mean "all found"
    rows: list[AdminRow]
    total: int
    page: int
    pages: int
    previous_href: str | None
    next_href: str | None


def list_view(
    visit: Visit, wanted: Wanted, found: Sequence[Row], tags: list[str], page: int, authors: dict[str, str]
) -> AdminListView:
    """One page of what was found; `authors` by question."""
    pages = page_count(found)
    shown = on_page(found, page)
    return AdminListView(
        query=wanted.words,
        tag=wanted.tag,
        sort=wanted.sort,
        tags=tags,
        areas=choices(visit, area_titles(visit), wanted.area, N_("All areas")),
        topics=choices(visit, topic_titles(visit, wanted.area), wanted.topic, N_("All topics")),
        kinds=choices(visit, ((it, wording.kind(it, visit.words)) for it in KINDS), wanted.kind, N_("All kinds")),
        difficulties=choices(visit, ((str(n), str(n)) for n in range(1, 6)), wanted.difficulty, N_("Any difficulty")),
        statuses=choices(visit, _statuses(visit), wanted.status, N_("Any status")),
        sorts=[_sort_link(visit, wanted, name) for name in ("", *SORTS)],
        all_topics=[Choice(*it, selected=False) for it in topic_titles(visit)],
        next_statuses=[
            Choice(it, status_label(visit, it), selected=False) for it in STATUSES if it != "published"
        ],  # that is the gate's to give
        wanted=fields(wanted),
        rows=[_row(visit, row, authors.get(row.question_id)) for row in shown],
        total=len(found),
        page=page,
        pages=pages,
        previous_href=_href(wanted, page - 1) if page > 1 else None,
        next_href=_href(wanted, page + 1) if page < pages else None,
    )


def page_count(found: Sequence[Row]) -> int:
    return max(1, -(-len(found) // PAGE_SIZE))


def on_page(found: Sequence[Row], page: int) -> Sequence[Row]:
    return found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]


def fields(wanted: Wanted) -> dict[str, str]:
    """The filters that are set, by the names that the form gives them."""
    said = asdict(wanted)
    return {name: value for name, value in ({"q": said.pop("words")} | said).items() if value}


def choices(visit: Visit, values: Iterable[tuple[str, str]], selected: str, everything: str) -> list[Choice]:
    first = Choice("", visit.words.gettext(everything), not selected)
    return [first, *(Choice(value, label, value == selected) for value, label in values)]


def area_titles(visit: Visit) -> Iterable[tuple[str, str]]:
    return ((it.id, it.title.in_(visit.lang)) for it in visit.services.bank.areas)


def topic_titles(visit: Visit, area: str = "") -> Iterable[tuple[str, str]]:
    bank: Bank = visit.services.bank
    return ((it.id, it.title.in_(visit.lang)) for it in bank.topics.values() if not area or it.area == area)


def status_label(visit: Visit, status: str) -> str:
    return visit.words.gettext(STATUS_NAMES.get(status, status))


def _statuses(visit: Visit) -> Iterable[tuple[str, str]]:
    yield from ((name, status_label(visit, name)) for name in STATUSES)
    yield "newer", visit.words.gettext(N_("Published, with a newer text"))
    yield "conflict", visit.words.gettext(N_("In conflict"))


def _row(visit: Visit, row: Row, author: str | None) -> AdminRow:
    path = "code" if row.kind == "code" else "q"
    return AdminRow(
        id=row.question_id,
        title=row.title(visit.lang),
        topic_title=row.topic.title.in_(visit.lang) if row.topic else row.topic_id,
        kind_label=wording.kind(row.kind, visit.words) if row.kind else "",
        difficulty=row.difficulty,
        tags=list(row.tags),
        status="published" if row.is_published else row.status,
        status_label=status_label(visit, "published" if row.is_published else row.status),
        newer_label=_newer(visit, row) if row.is_newer else None,
        is_conflict=row.is_conflict,
        changed_label=wording.moment(row.changed_at, visit.zone, visit.words) if row.changed_at else None,
        author=visit.words.say(author) if author else None,
        number=row.number,
        try_href=f"/{path}/{row.question_id}" if row.is_published else None,
    )


def _newer(visit: Visit, row: Row) -> str:
    return visit.words.gettext(N_("newer text ready") if row.status == "ready" else N_("newer draft"))


def _sort_link(visit: Visit, wanted: Wanted, name: str) -> SortLink:
    """The first click sorts upwards, the newest change first; another one turns it round."""
    first, second = (name, f"-{name}") if name != "changed" else ("-changed", "changed")
    here = wanted.sort in (first, second) if name else not wanted.sort
    sort = second if name and wanted.sort == first else first
    way = ("descending" if wanted.sort.startswith("-") else "ascending") if here else ""
    return SortLink(visit.words.gettext(SORT_NAMES[name]), _href(replace(wanted, sort=sort), 1), way)


def _href(wanted: Wanted, page: int) -> str:
    said = fields(wanted) | ({"page": str(page)} if page > 1 else {})
    return f"{PATH}?{urlencode(said)}" if said else PATH
