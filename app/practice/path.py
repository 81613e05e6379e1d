"""The suggested order of topics, and why each is suggested. Pure; nothing is ever locked.

What a learner misses comes first, then what was begun, then what is new; of equals, what most topics rest on. Before
any topic come those that it requires and that are weak or not begun.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from app.practice.standing import UNSEEN, Standing, TopicState
from app.scheduling.syllabus import Syllabus


@dataclass(frozen=True)
class Missed:
    """So many of the questions seen were missed and have not recovered; 0 if the recall of all of them fades."""

    missed: int
    seen: int


@dataclass(frozen=True)
class NeededBy:
    """A topic that the learner misses rests on it."""

    topic: str


@dataclass(frozen=True)
class GoOn:
    """Begun: so many of its questions were seen."""

    seen: int
    questions: int


@dataclass(frozen=True)
class BuildsOn:
    """New, on a topic that stands so with the learner."""

    topic: str
    standing: Standing


@dataclass(frozen=True)
class Opens:
    """New, resting on nothing; so many topics require it."""

    topics: int


# The better known, the later: a new topic is said to rest on the best known of those it requires.
KNOWN = (Standing.not_yet, Standing.weak, Standing.begun, Standing.due, Standing.learnt)

Reason = Missed | NeededBy | GoOn | BuildsOn | Opens


@dataclass(frozen=True)
class Step:
    """A topic to study, and why."""

    topic: str
    reason: Reason


@dataclass(frozen=True)
class Path:
    """Every topic of the map in the order suggested to one learner."""

    syllabus: Syllabus
    states: Mapping[str, TopicState]
    order: tuple[str, ...]

    @classmethod
    def of(cls, syllabus: Syllabus, states: Mapping[str, TopicState]) -> Path:
        """`states` by topic; a topic that is not there has no questions."""
        return cls(syllabus, states, tuple(_ordered(syllabus, states)))

    def state(self, topic: str) -> TopicState:
        return self.states.get(topic, UNSEEN)

    def as_syllabus(self) -> Syllabus:
        """The map's requirements with the topics ranked for this learner, so that new questions follow the path."""
        return replace(self.syllabus, rank={topic: place for place, topic in enumerate(self.order)})

    def steps(self, most: int, near: Collection[str] = (), but: str = "") -> list[Step]:
        """What to study next: the first few topics that have something new, or something missed that is due.

        A topic waits while one that it requires should come before. Those in `near` come first; `but` is left out.
        """
        worth = [topic for topic in self.order if topic != but and self._is_worth(topic)]
        chosen = sorted((topic for topic in worth if not self._waits(topic)), key=lambda topic: topic not in near)
        return [Step(topic, self._reason(topic)) for topic in chosen[:most]]

    def _is_worth(self, topic: str) -> bool:
        state = self.state(topic)
        if state.standing is Standing.weak:
            return bool(state.fresh or state.due)
        return bool(state.fresh) and state.standing is not Standing.learnt

    def _waits(self, topic: str) -> bool:
        return any(self._is_worth(other) for other in _missing(topic, self.syllabus, self.states))

    def _reason(self, topic: str) -> Reason:
        state = self.state(topic)
        if state.standing is Standing.weak:
            return Missed(state.missed, state.seen)
        if state.seen:
            return GoOn(state.seen, state.questions)
        for other in self.order:
            if topic in self.syllabus.ancestors[other] and self.state(other).standing is Standing.weak:
                return NeededBy(other)
        if before := self.syllabus.requires[topic]:
            best = max(before, key=lambda other: KNOWN.index(self.state(other).standing))
            return BuildsOn(best, self.state(best).standing)
        return Opens(len(self.syllabus.followers[topic]))


def _ordered(syllabus: Syllabus, states: Mapping[str, TopicState]) -> Iterator[str]:
    def urgency(topic: str) -> tuple[int, int, int]:
        state = states.get(topic, UNSEEN)
        need = 0 if state.standing is Standing.weak else 1 if state.seen else 2
        return need, -syllabus.dependants[topic], syllabus.rank[topic]

    placed: set[str] = set()
    for wanted in sorted(syllabus.rank, key=urgency):
        ahead = [wanted]
        while ahead:
            topic = ahead[-1]
            missing = [other for other in _missing(topic, syllabus, states) if other not in placed]
            if missing:
                ahead.append(min(missing, key=urgency))
                continue
            ahead.pop()
            if topic not in placed:
                placed.add(topic)
                yield topic


def _missing(topic: str, syllabus: Syllabus, states: Mapping[str, TopicState]) -> list[str]:
    """The topics that it requires and that the learner does not know enough of to go on."""
    return [other for other in syllabus.requires[topic] if not states.get(other, UNSEEN).is_known]
