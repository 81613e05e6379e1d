"""Bulk edits: what each would do to a question, what is refused, and that nothing else in a text changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import new_database
from sqlalchemy import Connection, insert, update

from app.accounts.models import Account, Role
from app.accounts.service import Learner, accounts
from app.authoring import bulk
from app.authoring.bulk import Moved, Order, Step
from app.authoring.listing import Listing
from app.authoring.revisions import Fresh, head, heads, save, version
from app.authoring.single import read_single, tidy
from app.bank.catalog import Bank
from app.bank.chunks import chunks
from app.bank.loader import load_bank
from app.db import Database
from app.errors import Invalid
from app.settings import ROOT

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ADA = Learner(1, "ada", Role.editor, None, None, "auto", shortcuts=True, new_per_day=1, reviews_per_day=1)
CARD = tidy(
    "# kept for its history\nid: fresh-card\nkind: flashcard\ndifficulty: 2  # as agreed\nminutes: 1\nstatus: draft\n"
    "covers: [f1, nms/f2]\nprompt:\n  en: Ask\n  zh: 问  # short\nanswer: {en: a, zh: 甲}\nsources: [A book]\n"
)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return load_bank(ROOT / "questions", tmp_path_factory.mktemp("cache"))[0]


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    database = Database(new_database(tmp_path))
    database.migrate()
    with database.write() as made:
        made.execute(
            insert(accounts).values(Account(name="ada", role="editor", created_at=NOW).model_dump() | {"id": 1})
        )
        yield made
    database.close()


def draft(connection: Connection, yaml: str = CARD, *, status: str = "draft", base: int | None = None) -> None:
    name = yaml.partition("id: ")[2].partition("\n")[0]
    publish = status in ("published", "retired")
    save(connection, Fresh(name, "iou", status, yaml, "h"), None, NOW, base_number=base, publish=publish)


def live(connection: Connection, bank: Bank, name: str) -> str:
    """A question of the folder taken into the database, as it is published; its text."""
    entry = bank.questions[name]
    text = next(it.text for it in chunks(entry.path.read_text()) if it.question_id == name)
    save(
        connection,
        Fresh(name, entry.topic.id, "published", text, entry.hash),
        None,
        NOW,
        base_number=None,
        publish=True,
    )
    return text


def plan(connection: Connection, bank: Bank, action: str, value: str, *names: str) -> list[Step]:
    rows = [row for row in Listing().rows(connection, bank) if row.question_id in names]
    return bulk.plan(connection, bank, rows, bulk.order(action, value, bank))


def refusal(step: Step) -> str:
    assert step.fresh is None
    return step.refused.message if step.refused else ""


@pytest.mark.parametrize(
    ("action", "value", "old", "new"),
    [
        ("difficulty", "4", "difficulty: 2  # as agreed\n", "difficulty: 4  # as agreed\n"),
        ("add-tag", "boxes", "[A book]\n", "[A book]\ntags: [boxes]\n"),
        ("status", "ready", "status: draft\n", "status: ready\n"),
        ("topic", "nms", "covers: [f1, nms/f2]", "covers: [iou/f1, f2]"),
    ],
)
def test_only_its_own_line_of_the_text_changes(
    connection: Connection, bank: Bank, action: str, value: str, old: str, new: str
) -> None:
    draft(connection)
    (step,) = plan(connection, bank, action, value, "fresh-card")
    assert step.fresh is not None
    assert step.fresh.yaml == CARD.replace(old, new)
    assert step.fresh.topic_id == (value if action == "topic" else "iou")
    assert not step.publish


def test_moved_question_covers_the_same_facts_and_is_sound_in_its_new_topic(connection: Connection, bank: Bank) -> None:
    draft(connection)
    (step,) = plan(connection, bank, "topic", "nms", "fresh-card")
    assert step.fresh is not None
    single = read_single(step.fresh.yaml, bank.topics["nms"], bank)
    assert single.findings == ()


def test_tags_over_several_lines_keep_their_comments(connection: Connection, bank: Bank) -> None:
    draft(connection, CARD.replace("minutes: 1\n", "minutes: 1\ntags:\n- a  # why\n- b\n"))
    (step,) = plan(connection, bank, "add-tag", "c", "fresh-card")
    assert step.fresh is not None
    assert "tags:\n- a  # why\n- b\n- c\n" in step.fresh.yaml


def test_change_is_one_transaction_with_its_note_and_origin(connection: Connection, bank: Bank) -> None:
    draft(connection)
    draft(connection, CARD.replace("fresh-card", "second-card"))
    what = Order("add-tag", "boxes")
    steps = plan(connection, bank, "add-tag", "boxes", "fresh-card", "second-card")
    done = bulk.carry_out(connection, bank, steps, what, ADA, NOW)
    assert sorted(done.question_ids) == ["fresh-card", "second-card"]
    assert done.changes == {}
    made = version(connection, "fresh-card", 2)
    assert (made.origin, made.note, made.author, made.status) == ("browser", "bulk: add-tag boxes", "ada", "draft")


def test_newer_revision_of_one_stops_them_all(connection: Connection, bank: Bank) -> None:
    draft(connection)
    draft(connection, CARD.replace("fresh-card", "second-card"))
    steps = plan(connection, bank, "add-tag", "boxes", "fresh-card", "second-card")
    draft(connection, CARD.replace("fresh-card", "second-card").replace("Ask", "Tell"), base=1)
    with pytest.raises(Moved):
        bulk.carry_out(connection, bank, steps, Order("add-tag", "boxes"), ADA, NOW)


def test_published_question_keeps_its_meaning_and_is_published_again(connection: Connection, bank: Bank) -> None:
    live(connection, bank, "iou")
    (step,) = plan(connection, bank, "difficulty", "5", "iou")
    assert step.publish
    assert step.entry is not None
    assert step.entry.question.difficulty == 5
    assert step.entry.meaning_hash == bank.questions["iou"].meaning_hash
    done = bulk.carry_out(connection, bank, [step], Order("difficulty", "5"), ADA, NOW)
    assert set(done.changes) == {"iou"}
    stands = head(connection, "iou")
    assert stands is not None
    assert (stands.head_number, stands.published_number, stands.status) == (2, 2, "published")


def test_published_question_can_be_retired_in_bulk(connection: Connection, bank: Bank) -> None:
    live(connection, bank, "iou")
    (step,) = plan(connection, bank, "status", "retired", "iou")
    done = bulk.carry_out(connection, bank, [step], Order("status", "retired"), ADA, NOW)
    stands = head(connection, "iou")
    assert stands is not None
    assert (stands.published_number, stands.status) == (None, "retired")
    entry = done.changes["iou"]
    assert entry is not None
    assert not entry.is_published


def test_what_can_not_be_changed_says_why(connection: Connection, bank: Bank) -> None:
    live(connection, bank, "iou")
    assert "Learners see it" in refusal(plan(connection, bank, "status", "draft", "iou")[0])
    assert "not in the database" in refusal(plan(connection, bank, "difficulty", "5", "nms")[0])
    draft(connection, "id: iou\n", base=1)
    assert "newer text" in refusal(plan(connection, bank, "difficulty", "5", "iou")[0])
    draft(connection)
    assert "Nothing to change" in refusal(plan(connection, bank, "difficulty", "2", "fresh-card")[0])
    draft(connection, "id: broken\nkind: [\n")
    assert "can't be read" in refusal(plan(connection, bank, "difficulty", "2", "broken")[0])
    assert "can't be read" in refusal(plan(connection, bank, "status", "ready", "broken")[0])
    connection.execute(update(heads).values(conflict_yaml=""))
    assert "in conflict" in refusal(plan(connection, bank, "difficulty", "3", "fresh-card")[0])


def test_too_many_at_once_are_refused(connection: Connection, bank: Bank) -> None:
    rows = Listing().rows(connection, bank)
    assert len(rows) > bulk.MOST
    with pytest.raises(Invalid, match="At most 500"):
        bulk.plan(connection, bank, rows, Order("difficulty", "3"))
