"""A mended key: stored answers get the mark they should have had, and those it concerns are told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from published_stage import CHOICE, NOW, NUMBER, RIGHT_KEY, Stage, as_person, mended
from sqlalchemy import Connection, event, insert, select, update

from app.accounts.notices import notices
from app.accounts.service import Learner
from app.authoring.publishing import Memories, foreseen
from app.authoring.regrade import would_regrade
from app.authoring.rekeyed import rekeyed
from app.bank.catalog import Entry
from app.bank.variants import draw, letter, shown_items, shown_options, shown_rights
from app.grading.answers import grade_answer
from app.interview.models import Interview, InterviewSlot
from app.interview.store import interviews, slots
from app.practice import sessions
from app.practice.sessions import Turn
from app.scheduling import store

LATER = NOW + timedelta(hours=1)
ZERO, ONE, FIVE = range(3)  # the options as they are written; the key says ONE, and should say ZERO
PLUS = mended(NUMBER, ("answer: n * s", "answer: n * (n - s)"))
ORDER = """\
id: iou-steps
kind: ordering
difficulty: 2
minutes: 1
prompt: {en: "Order the steps.", zh: "排序。"}
sources: ["Everingham et al., 2010"]
items:
- {text: {en: "union", zh: "并集"}, why: {en: "second", zh: "第二"}}
- {text: {en: "intersection", zh: "交集"}, why: {en: "first", zh: "第一"}}
- {text: {en: "ratio", zh: "比值"}, why: {en: "last", zh: "最后"}}
explanation: {en: "One by one.", zh: "逐步。"}
"""
MATCH = """\
id: iou-match
kind: matching
difficulty: 2
minutes: 1
prompt: {en: "Match.", zh: "配对。"}
sources: ["Everingham et al., 2010"]
pairs:
- {left: {en: "equal", zh: "相同"}, right: {en: "zero", zh: "零"}, why: {en: "a", zh: "一"}}
- {left: {en: "apart", zh: "分开"}, right: {en: "one", zh: "壹"}, why: {en: "b", zh: "二"}}
explanation: {en: "See both.", zh: "见上。"}
"""


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


@pytest.fixture
def connection(stage: Stage) -> Iterator[Connection]:
    with stage.db.write() as opened:
        yield opened


def pick(entry: Entry, seed: int, index: int) -> dict[str, str]:
    """The answer that picks the option written at `index`."""
    return {"choice": letter(shown_options(entry.question, seed).index(index))}  # type: ignore[arg-type]


def answered(stage: Stage, connection: Connection, someone: Learner, index: int, seed: int = 1) -> Turn:
    session = stage.start(connection, someone, seed)
    turn = sessions.turn_of(connection, someone.id, session.turns[0].card_id)
    given = pick(stage.bank.questions[turn.question_id], turn.seed, index)
    turn, _ = sessions.answer(connection, stage.bank, turn, given, 5, False, NOW)
    return turn


def rated(stage: Stage, connection: Connection, someone: Learner, index: int, seed: int = 1) -> None:
    turn = answered(stage, connection, someone, index, seed)
    sessions.rate(connection, stage.bank, as_person(someone), turn, 3, NOW)


def review(connection: Connection, someone: Learner) -> Any:
    return connection.execute(select(store.reviews).where(store.reviews.c.account_id == someone.id)).one()


def told(connection: Connection, someone: Learner) -> list[Any]:
    return list(connection.execute(select(notices).where(notices.c.account_id == someone.id)).all())


def test_answer_that_was_right_all_along_is_marked_right_and_its_learner_told(
    stage: Stage, connection: Connection
) -> None:
    first = stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, ZERO)
    assert review(connection, someone).correct is False
    done = stage.publish(connection, RIGHT_KEY, now=LATER)
    after = review(connection, someone)
    assert (after.correct, after.score, after.regraded_at) == (True, 1.0, LATER)
    assert (after.question_hash, after.rating) == (first.entry.hash, 3)
    assert done.regraded == 1
    (notice,) = told(connection, someone)
    assert (notice.kind, notice.question_id, notice.created_at) == ("regraded", "iou-touching", LATER)
    assert notice.params == {
        "was_correct": False,
        "is_correct": True,
        "answered_at": NOW.isoformat(),
        "interview_id": None,
    }
    session = sessions.load(connection, someone.id, 1)
    assert session.rated[0].correct is True


def test_answer_that_followed_the_wrong_key_is_marked_wrong(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, ONE)
    stage.publish(connection, RIGHT_KEY)
    assert review(connection, someone).correct is False
    assert told(connection, someone)[0].params["is_correct"] is False


def test_answer_whose_mark_stays_is_left_alone_and_nobody_told(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, FIVE)
    before = review(connection, someone)
    assert stage.publish(connection, RIGHT_KEY).regraded == 0
    assert review(connection, someone) == before
    assert told(connection, someone) == []


def test_cosmetic_edit_marks_nothing_anew(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, ONE)
    connection.execute(update(store.reviews).values(correct=False))  # as if marked by an older grader
    assert stage.publish(connection, mended(CHOICE, ("has no area.", "is empty."))).regraded == 0


def test_undone_review_is_left_alone(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, ZERO)
    sessions.undo(connection, someone.id, None, NOW)
    assert stage.publish(connection, RIGHT_KEY).regraded == 0
    assert told(connection, someone) == []


def test_one_notice_a_learner_however_many_answers(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone, other = stage.person(connection, "lena"), stage.person(connection, "otto")
    rated(stage, connection, someone, ZERO)
    connection.execute(update(store.cards).values(due_day=0))
    rated(stage, connection, someone, ONE, seed=2)
    rated(stage, connection, other, FIVE)
    assert stage.publish(connection, RIGHT_KEY).regraded == 2
    assert len(told(connection, someone)) == 1
    assert told(connection, other) == []


def test_answer_on_the_screen_is_shown_with_the_mended_reasons(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    turn = answered(stage, connection, someone, ZERO)
    done = stage.publish(connection, RIGHT_KEY)
    shown = sessions.turn_of(connection, someone.id, turn.card_id)
    entry = stage.bank.questions["iou-touching"]
    assert (shown.correct, shown.score, shown.suggested_rating) == (True, 1.0, 3)
    outcome = sessions.outcome_of(entry, shown)
    assert outcome is not None
    assert outcome.correct
    sessions.rate(connection, stage.bank, as_person(someone), shown, 3, NOW)
    assert review(connection, someone).question_hash == done.entry.hash


def test_answers_to_versions_that_meant_the_same_are_marked_too(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, ZERO)
    stage.publish(connection, mended(CHOICE, ("has no area.", "is empty.")))
    assert stage.publish(connection, RIGHT_KEY).regraded == 1


def test_key_mended_and_put_back_leaves_the_first_mark(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, ZERO)
    stage.publish(connection, RIGHT_KEY)
    stage.publish(connection, CHOICE)
    assert review(connection, someone).correct is False


def test_option_that_moved_is_still_the_one_that_was_picked(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, ZERO)
    options = RIGHT_KEY.index("- text"), RIGHT_KEY.index('- text: {en: "It is 5"')
    moved = RIGHT_KEY[: options[0]] + RIGHT_KEY[options[1] :].replace(
        "explanation", RIGHT_KEY[options[0] : options[1]] + "explanation", 1
    )
    stage.publish(connection, moved)
    assert review(connection, someone).correct is True


def test_answer_is_not_marked_by_a_right_option_that_it_could_not_pick(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, ONE)
    added = mended(
        CHOICE,
        ("  correct: true\n", ""),
        ("explanation:", '- text: {en: "Less", zh: "更少"}\n  correct: true\n  why: {en: "x", zh: "y"}\nexplanation:'),
    )
    done = stage.publish(connection, added)
    assert (done.regraded, done.unmarked) == (0, 1)
    assert review(connection, someone).correct is True


def test_change_of_kind_leaves_answers_and_counts_them(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, ZERO)
    done = stage.publish(connection, mended(NUMBER, ("iou-shifted", "iou-touching")))
    assert (done.regraded, done.unmarked) == (0, 1)
    assert review(connection, someone).regraded_at is None


def test_editor_may_leave_answers_as_they_are(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, ZERO)
    assert stage.publish(connection, RIGHT_KEY, regrades=False).regraded == 0
    assert review(connection, someone).correct is False


def test_memories_that_are_kept_are_not_touched_by_a_new_mark(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, ZERO)
    before = connection.execute(select(store.cards)).mappings().one()
    assert stage.publish(connection, RIGHT_KEY, memories=Memories.keep).regraded == 1
    after = connection.execute(select(store.cards)).mappings().one()
    assert {**before, "meaning_hash": None} == {**after, "meaning_hash": None}


def sat(connection: Connection, someone: Learner, entry: Entry, index: int, *, ended: bool = True) -> int:
    """An interview of one question, marked; its id."""
    interview = Interview(
        account_id=someone.id,
        plan={},
        seed=1,
        started_at=NOW,
        section=0,
        section_began_at=NOW,
        work_began_at=NOW,
        ended_at=NOW if ended else None,
        latest_end_at=NOW,
        known_at=NOW,
    )
    made = insert(interviews).values(interview.model_dump(exclude={"id"})).returning(interviews.c.id)
    interview_id: int = connection.execute(made).scalar_one()
    answer = pick(entry, 7, index)
    slot = InterviewSlot(
        interview_id=interview_id,
        number=1,
        section=0,
        question_id=entry.question.id,
        question_hash=entry.hash,
        topic_id="iou",
        seed=7,
        answer=answer,
        saved_at=NOW,
        correct=index == ONE,
        score=float(index == ONE),
    )
    connection.execute(insert(slots).values(slot.model_dump(exclude={"id"})))
    return interview_id


def test_interview_that_is_over_is_marked_anew(stage: Stage, connection: Connection) -> None:
    entry = stage.publish(connection, CHOICE).entry
    someone = stage.person(connection, "lena")
    interview_id = sat(connection, someone, entry, ZERO)
    rated(stage, connection, someone, ONE)
    stage.publish(connection, RIGHT_KEY, now=LATER)
    slot = connection.execute(select(slots)).one()
    assert (slot.correct, slot.score, slot.regraded_at, slot.question_hash) == (True, 1.0, LATER, entry.hash)
    (notice,) = told(connection, someone)
    assert (notice.params["interview_id"], notice.params["is_correct"]) == (interview_id, True)


def test_interview_under_way_keeps_its_version(stage: Stage, connection: Connection) -> None:
    entry = stage.publish(connection, CHOICE).entry
    someone = stage.person(connection, "lena")
    sat(connection, someone, entry, ZERO, ended=False)
    assert stage.publish(connection, RIGHT_KEY).regraded == 0


def test_what_would_be_marked_anew_is_told_beforehand(stage: Stage, connection: Connection) -> None:
    before = stage.publish(connection, CHOICE).entry
    rated(stage, connection, stage.person(connection, "lena"), ZERO)
    said = would_regrade(connection, before, stage.read(RIGHT_KEY))
    assert said.changed == 1
    assert connection.execute(select(notices)).all() == []
    assert stage.publish(connection, RIGHT_KEY).regraded == said.changed


def test_marks_are_worked_out_before_the_writer_is_held_and_are_the_same(
    stage: Stage, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But for answers that came meanwhile, which are marked in the transaction itself."""
    stage.publish(connection, CHOICE)
    early, late = stage.person(connection, "lena"), stage.person(connection, "otto")
    rated(stage, connection, early, ZERO)
    marks = foreseen(connection, stage.bank, stage.read(RIGHT_KEY))
    rated(stage, connection, late, ONE, seed=2)
    graded: list[int] = []

    def counted(*args: Any, **options: Any) -> Any:
        graded.append(args[1])
        return grade_answer(*args, **options)

    monkeypatch.setattr("app.authoring.regrade.grade_answer", counted)
    done = stage.publish(connection, RIGHT_KEY, foreseen=marks)
    assert set(graded) == {review(connection, late).seed}
    assert done.regraded == 2
    assert [review(connection, it).correct for it in (early, late)] == [True, False]
    assert [len(told(connection, it)) for it in (early, late)] == [1, 1]


