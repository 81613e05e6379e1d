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

MIN_QUESTIONS = 3
MIN_KINDS = 2


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
                mend = f"write one, or add {fact} to 'covers' of the one that asks it"
                message = f"no published question asks {topic.id}/{fact}"
                yield Complaint(("topics", index, "facts", fact), message, mend)
        for message, mend in _thin(topic, by_topic[topic.id]):
            yield Complaint(("topics", index, "kinds"), message, mend)


def _thin(topic: Topic, entries: list[Entry]) -> Iterator[tuple[str, str]]:
    """(what is missing, what to do) of one topic's questions beside code."""
    kinds = [entry.question.kind for entry in entries if entry.question.kind != "code"]
    if len(kinds) < MIN_QUESTIONS or len(set(kinds)) < MIN_KINDS:
        message = f"'{topic.id}' has {len(kinds)} published questions of {len(set(kinds))} kinds beside code"
        yield message, f"write more: at least {MIN_QUESTIONS} of {MIN_KINDS} kinds"
    if "numeric" in topic.kinds and "numeric" not in kinds:
        yield f"'{topic.id}' lists numeric and has no numeric question", "write one, or take numeric out of 'kinds'"


def _errata_gaps(bank: Bank, topics: Collection[str]) -> Iterator[Complaint]:
    missing = errata_due(bank) - errata_used(bank)
    for index, erratum in enumerate(bank.errata.values()):
        known = [topic for topic in erratum.topics if topic in bank.topics]
        if erratum.id in missing and known and all(topic in topics for topic in known):
            message = f"no published question uses {erratum.id}, which is {erratum.severity}"
            mend = f"name it in a question of {', '.join(known)}: under 'errata', or at the option it makes wrong"
            yield Complaint((index, "id"), message, mend)


def _located(path: Path, complaints: Iterator[Complaint]) -> list[Finding]:
    file = LoadedFile(path)  # its places are worked out for the first complaint only
    return [locate(file, complaint) for complaint in complaints]
