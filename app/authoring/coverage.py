"""How much of the topic map the published questions ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from app.bank.catalog import Bank
from app.bank.schema import ChoiceBase, Question

COUNTING = frozenset({"wrong", "imprecise", "dated"})  # the other severities are no claims about the field


@dataclass(frozen=True)
class Coverage:
    """Counts over the whole bank. `facts` are those of the topic map, `asked` those that some question covers.

    `errata` are those whose severity is one of `COUNTING`.
    """

    questions: int
    topics: int
    topics_asked: int
    areas: int
    areas_asked: int
    facts: int
    facts_asked: int
    errata: int
    errata_used: int
    by_kind: dict[str, int]
    by_area: dict[str, int]

    def __str__(self) -> str:
        return (
            f"{self.questions} questions in {self.areas_asked} of {self.areas} areas, "
            f"{self.topics_asked} of {self.topics} topics, {self.facts_asked} of {self.facts} facts, "
            f"{self.errata_used} of {self.errata} errata that count"
        )


def facts_asked(bank: Bank) -> set[str]:
    """`topic/f1` of every fact that a published question covers."""
    return {
        fact if "/" in fact else f"{entry.topic.id}/{fact}"
        for entry in bank.published
        for fact in entry.question.covers
    }


def errata_due(bank: Bank) -> set[str]:
    """Ids of the errata that must be used."""
    return {erratum.id for erratum in bank.errata.values() if erratum.severity in COUNTING}


def errata_used(bank: Bank) -> set[str]:
    """Ids that a published question names, for itself or at an option."""
    return {name for entry in bank.published for name in _errata_of(entry.question)}


def _errata_of(question: Question) -> Iterator[str]:
    yield from question.errata
    if isinstance(question, ChoiceBase):
        yield from (option.erratum for option in question.options if option.erratum)


def coverage(bank: Bank) -> Coverage:
    """What the published questions of `bank` cover."""
    facts = {f"{topic.id}/{name}" for topic in bank.topics.values() for name in topic.facts}
    due = errata_due(bank)
    by_area = Counter(entry.area.id for entry in bank.published)
    by_kind = Counter(entry.question.kind for entry in bank.published)
    return Coverage(
        questions=len(bank.published),
        topics=len(bank.topics),
        topics_asked=len({entry.topic.id for entry in bank.published}),
        areas=len(bank.areas),
        areas_asked=len(by_area),
        facts=len(facts),
        facts_asked=len(facts & facts_asked(bank)),
        errata=len(due),
        errata_used=len(due & errata_used(bank)),
        by_kind=dict(sorted(by_kind.items())),
        by_area={area.id: by_area[area.id] for area in bank.areas},
    )
