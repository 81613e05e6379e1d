"""Faults of the topic map that only the whole map shows: requirements of topics that are not there, and circles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from app.bank.findings import Complaint, Finding, near
from app.bank.loader import LoadedFile, locate
from app.bank.schema import Topic
from app.languages import phrase
from app.scheduling.syllabus import Syllabus


def map_findings(questions_dir: Path, topics: Mapping[str, Topic]) -> list[Finding]:
    """One finding for each requirement that names no topic or closes a circle, at its place in `topics.yaml`."""
    complaints = list(_complaints(topics))
    file = LoadedFile(questions_dir / "topics.yaml")
    return [locate(file, complaint) for complaint in complaints]


def _complaints(topics: Mapping[str, Topic]) -> Iterator[Complaint]:
    kept = Syllabus.of((topic.id, topic.requires) for topic in topics.values()).requires
    for index, topic in enumerate(topics.values()):
        for number, other in enumerate(topic.requires):
            at = ("topics", index, "requires", number)
            if other not in topics:
                yield Complaint(
                    at,
                    phrase("unknown topic '%(other)s'", other=other),
                    near(other, topics) or phrase("take one of this file"),
                )
            elif other not in kept[topic.id]:
                circle = " requires ".join([topic.id, *_way(other, topic.id, topics)])
                yield Complaint(
                    at, phrase("a circle: %(circle)s", circle=circle), phrase("take one of these requirements away")
                )


def _way(start: str, goal: str, topics: Mapping[str, Topic]) -> list[str]:
    """The shortest chain of requirements from one topic to another, both ends included."""
    ways = [[start]]
    seen = {start}
    for way in ways:
        if way[-1] == goal:
            return way
        new = [other for other in topics[way[-1]].requires if other in topics and other not in seen]
        seen.update(new)
        ways += [[*way, other] for other in new]
    raise ValueError(f"{start} does not rest on {goal}")
