from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.scheduling.days import day_start, study_day
from app.scheduling.plan import Done, DueCard, Limits, Plan, plan
from app.scheduling.schedule import Memory, State, retrievability
from app.scheduling.syllabus import NewQuestion, Syllabus

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TODAY = study_day(NOW, "UTC")
TOPICS = ("iou", "nms", "dropout", "conv")
SYLLABUS = Syllabus.of([("conv", []), ("iou", []), ("nms", ["iou"]), ("dropout", [])])
AMPLE = Limits(1000, 1000)


def review_card(card_id: int, elapsed: int = 10, stability: float = 10.0, key: str | None = None) -> DueCard:
    return DueCard(card_id, State.review, stability, TODAY - elapsed, TODAY, day_start(TODAY, "UTC"), key)


def relearning_card(card_id: int, minutes: float, key: str | None = None) -> DueCard:
    return DueCard(card_id, State.relearning, 1.0, TODAY, TODAY, NOW + timedelta(minutes=minutes), key)


def new_question(n: int, topic: str = "conv", key: str | None = None) -> NewQuestion:
    return NewQuestion(f"q{n:03}", topic, "flashcard", 1 + n % 5, key)


def decide(
    due: list[DueCard], fresh: list[NewQuestion] | None = None, done: Done | None = None, limits: Limits = AMPLE
) -> Plan:
    return plan(due, fresh or [], done or Done(), limits, SYLLABUS, NOW, TODAY)


keys = st.none() | st.sampled_from("abcdefghij")
reviews_ = st.lists(
    st.builds(review_card, st.integers(1, 999), st.integers(0, 400), st.floats(0.01, 500), keys),
    max_size=15,
    unique_by=lambda card: card.card_id,
)
relearning_ = st.lists(
    st.builds(relearning_card, st.integers(1000, 1999), st.floats(-600, 15), keys),
    max_size=4,
    unique_by=lambda card: card.card_id,
)
fresh_ = st.lists(
    st.builds(new_question, st.integers(0, 99), st.sampled_from(TOPICS), keys),
    max_size=12,
    unique_by=lambda question: question.question_id,
)
done_ = st.builds(Done, st.integers(0, 8), st.integers(0, 12), st.frozensets(st.sampled_from("abcd")))
limits_ = st.builds(Limits, st.integers(0, 12), st.integers(0, 20))


@given(relearning_, reviews_, fresh_, done_, limits_)
def test_the_queue_keeps_its_promises(
    relearning: list[DueCard], reviews: list[DueCard], fresh: list[NewQuestion], done: Done, limits: Limits
) -> None:
    decided = decide(relearning + reviews, fresh, done, limits)
    cards = [it for it in decided.queue if isinstance(it, DueCard)]
    asked = [it for it in cards if it.state is State.review]
    met = [it for it in decided.queue if isinstance(it, NewQuestion)]
    families = [it.sibling_key for it in (*asked, *met) if it.sibling_key is not None]

    assert len(set(decided.queue)) == len(decided.queue)
    assert len(families) == len(set(families))
    assert not set(families) & (done.sibling_keys | {it.sibling_key for it in relearning})
    assert len(asked) <= max(0, limits.reviews_per_day - done.reviews)
    assert len(met) <= max(0, limits.new_per_day - done.new)
    assert len(asked) + len(decided.buried) + decided.held_back == len(reviews)
    assert set(cards) - set(asked) | set(decided.waiting) == set(relearning)
    assert [it for it in decided.queue[: len(cards) - len(asked)] if it not in relearning] == []
    risk = [(TODAY - it.last_day) / it.stability_days for it in asked]
    assert risk == sorted(risk, reverse=True)


@given(reviews_, fresh_, limits_)
def test_asking_again_after_each_answer_continues_the_same_queue(
    reviews: list[DueCard], fresh: list[NewQuestion], limits: Limits
) -> None:
    whole, done, walked = decide(reviews, fresh, Done(), limits).queue, Done(), []
    while queue := decide(reviews, fresh, done, limits).queue:
        first = queue[0]
        walked.append(first)
        if first.sibling_key is not None:
            done = replace(done, sibling_keys=done.sibling_keys | {first.sibling_key})
        if isinstance(first, NewQuestion):
            fresh = [it for it in fresh if it != first]
            done = replace(done, new=done.new + 1, recent_new=(*done.recent_new, (first.topic, first.kind)))
        else:
            reviews = [it for it in reviews if it != first]
            done = replace(done, reviews=done.reviews + 1)
    assert tuple(walked) == whole


