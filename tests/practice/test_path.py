"""The suggested order over maps of every shape, and the words' reasons."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.practice.path import BuildsOn, GoOn, Missed, NeededBy, Opens, Path
from app.practice.standing import Standing, TopicState
from app.scheduling.syllabus import Syllabus

LEARNT = TopicState(questions=5, fresh=1, seen=4, lasting=4, recall=1.0)
BEGUN = TopicState(questions=5, fresh=3, seen=2, recall=1.0)
DUE = TopicState(questions=5, fresh=3, seen=2, due=1, recall=0.9)
WEAK = TopicState(questions=5, fresh=1, seen=4, missed=3, due=3, recall=0.9)
RESTING = TopicState(questions=4, fresh=0, seen=4, missed=3, recall=1.0)  # weak, with nothing to ask today
NEW = TopicState(questions=5, fresh=5)
STATES = (LEARNT, BEGUN, DUE, WEAK, RESTING, NEW)
TOPICS = [f"t{n}" for n in range(8)]


@st.composite
def maps(draw: st.DrawFn) -> dict[str, list[str]]:
    """Any map without circles: in a shuffled order, a topic requires some of those before it."""
    order = draw(st.permutations(TOPICS))
    asked = {
        topic: draw(st.lists(st.sampled_from(order[:n]), unique=True)) if n else [] for n, topic in enumerate(order)
    }
    return {topic: asked[topic] for topic in TOPICS}


any_map = st.dictionaries(st.sampled_from(TOPICS), st.lists(st.sampled_from(TOPICS)), min_size=1)  # circles and all
states = st.dictionaries(st.sampled_from(TOPICS), st.sampled_from(STATES))


def path(asked: dict[str, list[str]], **standings: TopicState) -> Path:
    return Path.of(Syllabus.of(asked.items()), dict.fromkeys(asked, NEW) | standings)


def names(found: Path, **how: object) -> list[str]:
    return [step.topic for step in found.steps(9, **how)]  # type: ignore[arg-type]  # `near` and `but`


@given(maps(), states)
def test_no_topic_comes_before_one_it_requires_that_is_weak_or_not_begun(
    asked: dict[str, list[str]], known: dict[str, TopicState]
) -> None:
    found = Path.of(Syllabus.of(asked.items()), known)
    place = {topic: index for index, topic in enumerate(found.order)}
    for topic, others in asked.items():
        for other in others:
            assert found.state(other).is_known or place[other] < place[topic]


@given(any_map, states)
def test_every_topic_comes_once_and_always_in_the_same_order_circles_or_not(
    asked: dict[str, list[str]], known: dict[str, TopicState]
) -> None:
    found = Path.of(Syllabus.of(asked.items()), known)
    assert sorted(found.order) == sorted(asked)
    assert Path.of(Syllabus.of(asked.items()), dict(reversed(known.items()))).order == found.order


@given(any_map, states)
def test_what_is_suggested_can_be_studied_now(asked: dict[str, list[str]], known: dict[str, TopicState]) -> None:
    found = Path.of(Syllabus.of(asked.items()), known)
    steps = found.steps(len(TOPICS))
    assert len({step.topic for step in steps}) == len(steps)
    for step in steps:
        state = found.state(step.topic)
        assert state.fresh or state.due
        assert state.standing is not Standing.learnt


@given(any_map)
def test_there_is_always_a_next_step_while_anything_is_new(asked: dict[str, list[str]]) -> None:
    assert path(asked).steps(1)


def test_new_topics_that_most_rests_on_come_first_then_the_maps_order() -> None:
    found = path({"leaf": [], "twig": ["stem"], "stem": ["root"], "other": [], "root": []})
    assert found.order == ("root", "stem", "leaf", "other", "twig")


def test_missed_comes_before_begun_before_new() -> None:
    asked = {"new": [], "later": ["new"], "begun": [], "weak": [], "due": []}
    assert path(asked, begun=BEGUN, weak=WEAK, due=DUE).order == ("weak", "begun", "due", "new", "later")


def test_weak_requirement_of_what_is_done_comes_before_new_topics() -> None:
    found = path({"new": [], "base": [], "doing": ["base"]}, base=WEAK, doing=BEGUN)
    assert [(step.topic, step.reason) for step in found.steps(9)] == [
        ("base", Missed(3, 4)),
        ("new", Opens(0)),
    ]  # "doing" waits: its base is missed


def test_what_a_missed_topic_rests_on_comes_before_it() -> None:
    found = path({"elsewhere": [], "base": [], "hard": ["base"]}, hard=WEAK)
    assert found.order == ("base", "hard", "elsewhere")
    assert found.steps(1)[0].reason == NeededBy("hard")


def test_topics_that_the_learner_may_go_on_with_wait_for_nothing() -> None:
    found = path({"base": [], "next": ["base"], "after": ["next"]}, base=BEGUN)
    assert [(step.topic, step.reason) for step in found.steps(9)] == [
        ("base", GoOn(2, 5)),
        ("next", BuildsOn("base", Standing.begun)),
    ]


def test_learnt_topic_is_the_one_named_as_the_ground() -> None:
    found = path({"a": [], "b": [], "c": ["a", "b"]}, a=BEGUN, b=LEARNT)
    assert found.steps(9)[-1].reason == BuildsOn("b", Standing.learnt)


def test_topic_that_rests_on_nothing_says_how_many_it_opens() -> None:
    assert path({"a": [], "b": ["a"], "c": ["a"], "d": ["c"]}).steps(1)[0].reason == Opens(2)


def test_learnt_and_finished_topics_are_not_suggested() -> None:
    finished = TopicState(questions=4, seen=4, recall=1.0)
    assert names(path({"a": [], "b": [], "c": []}, a=LEARNT, b=finished)) == ["c"]


def test_topic_does_not_wait_for_one_with_nothing_to_ask_today() -> None:
    assert names(path({"a": [], "b": ["a"]}, a=RESTING)) == ["b"]
    assert names(path({"a": [], "b": ["a"]}, a=TopicState())) == ["b"]  # no question can be asked


def test_neighbours_come_first_where_they_are_wanted() -> None:
    found = path({"a": [], "b": [], "c": ["a"], "d": []}, a=LEARNT)
    assert names(found) == ["b", "c", "d"]
    assert names(found, near={"c"}, but="b") == ["c", "d"]


def test_new_questions_are_ranked_along_the_path() -> None:
    found = path({"new": [], "weak": []}, weak=WEAK)
    assert found.as_syllabus().rank == {"weak": 0, "new": 1}
    assert found.as_syllabus().ancestors == found.syllabus.ancestors