def test_marks_of_another_text_are_not_taken(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, ZERO)
    other = mended(RIGHT_KEY, ("  correct: true\n", ""), ('zh: "等于 5"}\n', 'zh: "等于 5"}\n  correct: true\n'))
    marks = foreseen(connection, stage.bank, stage.read(other))
    assert stage.publish(connection, RIGHT_KEY, foreseen=marks).regraded == 1
    assert review(connection, someone).correct is True


def test_thousands_of_answers_take_a_handful_of_statements(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    someone = stage.person(connection, "lena")
    rated(stage, connection, someone, ZERO)
    one = connection.execute(select(store.reviews)).mappings().one()
    same = {name: value for name, value in one.items() if name != "id"} | {"item_id": None}
    connection.execute(insert(store.reviews), [same] * 2999)
    statements: list[str] = []
    event.listen(connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert stage.publish(connection, RIGHT_KEY).regraded == 3000
    assert len(statements) < 40


def test_number_is_marked_by_the_mended_answer_where_the_numbers_are_the_same(stage: Stage) -> None:
    old, new = stage.read(NUMBER).question, stage.read(PLUS).question
    given = {"value": str(draw(new, 5)["answer"])}  # type: ignore[arg-type]
    assert grade_answer(old, 5, given).correct is False
    again = rekeyed(old, new, 5, given)
    assert again == given
    assert grade_answer(new, 5, again).correct is True
    other_numbers = stage.read(mended(NUMBER, ("[8, 64]", "[100, 200]"))).question
    assert rekeyed(old, other_numbers, 5, given) is None
    other_unit = stage.read(mended(NUMBER, ("tolerance", "unit: {en: px, zh: px}\ntolerance"))).question
    assert rekeyed(old, other_unit, 5, given) is None


def test_order_is_marked_by_the_mended_order(stage: Stage) -> None:
    union = '- {text: {en: "union", zh: "并集"}, why: {en: "second", zh: "第二"}}\n'
    ratio = '- {text: {en: "ratio"'
    right = mended(ORDER, (union, ""), (ratio, union + ratio))
    old, new = stage.read(ORDER).question, stage.read(right).question
    for seed in range(5):
        order = shown_items(old, seed)  # type: ignore[arg-type]
        given = {"order": [letter(order.index(index)) for index in (1, 0, 2)]}  # intersection, union, ratio
        assert grade_answer(old, seed, given).correct is False
        again = rekeyed(old, new, seed, given)
        assert again is not None
        assert grade_answer(new, seed, again).correct is True


def test_pairs_are_marked_by_the_mended_pairs(stage: Stage) -> None:
    right = mended(MATCH, ('"zero", zh: "零"', "SWAP"), ('"one", zh: "壹"', '"zero", zh: "零"'))
    old, new = stage.read(MATCH).question, stage.read(mended(right, ("SWAP", '"one", zh: "壹"'))).question
    for seed in range(5):
        texts = [text.en for text in shown_rights(old, seed)]  # type: ignore[arg-type]
        given = {"pairs": {"1": letter(texts.index("one")), "2": letter(texts.index("zero"))}}
        assert grade_answer(old, seed, given).correct is False
        again = rekeyed(old, new, seed, given)
        assert again is not None
        assert grade_answer(new, seed, again).correct is True


def test_answer_that_fits_no_version_is_left_alone(stage: Stage, connection: Connection) -> None:
    stage.publish(connection, CHOICE)
    rated(stage, connection, stage.person(connection, "lena"), ZERO)
    for answer in ({"choice": "Z"}, {"choice": 3}, {"text": "no"}):
        connection.execute(update(store.reviews).values(answer=answer))
        done = stage.publish(connection, RIGHT_KEY)
        assert (done.regraded, done.unmarked) == (0, 1)
        stage.publish(connection, CHOICE)
