"""The report of a sitting, pure: what was reached, where, in what time, how sure, and what to study next.

The score: each section counts by its minutes, each question of a section alike; where a section lets the learner choose
which questions to answer, the best of them count. A question whose mark is not known yet, or whose grading broke, is
left out until it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from app.interview.marking import Mark
from app.interview.store import Sitting, Slot

STRONG = 0.8  # a topic's share from which it is a strength
TO_STUDY = 5
CONFIDENCES = (1, 2, 3)
Key = TypeVar("Key")


@dataclass(frozen=True)
class Line:
    """One question: its mark, and the time against what it should take, in seconds."""

    slot: Slot
    mark: Mark
    budget_s: float
    counts: bool  # False for a question left out by choice


@dataclass(frozen=True)
class Share:
    """The mean score of so many questions."""

    score: float
    questions: int


@dataclass(frozen=True)
class Calibration:
    """Of the answers given with this confidence, how many were right."""

    confidence: int
    right: int
    answers: int


@dataclass(frozen=True)
class Earlier:
    """An earlier sitting of the learner: when, and its score."""

    id: int
    started_at: datetime
    score: float


@dataclass(frozen=True)
class Report:
    """`score` is None while nothing is known. `study` names topics, the weakest first; `strong` the strongest."""

    score: float | None
    sections: tuple[Share | None, ...]
    lines: tuple[Line, ...]
    by_topic: Mapping[str, Share]
    by_topic_and_difficulty: Mapping[str, Mapping[int, Share]]
    by_kind: Mapping[str, Share]
    calibration: tuple[Calibration, ...]
    strong: tuple[str, ...]
    study: tuple[str, ...]
    earlier: tuple[Earlier, ...]
    to_score: int
    grading: int
    broken: int

    @property
    def is_final(self) -> bool:
        return not (self.to_score or self.grading or self.broken)

    @property
    def misses(self) -> list[Line]:
        """What was due and not right: wrong, partly right, or unanswered."""
        return [line for line in self.lines if line.counts and line.mark.state in ("wrong", "partly", "unanswered")]


def report(sitting: Sitting, marks: Mapping[int, Mark], earlier: Sequence[Earlier] = ()) -> Report:
    """What the sitting came to."""
    lines = _lines(sitting, marks)
    known = [line for line in lines if line.counts and line.mark.score is not None]
    sections = tuple(
        _share(line for line in known if line.slot.section == number)
        for number in range(len(sitting.blueprint.sections))
    )
    by_topic = _grouped(known, lambda line: line.slot.entry.topic.id)
    ranked = sorted(by_topic, key=lambda topic: _weakest(by_topic[topic]))
    states = [line.mark.state for line in lines]
    return Report(
        score=_overall(sitting, sections),
        sections=sections,
        lines=tuple(lines),
        by_topic=by_topic,
        by_topic_and_difficulty={
            topic: _grouped(
                (line for line in known if line.slot.entry.topic.id == topic),
                lambda line: line.slot.entry.question.difficulty,
            )
            for topic in by_topic
        },
        by_kind=_grouped(known, lambda line: line.slot.entry.question.kind),
        calibration=_calibration(lines),
        strong=tuple(topic for topic in reversed(ranked) if by_topic[topic].score >= STRONG)[:TO_STUDY],
        study=tuple(topic for topic in ranked if by_topic[topic].score < STRONG)[:TO_STUDY],
        earlier=tuple(earlier),
        to_score=states.count("to_score"),
        grading=states.count("grading"),
        broken=states.count("broken"),
    )


def _lines(sitting: Sitting, marks: Mapping[int, Mark]) -> list[Line]:
    lines = []
    for number, section in enumerate(sitting.blueprint.sections):
        asked = sitting.of_section(number)
        best = sorted(asked, key=lambda slot: (_worth(marks[slot.number]), -slot.number), reverse=True)
        counting = {slot.number for slot in best[: section.answered]}
        estimate = sum(slot.entry.question.minutes for slot in asked) or 1.0
        seconds = section.minutes * sitting.multiplier * 60 * section.count / section.answered
        for slot in asked:
            budget_s = seconds * slot.entry.question.minutes / estimate
            lines.append(Line(slot, marks[slot.number], budget_s, slot.number in counting))
    return lines


def _worth(mark: Mark) -> float:
    """For choosing the best: what is not known yet may still turn out well, what was not answered goes last."""
    if mark.state == "unanswered":
        return -1.0
    return 2.0 if mark.score is None else mark.score


def _overall(sitting: Sitting, sections: Sequence[Share | None]) -> float | None:
    weighed = [
        (share.score, section.minutes)
        for share, section in zip(sections, sitting.blueprint.sections, strict=True)
        if share is not None
    ]
    if not weighed:
        return None
    return sum(score * minutes for score, minutes in weighed) / sum(minutes for _, minutes in weighed)


def _share(lines: Iterable[Line]) -> Share | None:
    scores = [line.mark.score for line in lines if line.mark.score is not None]
    return Share(sum(scores) / len(scores), len(scores)) if scores else None


def _grouped(lines: Iterable[Line], key_of: Callable[[Line], Key]) -> dict[Key, Share]:
    groups: dict[Key, list[Line]] = defaultdict(list)
    for line in lines:
        groups[key_of(line)].append(line)
    return {key: share for key, found in groups.items() if (share := _share(found)) is not None}


def _weakest(share: Share) -> tuple[float, int]:
    """Of equally weak ones the one asked more often goes first."""
    return share.score, -share.questions


def _calibration(lines: Sequence[Line]) -> tuple[Calibration, ...]:
    given = [line for line in lines if line.slot.confidence and line.mark.state in ("right", "partly", "wrong")]
    return tuple(
        Calibration(
            level,
            right=sum(line.mark.state == "right" for line in given if line.slot.confidence == level),
            answers=sum(line.slot.confidence == level for line in given),
        )
        for level in CONFIDENCES
        if any(line.slot.confidence == level for line in given)
    )