@given(st.lists(st.tuples(st.integers(0, 400), st.floats(0.01, 500)), min_size=2, max_size=10))
def test_the_order_of_reviews_is_that_of_retrievability(cards: list[tuple[int, float]]) -> None:
    due = [review_card(n, *card) for n, card in enumerate(cards)]
    recall = [
        retrievability(Memory(State.review, card.stability_days, 5.0, card.last_day, NOW, TODAY, NOW, 3, 0), NOW, "UTC")
        for card in decide(due).queue
        if isinstance(card, DueCard)
    ]
    assert all(first <= second + 1e-12 for first, second in pairwise(recall))


def test_relearning_cards_that_are_due_come_first() -> None:
    late, later = relearning_card(7, -5), relearning_card(8, -1)
    decided = decide([review_card(1), later, late], [new_question(1)])
    assert decided.queue[:2] == (late, later)


def test_a_card_left_in_relearning_yesterday_comes_first_today() -> None:
    left = replace(relearning_card(7, -60 * 24), due_day=TODAY - 1, last_day=TODAY - 1)
    assert decide([review_card(1), left]).queue[0] == left


def test_a_relearning_card_waits_while_there_is_other_work() -> None:
    soon = relearning_card(7, 8)
    decided = decide([review_card(1), soon])
    assert [it.card_id for it in decided.queue if isinstance(it, DueCard)] == [1]
    assert decided.waiting == (soon,)


def test_learning_ahead_fills_the_wait_up_to_twenty_minutes() -> None:
    soon, far = relearning_card(7, 20), relearning_card(8, 21)
    decided = decide([far, soon])
    assert decided.queue == (soon,)
    assert decided.waiting == (far,)


def test_new_questions_are_spread_evenly_among_reviews() -> None:
    decided = decide([review_card(n) for n in range(20)], [new_question(n) for n in range(4)])
    assert [n for n, it in enumerate(decided.queue) if isinstance(it, NewQuestion)] == [4, 9, 14, 19]


def test_without_reviews_new_questions_come_at_once() -> None:
    assert len(decide([], [new_question(n) for n in range(4)], limits=Limits(3, 100)).queue) == 3


@pytest.mark.parametrize(("done", "left"), [(0, 5), (3, 2), (5, 0), (9, 0)])
def test_limits_count_what_was_done_today(done: int, left: int) -> None:
    fresh = [new_question(n) for n in range(10)]
    due = [review_card(n) for n in range(10)]
    assert len(decide([], fresh, Done(new=done), Limits(5, 5)).queue) == left
    decided = decide(due, [], Done(reviews=done), Limits(5, 5))
    assert len(decided.queue) == left
    assert decided.held_back == 10 - left


def test_relearning_is_never_held_back_by_limits_or_siblings() -> None:
    card = relearning_card(7, -1, key="iou/f1")
    done = Done(new=5, reviews=50, sibling_keys=frozenset({"iou/f1"}))
    assert decide([card], [], done, Limits(0, 0)).queue == (card,)


def test_of_siblings_the_most_endangered_is_asked_and_the_rest_buried() -> None:
    safe, endangered = review_card(1, 5, 50.0, "iou/f1"), review_card(2, 50, 5.0, "iou/f1")
    decided = decide([safe, endangered], [new_question(1, key="iou/f1"), new_question(2)])
    assert decided.buried == (safe,)
    assert set(decided.queue) == {endangered, new_question(2)}


def test_a_sibling_answered_today_buries_review_and_new_question() -> None:
    done = Done(sibling_keys=frozenset({"iou/f1"}))
    decided = decide([review_card(1, key="iou/f1")], [new_question(1, key="iou/f1")], done)
    assert decided.queue == ()
    assert decided.buried == (review_card(1, key="iou/f1"),)


def test_a_buried_sibling_leaves_its_place_under_the_limit_to_another() -> None:
    first, kin, other = review_card(1, 30, key="a"), review_card(2, 20, key="a"), review_card(3, 10)
    assert decide([first, kin, other], limits=Limits(0, 2)).queue == (first, other)


def test_a_review_of_a_later_day_is_not_asked() -> None:
    assert decide([replace(review_card(1), due_day=TODAY + 1)]).queue == ()
