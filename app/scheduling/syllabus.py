"""The order in which new questions are met: basics first, easier first, topics and kinds taking turns.

Pure and repeatable: what has been introduced today is handed in, so that asking again after each answer continues the
same order. How many are introduced a day, and between which reviews, is `plan`'s.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

OPEN_TOPICS = 4  # topics that take turns; also how far back "recently" looks
HARDEST = 99


@dataclass(frozen=True)
class NewQuestion:
    """A question the learner has not met. Of those with the same `sibling_key`, one a day is asked (None: no kin)."""

    question_id: str
    topic: str
    kind: str
    difficulty: int
    sibling_key: str | None = None


@dataclass(frozen=True)
class Syllabus:
    """The topics' order of learning: `rank` by topic, what each requires, and all that comes before it, however far."""

    rank: Mapping[str, int]
    requires: Mapping[str, tuple[str, ...]]
    ancestors: Mapping[str, frozenset[str]]

    @cached_property
    def followers(self) -> Mapping[str, tuple[str, ...]]:
        """The topics that require each topic themselves, in the order of learning."""
        found: dict[str, list[str]] = {topic: [] for topic in self.rank}
        for topic in self.rank:
            for other in self.requires[topic]:
                found[other].append(topic)
        return {topic: tuple(others) for topic, others in found.items()}

    @cached_property
    def dependants(self) -> Mapping[str, int]:
        """How many topics rest on each topic, however far."""
        return Counter(other for others in self.ancestors.values() for other in others)

    @classmethod
    def of(cls, topics: Iterable[tuple[str, Sequence[str]]]) -> Syllabus:
        """From (topic, topics it requires) in the map's order, kept wherever no requirement forbids it.

        Requirements outside the map are left out. A circle is entered at its first topic of the map, whose requirements
        within the circle are left out; so what is kept has no circles.
        """
        asked = dict(topics)
        place = {topic: index for index, topic in enumerate(asked)}
        missing = {topic: {other for other in others if other in place} for topic, others in asked.items()}
        rank: dict[str, int] = {}
        requires: dict[str, tuple[str, ...]] = {}
        ancestors: dict[str, frozenset[str]] = {}
        while missing:
            ready = (topic for topic, others in missing.items() if not others)
            topic = next(ready, None) or _first_of_circle(missing)
            requires[topic] = tuple(other for other in dict.fromkeys(asked[topic]) if other in rank)
            ancestors[topic] = frozenset(requires[topic]).union(*(ancestors[other] for other in requires[topic]))
            rank[topic] = len(rank)
            del missing[topic]
            for others in missing.values():
                others.discard(topic)
        return cls(rank, requires, ancestors)


def _first_of_circle(missing: Mapping[str, set[str]]) -> str:
    """The first topic that waits for nothing but topics that wait for it in turn. There is one where none is ready."""
    behind = {topic: _reachable(topic, missing) for topic in missing}
    return next(topic for topic, others in behind.items() if all(topic in behind[other] for other in others))


def _reachable(topic: str, missing: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    ahead = [topic]
    while ahead:
        new = missing[ahead.pop()] - found
        found |= new
        ahead += new
    return found


def introduce(
    candidates: Iterable[NewQuestion],
    syllabus: Syllabus,
    recent: Sequence[tuple[str, str]] = (),
    taken: Iterable[str] = (),
) -> Iterator[NewQuestion]:
    """The candidates in the order to meet them, lazily: take as many as the day allows.

    A question comes after those of required topics that are no harder. The first few topics that may be asked take
    turns, least recent first; within one, kinds not asked lately come first among the easiest. `recent` holds (topic,
    kind) of the new questions introduced last, oldest first; questions whose sibling key is in `taken`, or that follow
    a sibling here, are left out.
    """
    kin = set(taken)
    waiting: dict[str, list[NewQuestion]] = defaultdict(list)
    for question in candidates:
        waiting[question.topic].append(question)
    order = sorted(waiting, key=lambda topic: (syllabus.rank.get(topic, len(syllabus.rank)), topic))
    for topic in order:
        waiting[topic].sort(key=lambda question: (question.difficulty, question.question_id))
    last = deque(recent, maxlen=OPEN_TOPICS)
    while True:
        for topic in order:
            waiting[topic] = [question for question in waiting[topic] if question.sibling_key not in kin]
        order = [topic for topic in order if waiting[topic]]
        if not order:
            return
        chosen = _next(order, waiting, syllabus, last)
        yield chosen
        waiting[chosen.topic].remove(chosen)
        if chosen.sibling_key is not None:
            kin.add(chosen.sibling_key)
        last.append((chosen.topic, chosen.kind))


def _next(
    order: list[str], waiting: Mapping[str, list[NewQuestion]], syllabus: Syllabus, last: Sequence[tuple[str, str]]
) -> NewQuestion:
    """The question of the least recent among the first few topics that may be asked. One always may: no circles."""
    turns: list[tuple[int, int, list[NewQuestion]]] = []
    for topic in order:
        if askable := _askable(topic, waiting, syllabus):
            turns.append((_recency(topic, [name for name, _ in last]), len(turns), askable))
        if len(turns) == OPEN_TOPICS:
            break
    askable = min(turns, key=lambda turn: turn[:2])[2]
    kinds = [kind for _, kind in last]
    return min(
        askable, key=lambda question: (_recency(question.kind, kinds), question.difficulty, question.question_id)
    )


def _askable(topic: str, waiting: Mapping[str, list[NewQuestion]], syllabus: Syllabus) -> list[NewQuestion]:
    """The easiest questions of the topic (within one grade) that no question of a required topic has to precede."""
    before = (waiting[other] for other in syllabus.ancestors.get(topic, ()) if waiting.get(other))
    bar = min((questions[0].difficulty for questions in before), default=HARDEST)
    easiest = waiting[topic][0].difficulty
    return [question for question in waiting[topic] if question.difficulty < bar and question.difficulty <= easiest + 1]


def _recency(name: str, last: Sequence[str]) -> int:
    """0 if the name is not among the last, else higher the later it was."""
    return max((index for index, other in enumerate(last, start=1) if other == name), default=0)
