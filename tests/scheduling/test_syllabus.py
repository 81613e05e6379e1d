from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from app.scheduling.syllabus import OPEN_TOPICS, NewQuestion, Syllabus, introduce

KINDS = ("flashcard", "numeric", "cloze")
TOPICS = [f"t{n}" for n in range(7)]
FLAT = Syllabus.of((topic, ()) for topic in TOPICS)


@st.composite
def syllabi(draw: st.DrawFn) -> Syllabus:
    """Any map without circles: in a shuffled order, a topic requires some of those before it."""
    order = draw(st.permutations(TOPICS))
    requires = {
        topic: draw(st.lists(st.sampled_from(order[:n]), unique=True)) if n else [] for n, topic in enumerate(order)
    }
    return Syllabus.of((topic, requires[topic]) for topic in TOPICS)


questions = st.lists(
    st.builds(
        NewQuestion,
        question_id=st.uuids().map(str),
        topic=st.sampled_from([*TOPICS, "off-the-map"]),
        kind=st.sampled_from(KINDS),
        difficulty=st.integers(1, 5),
        sibling_key=st.none() | st.sampled_from("abcdefgh"),
    ),
    max_size=25,
    unique_by=lambda question: question.question_id,
)


def question(name: str, topic: str = "t0", kind: str = "flashcard", difficulty: int = 1) -> NewQuestion:
    return NewQuestion(name, topic, kind, difficulty)


def test_the_maps_order_is_kept_where_no_requirement_forbids_it() -> None:
    syllabus = Syllabus.of([("a", ["c"]), ("b", []), ("c", []), ("d", ["a"]), ("e", ["elsewhere"])])
    assert sorted(syllabus.rank, key=lambda topic: syllabus.rank[topic]) == ["b", "c", "a", "d", "e"]
    assert syllabus.ancestors["d"] == {"a", "c"}


def test_a_circle_is_entered_at_its_first_topic_after_all_it_rests_on() -> None:
    syllabus = Syllabus.of([("after", ["a"]), ("a", ["b", "base"]), ("b", ["a"]), ("base", [])])
    assert list(syllabus.rank) == ["base", "a", "after", "b"]
    assert syllabus.requires == {"base": (), "a": ("base",), "after": ("a",), "b": ("a",)}
    assert syllabus.ancestors["b"] == {"a", "base"}


@given(st.dictionaries(st.sampled_from(TOPICS), st.lists(st.sampled_from([*TOPICS, "off-the-map"]))))
def test_only_requirements_within_a_circle_are_left_out(asked: dict[str, list[str]]) -> None:
    syllabus = Syllabus.of(asked.items())
    assert sorted(syllabus.rank.values()) == list(range(len(asked)))
    for topic, others in asked.items():
        assert all(syllabus.rank[other] < syllabus.rank[topic] for other in syllabus.ancestors[topic])
        for other in set(others) & set(asked) - set(syllabus.requires[topic]):
            assert topic in upstream(other, asked)


def upstream(topic: str, asked: dict[str, list[str]]) -> set[str]:
    """All that the topic rests on; a topic of a circle rests on itself."""
    found: set[str] = set()
    ahead = [topic]
    while ahead:
        new = set(asked.get(ahead.pop(), ())) - found
        found |= new
        ahead += new
    return found | {topic}


@given(syllabi())
def test_every_topic_ranks_after_all_it_requires(syllabus: Syllabus) -> None:
    assert sorted(syllabus.rank.values()) == list(range(len(TOPICS)))
    assert all(syllabus.rank[other] < syllabus.rank[topic] for topic in TOPICS for other in syllabus.ancestors[topic])


@given(questions, syllabi())
def test_every_question_comes_once_and_one_of_each_family(candidates: list[NewQuestion], syllabus: Syllabus) -> None:
    met = list(introduce(candidates, syllabus, taken="ab"))
    keys = [it.sibling_key for it in met if it.sibling_key is not None]
    assert len(set(met)) == len(met)
    assert sorted(keys) == sorted({it.sibling_key for it in candidates} - {None, "a", "b"})
    assert {it for it in candidates if it.sibling_key is None} <= set(met)


@given(questions, syllabi())
def test_a_question_comes_after_the_required_ones_that_are_no_harder(
    candidates: list[NewQuestion], syllabus: Syllabus
) -> None:
    met = list(introduce(candidates, syllabus))
    for index, later in enumerate(met):
        for after in met[index + 1 :]:
            required = after.topic in syllabus.ancestors.get(later.topic, ())
            assert not (required and after.difficulty <= later.difficulty)


@given(questions, syllabi(), st.integers(0, 25))
def test_asking_again_later_continues_the_same_order(
    candidates: list[NewQuestion], syllabus: Syllabus, count: int
) -> None:
    met = list(introduce(candidates, syllabus))
    done, rest = met[:count], met[count:]
    left = [it for it in candidates if it not in done]
    taken = [it.sibling_key for it in done if it.sibling_key is not None]
    recent = [(it.topic, it.kind) for it in done]
    assert list(introduce(left, syllabus, recent, taken)) == rest


def test_topics_take_turns() -> None:
    candidates = [question(f"{topic}-{n}", topic) for topic in TOPICS for n in range(5)]
    met = list(introduce(candidates, FLAT))
    assert [it.topic for it in met[:8]] == [*TOPICS[:OPEN_TOPICS], *TOPICS[:OPEN_TOPICS]]
    assert all(len({it.topic for it in met[n : n + 3]}) == 3 for n in range(0, 18, 3))


def test_kinds_take_turns_within_a_topic() -> None:
    candidates = [question(f"{kind}-{n}", kind=kind) for kind in KINDS for n in range(3)]
    met = [it.kind for it in introduce(candidates, FLAT)]
    assert all(len(set(met[n : n + 3])) == 3 for n in (0, 3, 6))


def test_easier_comes_first_within_a_topic() -> None:
    candidates = [question(f"q{n}", difficulty=n) for n in (5, 3, 1, 4, 2)]
    assert [it.difficulty for it in introduce(candidates, FLAT)] == [1, 2, 3, 4, 5]


def test_only_as_many_are_ordered_as_are_taken() -> None:
    candidates = [question(f"q{n}", TOPICS[n % 7]) for n in range(2000)]
    assert len(list(islice(introduce(candidates, FLAT), 20))) == 20
