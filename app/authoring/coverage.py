"""How much of the topic map the published questions ask."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from app.bank.catalog import Bank


@dataclass(frozen=True)
class Coverage:
    """Counts over the whole bank. `facts` are those of the topic map, `asked` those that some question covers."""

    questions: int
    topics: int
    topics_asked: int
    areas: int
    areas_asked: int
    facts: int
    facts_asked: int
    by_kind: dict[str, int]
    by_area: dict[str, int]

    def __str__(self) -> str:
        return (
            f"{self.questions} questions in {self.areas_asked} of {self.areas} areas, "
            f"{self.topics_asked} of {self.topics} topics, {self.facts_asked} of {self.facts} facts"
        )


def coverage(bank: Bank) -> Coverage:
    """What the published questions of `bank` cover."""
    facts = {f"{topic.id}/{name}" for topic in bank.topics.values() for name in topic.facts}
    asked = {
        fact if "/" in fact else f"{entry.topic.id}/{fact}"
        for entry in bank.published
        for fact in entry.question.covers
    }
    by_area = Counter(entry.area.id for entry in bank.published)
    by_kind = Counter(entry.question.kind for entry in bank.published)
    return Coverage(
        questions=len(bank.published),
        topics=len(bank.topics),
        topics_asked=len({entry.topic.id for entry in bank.published}),
        areas=len(bank.areas),
        areas_asked=len(by_area),
        facts=len(facts),
        facts_asked=len(facts & asked),
        by_kind=dict(sorted(by_kind.items())),
        by_area={area.id: by_area[area.id] for area in bank.areas},
    )
