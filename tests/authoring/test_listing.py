"""The keepers' list: what stands on it, how it is searched and filtered, and that it follows every change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import new_database
from sqlalchemy import Connection, update

from app.authoring.listing import Listing, Row, Wanted, found, tags_of
from app.authoring.models import Origin
from app.authoring.revisions import Fresh, heads, save
from app.authoring.single import read_single, tidy
from app.bank.catalog import Bank
from app.bank.loader import load_bank
from app.db import Database
from app.settings import ROOT

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return load_bank(ROOT / "questions", tmp_path_factory.mktemp("cache"))[0]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    database = Database(new_database(tmp_path))
    database.migrate()
    with database.write() as made:
        yield made
    database.close()


def card(name: str, *, zh: str = "问", difficulty: int = 2, tags: str = "[boxes]") -> str:
    return tidy(
        f"id: {name}\nkind: flashcard\ndifficulty: {difficulty}\nminutes: 1\nstatus: draft\ntags: {tags}\n"
        f"prompt: {{en: Ask, zh: {zh}}}\nanswer: {{en: a, zh: 甲}}\nsources: [A book]\n"
    )


def draft(connection: Connection, name: str, yaml: str, base: int | None = None, *, at: datetime = NOW) -> None:
    fresh = Fresh(name, "iou", "draft", yaml, None, Origin.browser)
    save(connection, fresh, None, at, base_number=base, publish=False)


def by_id(rows: tuple[Row, ...]) -> dict[str, Row]:
    return {row.question_id: row for row in rows}


def names(rows: list[Row]) -> list[str]:
    return [row.question_id for row in rows]


def test_question_of_the_folder_alone_stands_as_the_folder_says(connection: Connection, bank: Bank) -> None:
    rows = Listing().rows(connection, bank)
    assert len(rows) == len(bank.questions)
    row = by_id(rows)["iou"]
    assert (row.kind, row.topic_id, row.area_id, row.status) == ("code", "iou", "detection", "published")
    assert (row.is_published, row.is_newer, row.is_conflict, row.number) == (True, False, False, None)


def test_draft_that_only_the_database_has_is_listed_in_its_topic(connection: Connection, bank: Bank) -> None:
    draft(connection, "fresh-card", card("fresh-card", difficulty=4, tags="[boxes, new-tag]"))
    rows = Listing().rows(connection, bank)
    row = by_id(rows)["fresh-card"]
    assert (row.kind, row.difficulty, row.tags) == ("flashcard", 4, ("boxes", "new-tag"))
    assert (row.status, row.is_published, row.number) == ("draft", False, 1)
    topics = [it.topic_id for it in rows]
    place = names(list(rows)).index("fresh-card")
    assert topics[place - 1] == "iou"
    assert "new-tag" in tags_of(rows)


def test_chinese_word_of_two_characters_finds_drafts_too(connection: Connection, bank: Bank) -> None:
    draft(connection, "fresh-card", card("fresh-card", zh="锚框如何匹配"))
    rows = Listing().rows(connection, bank)
    assert "fresh-card" in names(found(rows, Wanted("锚框")))
    assert "fresh-card" not in names(found(rows, Wanted("锚框 卷积核")))


def test_search_of_the_bank_finds_what_its_own_search_finds_in_the_same_order(
    connection: Connection, bank: Bank
) -> None:
    rows = Listing().rows(connection, bank)
    for words in ("iou", "感受野", "BATCH norm", "ｉｏｕ"):
        theirs = [entry.question.id for entry in bank.search(words)]
        assert theirs
        assert names(found(rows, Wanted(words, status="published"))) == theirs


def test_newest_text_counts_where_learners_see_an_older_one(connection: Connection, bank: Bank) -> None:
    entry = bank.questions["iou"]
    live = Fresh("iou", "iou", "published", "id: iou\n", entry.hash)
    save(connection, live, None, NOW, base_number=None, publish=True)
    listing = Listing()
    assert by_id(listing.rows(connection, bank))["iou"].is_newer is False
    draft(connection, "iou", card("iou", difficulty=5), 1)
    row = by_id(listing.rows(connection, bank))["iou"]
    assert (row.status, row.is_published, row.is_newer, row.difficulty, row.number) == ("draft", True, True, 5, 2)
    rows = listing.rows(connection, bank)
    assert names(found(rows, Wanted(status="newer"))) == ["iou"]
    assert "iou" in names(found(rows, Wanted(status="published")))
    assert names(found(rows, Wanted(status="draft"))) == ["iou"]


def test_conflict_shows_though_no_revision_was_made(connection: Connection, bank: Bank) -> None:
    draft(connection, "fresh-card", card("fresh-card"))
    listing = Listing()
    assert not found(listing.rows(connection, bank), Wanted(status="conflict"))
    connection.execute(update(heads).values(conflict_yaml="id: other\n"))
    assert names(found(listing.rows(connection, bank), Wanted(status="conflict"))) == ["fresh-card"]


def test_list_follows_a_new_bank_and_is_else_kept(connection: Connection, bank: Bank) -> None:
    listing = Listing()
    first = listing.rows(connection, bank)
    assert listing.rows(connection, bank) is first
    assert "iou" not in by_id(listing.rows(connection, bank.with_changes({"iou": None})))


def test_text_that_can_not_be_read_is_listed_all_the_same(connection: Connection, bank: Bank) -> None:
    for number, yaml in enumerate(["{", "- a list\n", "kind: [1]\ntags: 5\nprompt: 3\n", "x: &a 1\ny: *a\n"]):
        draft(connection, f"broken-{number}", yaml)
    rows = by_id(Listing().rows(connection, bank))
    assert rows["broken-0"].title("zh") == "broken-0"
    assert [rows[f"broken-{n}"].kind for n in range(4)] == [""] * 4


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        (Wanted(area="detection"), lambda row: row.area_id == "detection"),
        (Wanted(topic="iou"), lambda row: row.topic_id == "iou"),
        (Wanted(kind="numeric"), lambda row: row.kind == "numeric"),
        (Wanted(difficulty="4"), lambda row: row.difficulty == 4),
        (Wanted(tag="boxes"), lambda row: "boxes" in row.tags),
        (Wanted(status="retired"), lambda row: row.status == "retired"),
        (Wanted(kind="code", area="detection"), lambda row: row.kind == "code" and row.area_id == "detection"),
    ],
)
def test_filter_keeps_what_fits_and_nothing_else(
    connection: Connection, bank: Bank, wanted: Wanted, fits: object
) -> None:
    assert callable(fits)
    rows = Listing().rows(connection, bank)
    assert names(found(rows, wanted)) == [row.question_id for row in rows if fits(row)]


def test_sorting_goes_both_ways(connection: Connection, bank: Bank) -> None:
    draft(connection, "older", card("older"), at=NOW - timedelta(days=1))
    draft(connection, "newer", card("newer"))
    rows = Listing().rows(connection, bank)
    assert names(found(rows, Wanted(sort="-changed")))[:2] == ["newer", "older"]
    for sort in ("id", "difficulty", "kind", "topic", "status"):
        upwards = names(found(rows, Wanted(sort=sort)))
        assert upwards == names(found(rows, Wanted(sort=f"-{sort}")))[::-1]
    assert names(found(rows, Wanted(sort="id"))) == sorted(row.question_id for row in rows)


def test_draft_reads_its_searchable_texts_as_an_entry_does(connection: Connection, bank: Bank) -> None:
    text = card("fresh-card", zh="锚框")
    single = read_single(text, bank.topics["iou"], bank)
    assert single.entry is not None
    draft(connection, "fresh-card", text)
    row = by_id(Listing().rows(connection, bank))["fresh-card"]
    assert row.searchable == single.entry.searchable
    assert row.title("zh") == replace(row, draft=None, entry=single.entry).title("zh") == "锚框"


def test_list_that_follows_is_the_one_made_from_nothing(connection: Connection, bank: Bank) -> None:
    listing = Listing()
    steps = {
        "nothing yet": lambda bank: bank,
        "a draft": lambda bank: draft(connection, "fresh-card", card("fresh-card")) or bank,
        "its second text": lambda bank: draft(connection, "fresh-card", card("fresh-card", difficulty=5), 1) or bank,
        "a draft before it": lambda bank: draft(connection, "a-card", card("a-card")) or bank,
        "a draft on the bank's": lambda bank: (
            live(connection, bank) or draft(connection, "iou", card("iou"), 1) or bank
        ),
        "a conflict": lambda bank: conflict(connection, "a-card", "id: other\n") or bank,
        "no conflict": lambda bank: conflict(connection, "a-card", None) or bank,
        "published": lambda bank: published(connection, bank, "fresh-card", card("fresh-card"), 2),
        "another entry": lambda bank: bank.with_changes({"nms": replace(bank.questions["nms"], line=1)}),
        "taken out": lambda bank: bank.with_changes({"nms": None}),
        "other topics": lambda bank: replace(bank, topics=dict(reversed(bank.topics.items()))),
    }
    for step, change in steps.items():
        bank = change(bank)
        rows = listing.rows(connection, bank)
        assert rows == Listing().rows(connection, bank), step
        assert listing.tags() == tags_of(rows), step


def test_save_leaves_the_rows_of_other_questions_alone(connection: Connection, bank: Bank) -> None:
    listing = Listing()
    draft(connection, "fresh-card", card("fresh-card"))
    before = by_id(listing.rows(connection, bank))
    draft(connection, "fresh-card", card("fresh-card", difficulty=5), 1)
    after = by_id(listing.rows(connection, bank))
    assert [name for name, row in after.items() if row is not before[name]] == ["fresh-card"]


def test_older_view_of_the_database_gives_its_own_list(connection: Connection, bank: Bank) -> None:
    listing = Listing()
    draft(connection, "fresh-card", card("fresh-card"))
    savepoint = connection.begin_nested()
    draft(connection, "fresh-card", card("fresh-card", difficulty=5), 1)
    assert by_id(listing.rows(connection, bank))["fresh-card"].difficulty == 5
    savepoint.rollback()
    assert by_id(listing.rows(connection, bank))["fresh-card"].difficulty == 2


def live(connection: Connection, bank: Bank) -> None:
    fresh = Fresh("iou", "iou", "published", "id: iou\n", bank.questions["iou"].hash)
    save(connection, fresh, None, NOW, base_number=None, publish=True)


def published(connection: Connection, bank: Bank, name: str, yaml: str, base: int) -> Bank:
    entry = read_single(yaml, bank.topics["iou"], bank).entry
    assert entry is not None
    save(connection, Fresh(name, "iou", "published", yaml, entry.hash), None, NOW, base_number=base, publish=True)
    return bank.with_changes({name: entry})


def conflict(connection: Connection, name: str, yaml: str | None) -> None:
    connection.execute(update(heads).where(heads.c.question_id == name).values(conflict_yaml=yaml))
