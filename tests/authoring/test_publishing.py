"""Publishing, retiring, restoring: what learners see, what it does to their memories, and what is never changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from published_stage import CHOICE, NOW, NUMBER, RIGHT_KEY, Stage, as_person, mended
from sqlalchemy import Connection, delete, select

from app.accounts.audit import events
from app.accounts.service import Learner
from app.authoring import revisions
from app.authoring.gate_record import GateRefused, Waiver, gate_record
from app.authoring.publishing import Memories, restore, retire
from app.authoring.revisions import StaleBase
from app.authoring.single import with_status
from app.bank.findings import Finding
from app.bank.schema import Status
from app.errors import Conflict, Invalid, NotFound
from app.languages import as_is
from app.practice import frozen, sessions
from app.scheduling import store

FAULT = Finding(Path("x.yaml"), 3, 1, as_is("option 2"), as_is("'why' is empty"), as_is("say why"))
COSMETIC = mended(CHOICE, ("The intersection has no area.", "An edge has no area."))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def connection(stage: Stage) -> Iterator[Connection]:
    with stage.db.write() as opened:
        yield opened


@pytest.fixture
def learner(stage: Stage, connection: Connection) -> Learner:
    """Somebody who has answered the question and rated it."""
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rate(stage, connection, someone)
    return someone


def rate(stage: Stage, connection: Connection, someone: Learner) -> None:
    session = stage.start(connection, someone)
    turn = sessions.turn_of(connection, someone.id, session.turns[0].card_id)
    turn, _ = sessions.answer(connection, stage.bank, turn, {"choice": "A"}, 5, False, NOW)
    sessions.rate(connection, stage.bank, as_person(someone), turn, 3, NOW)


def card(connection: Connection, someone: Learner) -> Any:
    query = select(store.cards).where(store.cards.c.account_id == someone.id)
    return connection.execute(query).one()


def test_published_text_is_what_learners_see_and_the_one_before_stays_as_it_was(
    stage: Stage, connection: Connection
) -> None:
    first = stage.publish(connection, CHOICE)
    second = stage.publish(connection, RIGHT_KEY)
    assert (first.before, second.before) == (None, first.entry)
    assert revisions.head(connection, "iou-touching").published_number == second.version.number == 2
    assert revisions.version(connection, "iou-touching", 1).yaml == CHOICE
    assert frozen.frozen_question(connection, first.entry.hash) == first.entry.question


def test_cosmetic_edit_keeps_memories(stage: Stage, connection: Connection, learner: Learner) -> None:
    before = card(connection, learner)
    done = stage.publish(connection, COSMETIC)
    assert (done.kept, done.reset) == (1, 0)
    assert card(connection, learner) == before


def test_change_of_meaning_makes_the_question_new_again_and_keeps_the_reviews(
    stage: Stage, connection: Connection, learner: Learner
) -> None:
    done = stage.publish(connection, RIGHT_KEY)
    after = card(connection, learner)
    assert (done.kept, done.reset) == (0, 1)
    assert (after.state, after.reps, after.meaning_hash) == (None, None, done.entry.meaning_hash)
    assert len(store.history(connection, after.id)) == 1


def test_editor_may_keep_memories_although_the_meaning_changed(
    stage: Stage, connection: Connection, learner: Learner
) -> None:
    before = card(connection, learner)
    done = stage.publish(connection, RIGHT_KEY, memories=Memories.keep)
    after = card(connection, learner)
    assert (after.reps, after.due_at, after.meaning_hash) == (before.reps, before.due_at, done.entry.meaning_hash)
    assert done.version.gate == {"memories": {"chosen": "keep", "proposed": "reset", "learners": 1}}


def test_editor_may_reset_memories_although_the_edit_is_cosmetic(
    stage: Stage, connection: Connection, learner: Learner
) -> None:
    assert stage.publish(connection, COSMETIC, memories=Memories.reset).reset == 1
    assert card(connection, learner).reps is None


def test_rating_taken_back_after_a_reset_does_not_bring_the_old_memory_back(
    stage: Stage, connection: Connection, learner: Learner
) -> None:
    session = stage.start(connection, learner, now=NOW + timedelta(days=40))
    turn = sessions.turn_of(connection, learner.id, session.turns[0].card_id)
    later = NOW + timedelta(days=40)
    turn, _ = sessions.answer(connection, stage.bank, turn, {"choice": "A"}, 5, False, later)
    sessions.rate(connection, stage.bank, as_person(learner), turn, 3, later)
    stage.publish(connection, RIGHT_KEY)
    sessions.undo(connection, learner.id, None, later)
    assert card(connection, learner).reps is None


def test_choice_is_in_the_audit_log(stage: Stage, connection: Connection, learner: Learner) -> None:
    stage.publish(connection, RIGHT_KEY, memories=Memories.keep)
    row = connection.execute(select(events).order_by(events.c.id.desc())).mappings().first()
    assert (row["action"], row["subject"], row["actor"]) == ("question.publish", "iou-touching", "editor")
    assert row["details"]["memories"] == "keep"
    assert row["details"]["kept"] == 1
    assert learner.name not in str(row["details"])


def test_gate_that_failed_refuses_unless_every_finding_is_waived_with_a_reason(
    stage: Stage, connection: Connection
) -> None:
    other = Finding(Path("x.yaml"), 4, 1, as_is("option 3"), as_is("'why' is empty"), as_is("say why"))
    failed = gate_record([FAULT, other])
    half = gate_record([FAULT, other], [Waiver(finding=failed.findings[0].key, reason="checked by hand")])
    for record in (failed, half, half.model_copy(update={"findings": []})):
        with pytest.raises(GateRefused) as refused:
            stage.publish(connection, CHOICE, gate=record.model_dump())
        assert refused.value.status == 422
    assert [it.where for it in half.standing] == ["option 3"]
    assert revisions.head(connection, "iou-touching") is None
    waived = gate_record([FAULT], [Waiver(finding=failed.findings[0].key, reason="checked by hand")])
    kept = stage.publish(connection, CHOICE, gate=waived.model_dump()).version.gate
    assert kept == waived.model_dump()


def test_finding_keeps_its_key_when_its_line_moves() -> None:
    moved = Finding(Path("y.yaml"), 9, 5, FAULT.where, FAULT.message, FAULT.mend)
    assert gate_record([FAULT]).findings[0].key == gate_record([moved]).findings[0].key


def test_id_never_changes(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    with pytest.raises(Invalid, match="never changes"):
        stage.publish(connection, mended(CHOICE, ("iou-touching", "iou-edge")), question_id="iou-touching")


def test_kind_and_topic_may_change(stage: Stage, connection: Connection, learner: Learner) -> None:
    done = stage.publish(connection, mended(NUMBER, ("iou-shifted", "iou-touching")), topic_id="nms")
    assert done.reset == 1
    assert revisions.head(connection, "iou-touching").topic_id == "nms"
    assert card(connection, learner).reps is None


def test_text_that_says_it_is_a_draft_is_not_published(stage: Stage, connection: Connection) -> None:
    with pytest.raises(Invalid, match="draft"):
        stage.publish(connection, with_status(CHOICE, Status.draft))


def test_slower_of_two_publishers_is_told(stage: Stage, connection: Connection) -> None:
    first = stage.publish(connection, CHOICE)
    stage.publish(connection, COSMETIC)
    with pytest.raises(StaleBase) as stale:
        retire(connection, stage.bank, "iou-touching", None, NOW, base_number=first.version.number)
    assert stale.value.head.yaml == COSMETIC


def test_retired_question_says_so_in_its_text_and_comes_back_with_its_memories(
    stage: Stage, connection: Connection, learner: Learner
) -> None:
    gone = retire(connection, stage.bank, "iou-touching", stage.editor, NOW, base_number=1, note="dated")
    assert gone.entry is not None
    assert gone.entry.question.status is Status.retired
    assert "status: retired" in gone.version.yaml
    assert "# see the paper" in gone.version.yaml
    assert revisions.head(connection, "iou-touching").published_number is None
    with pytest.raises(Conflict):
        retire(connection, stage.bank, "iou-touching", stage.editor, NOW, base_number=2)
    back = stage.publish(connection, with_status(gone.version.yaml, Status.published))
    assert (back.kept, back.reset) == (1, 0)
    assert card(connection, learner).reps == 1


def test_question_that_comes_back_meaning_something_else_is_new_again(
    stage: Stage, connection: Connection, learner: Learner
) -> None:
    retire(connection, stage.bank, "iou-touching", stage.editor, NOW, base_number=1)
    assert stage.publish(connection, RIGHT_KEY).reset == 1


def test_retiring_leaves_what_a_newer_draft_says_to_its_writer(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    fresh = revisions.Fresh("iou-touching", "iou", "draft", RIGHT_KEY, None)
    revisions.save(connection, fresh, stage.editor, NOW, base_number=1, publish=False)
    gone = retire(connection, stage.bank, "iou-touching", stage.editor, NOW, base_number=2)
    assert with_status(gone.version.yaml, Status.published) == mended(
        CHOICE, ("id: iou-touching\n", "id: iou-touching\nstatus: published\n")
    )


def test_restored_text_is_a_new_draft_and_history_stays(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    stage.publish(connection, RIGHT_KEY)
    old = [revisions.version(connection, "iou-touching", number) for number in (1, 2)]
    back = restore(connection, stage.bank, "iou-touching", 1, stage.editor, NOW, base_number=2, note="as it was")
    assert (back.number, back.status, back.yaml, back.note) == (3, "draft", CHOICE, "as it was")
    assert [revisions.version(connection, "iou-touching", number) for number in (1, 2)] == old
    assert revisions.head(connection, "iou-touching").published_number == 2


def test_restoring_needs_an_older_revision(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    with pytest.raises(Conflict):
        restore(connection, stage.bank, "iou-touching", 1, stage.editor, NOW, base_number=1)
    with pytest.raises(NotFound):
        restore(connection, stage.bank, "iou-touching", 7, stage.editor, NOW, base_number=1)
    with pytest.raises(NotFound):
        restore(connection, stage.bank, "nothing", 1, stage.editor, NOW, base_number=1)


@pytest.mark.parametrize("line", ["status: draft", 'status: "retired"  # for now', "status:   ready"])
def test_status_of_a_text_is_changed_in_its_place(line: str) -> None:
    text = mended(CHOICE, ("difficulty: 2\n", f"difficulty: 2\n{line}\n"))
    said = with_status(text, Status.published)
    assert said.count("status:") == 1
    assert "\nstatus: published" in said
    assert ("# for now" in said) == ("# for now" in line)
    assert with_status(CHOICE, Status.published) == CHOICE


def audited(connection: Connection, action: str) -> list[tuple[str, str, dict[str, Any]]]:
    rows = connection.execute(select(events).where(events.c.action == action))
    return [(row.actor, row.subject, row.details) for row in rows]


def test_retiring_and_bringing_back_are_in_the_audit_log(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    retire(connection, stage.bank, "iou-touching", stage.editor, NOW, base_number=1)
    restore(connection, stage.bank, "iou-touching", 1, stage.editor, NOW, base_number=2)
    assert audited(connection, "question.retire") == [("editor", "iou-touching", {"number": 2})]
    assert audited(connection, "question.restore") == [("editor", "iou-touching", {"number": 3, "restored": 1})]


@pytest.mark.parametrize("then", ["publish", "retire"])
def test_version_that_learners_saw_is_kept_for_what_is_under_way(
    stage: Stage, connection: Connection, then: str
) -> None:
    """Though nothing has kept it yet: what came from the folder is not kept until it has to be."""
    first = stage.publish(connection, CHOICE).entry
    connection.execute(delete(frozen.frozen))
    if then == "publish":
        stage.publish(connection, COSMETIC)
    else:
        retire(connection, stage.bank, "iou-touching", stage.editor, NOW, base_number=1)
    assert frozen.frozen_question(connection, first.hash) == first.question
