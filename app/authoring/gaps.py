"""What the topic map asks for and no published question gives: facts, kinds, errata.

Told at the topic's or erratum's own place in `topics.yaml` and `errata.yaml`; `coverage` only counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from pathlib import Path

from app.authoring.coverage import errata_due, errata_used, facts_asked
from app.bank.catalog import Bank, Entry
from app.bank.findings import Complaint, Finding
from app.bank.loader import LoadedFile, locate
from app.bank.schema import Topic
from app.languages import Phrase, phrase

MIN_QUESTIONS = 3
MIN_KINDS = 2
_SEVERITIES = {"wrong": phrase("wrong"), "imprecise": phrase("imprecise"), "dated": phrase("dated")}  # those that count


def gaps(bank: Bank, questions_dir: Path, topics: Collection[str]) -> list[Finding]:
    """Every gap in `topics`, and in the errata all of whose topics are among them."""
    return [
        *_located(questions_dir / "topics.yaml", _topic_gaps(bank, topics)),
        *_located(questions_dir / "errata.yaml", _errata_gaps(bank, topics)),
    ]


def _topic_gaps(bank: Bank, topics: Collection[str]) -> Iterator[Complaint]:
    asked = facts_asked(bank)
    by_topic: dict[str, list[Entry]] = defaultdict(list)
    for entry in bank.published:
        by_topic[entry.topic.id].append(entry)
    for index, topic in enumerate(bank.topics.values()):
        if topic.id not in topics:
            continue
        for fact in topic.facts:
            if f"{topic.id}/{fact}" not in asked:
                mend = phrase("write one, or add %(fact)s to 'covers' of the one that asks it", fact=fact)
                message = phrase("no published question asks %(topic)s/%(fact)s", topic=topic.id, fact=fact)
                yield Complaint(("topics", index, "facts", fact), message, mend)
        for message, mend in _thin(topic, by_topic[topic.id]):
            yield Complaint(("topics", index, "kinds"), message, mend)


def _thin(topic: Topic, entries: list[Entry]) -> Iterator[tuple[Phrase, Phrase]]:
    """(what is missing, what to do) of one topic's questions beside code."""
    kinds = [entry.question.kind for entry in entries if entry.question.kind != "code"]
    if len(kinds) < MIN_QUESTIONS or len(set(kinds)) < MIN_KINDS:
        message = phrase(
            "'%(topic)s' has %(count)s published questions of %(kinds)s kinds beside code",
            topic=topic.id,
            count=len(kinds),
            kinds=len(set(kinds)),
        )
        yield (
            message,
            phrase(
                "write more: at least %(questions)s of %(kinds)s kinds",
                questions=MIN_QUESTIONS,
                kinds=MIN_KINDS,
            ),
        )
    if "numeric" in topic.kinds and "numeric" not in kinds:
        yield (
            phrase("'%(topic)s' lists numeric and has no numeric question", topic=topic.id),
            phrase("write one, or take numeric out of 'kinds'"),
        )


def _errata_gaps(bank: Bank, topics: Collection[str]) -> Iterator[Complaint]:
    missing = errata_due(bank) - errata_used(bank)
    for index, erratum in enumerate(bank.errata.values()):
        known = [topic for topic in erratum.topics if topic in bank.topics]
        if erratum.id in missing and known and all(topic in topics for topic in known):
            message = phrase(
                "no published question uses %(erratum)s, which is %(severity)s",
                erratum=erratum.id,
                severity=_SEVERITIES.get(erratum.severity, erratum.severity),
            )
            mend = phrase(
                "name it in a question of %(names)s: under 'errata', or at the option it makes wrong",
                names=", ".join(known),
            )
            yield Complaint((index, "id"), message, mend)


def _located(path: Path, complaints: Iterator[Complaint]) -> list[Finding]:
    file = LoadedFile(path)  # its places are worked out for the first complaint only
    return [locate(file, complaint) for complaint in complaints]
