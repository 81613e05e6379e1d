"""What the editor is told before publishing: the fields, meaning or cosmetics, learners and answers concerned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from published_stage import CHOICE, NOW, NUMBER, RIGHT_KEY, Stage, as_person, mended
from sqlalchemy import Connection

from app.authoring.changes import changed_fields, impact
from app.authoring.publishing import Memories
from app.grading.answers import grade_answer
from app.practice import sessions

EDITS = {
    "explanation": (("has no area.", "is empty."),),
    "why": (("That is the edge.", "An edge."),),
    "line break": (("Two boxes touch", "Two boxes  touch"),),
    "prompt": (("Two boxes touch", "Two squares touch"),),
    "option": (("It is 5", "It is 6"),),
    "difficulty": (("difficulty: 2", "difficulty: 4"),),
    "key": (("  correct: true\n", ""), ('zh: "等于 0"}\n', 'zh: "等于 0"}\n  correct: true\n')),
    "shuffle": (("minutes: 1\n", "minutes: 1\nshuffle: false\n"),),
    "default": (("minutes: 1\n", "minutes: 1\nshuffle: true\n"),),
    "tags": (("minutes: 1\n", "minutes: 1\ntags: [boxes]\n"),),
}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def connection(stage: Stage) -> Iterator[Connection]:
    with stage.db.write() as opened:
        yield opened


def test_both_values_of_each_field_are_told(stage: Stage) -> None:
    found = changed_fields(stage.read(CHOICE), stage.read(mended(CHOICE, ("has no area.", "is empty."))))
    assert [(it.name, it.before, it.after, it.is_meaning) for it in found] == [
        ("explanation.en", "The intersection has no area.", "The intersection is empty.", False)
    ]


def test_key_is_named_at_its_options(stage: Stage) -> None:
    found = changed_fields(stage.read(CHOICE), stage.read(RIGHT_KEY))
    assert [(it.name, it.before, it.after, it.is_meaning) for it in found] == [
        ("options.1.correct", None, True, True),
        ("options.2.correct", True, None, True),
    ]


def test_option_that_came_and_topic_that_changed_are_told(stage: Stage) -> None:
    added = mended(CHOICE, ("explanation:", "- {text: {en: x, zh: y}, why: {en: x, zh: y}}\nexplanation:"))
    (found,) = changed_fields(stage.read(CHOICE), stage.read(added))
    assert (found.name, found.before, found.is_meaning) == ("options.4", None, True)
    (moved,) = changed_fields(stage.read(CHOICE), stage.read(CHOICE, "nms"))
    assert (moved.name, moved.before, moved.after, moved.is_meaning) == ("topic", "iou", "nms", False)


@pytest.mark.parametrize("edit", EDITS)
def test_fields_of_meaning_changed_exactly_where_memories_would_be_reset(stage: Stage, edit: str) -> None:
    before, after = stage.read(CHOICE), stage.read(mended(CHOICE, *EDITS[edit]))
    means = any(it.is_meaning for it in changed_fields(before, after))
    assert means == (before.meaning_hash != after.meaning_hash)


def test_learners_and_answers_concerned_are_counted_and_nothing_is_changed(
    stage: Stage, connection: Connection
) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    stage.person(connection, "otto")
    session = stage.start(connection, someone)
    turn = sessions.turn_of(connection, someone.id, session.turns[0].card_id)
    for key in "ABC":  # whichever picks the option that is right from now on
        mark = stage.read(RIGHT_KEY).question
        if grade_answer(mark, turn.seed, {"choice": key}).correct:
            turn, _ = sessions.answer(connection, stage.bank, turn, {"choice": key}, 5, False, NOW)
            break
    sessions.rate(connection, stage.bank, as_person(someone), turn, 3, NOW)
    told = impact(connection, stage.bank, stage.read(RIGHT_KEY))
    assert (told.proposal, told.learners, told.regraded, told.unmarked) == (Memories.reset, 1, 1, 0)
    assert [it.name for it in told.meaning] == ["options.1.correct", "options.2.correct"]
    assert told.cosmetic == ()
    assert impact(connection, stage.bank, stage.read(RIGHT_KEY)) == told


def test_new_question_touches_nobody(stage: Stage, connection: Connection) -> None:
    told = impact(connection, stage.bank, stage.read(NUMBER))
    assert (told.fields, told.proposal, told.learners, told.regraded) == ((), Memories.keep, 0, 0)
