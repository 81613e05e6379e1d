"""The bank in memory: questions by id with their topics, and search. Immutable; a change of files makes a new one."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from app.bank.schema import Area, Erratum, Question, Status, Topic

# What can change without changing what is remembered: everything else is the question's meaning.
COSMETIC = frozenset(
    {"tags", "sources", "minutes", "status", "difficulty", "why", "explanation", "note", "hints", "covers"}
)


@dataclass(frozen=True, eq=False)
class Entry:
    """A question in its place. `path` and `line` say where it is written."""

    question: Question
    topic: Topic
    area: Area
    path: Path
    line: int

    @cached_property
    def hash(self) -> str:
        """Of everything the question says."""
        return _digest(self.question.model_dump(mode="json"))

    @cached_property
    def meaning_hash(self) -> str:
        """Of what is remembered: an edit that keeps it is cosmetic."""
        return _digest(_meaning(self.question.model_dump(mode="json")))

    @property
    def is_published(self) -> bool:
        return self.question.status is Status.published


@dataclass(frozen=True, eq=False)
class Bank:
    """Questions in the order of the topic map, and within a topic of its file."""

    questions: Mapping[str, Entry]
    topics: Mapping[str, Topic]
    areas: tuple[Area, ...]
    errata: Mapping[str, Erratum] = field(default_factory=dict)

    @cached_property
    def published(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.questions.values() if entry.is_published)

    def area(self, area_id: str) -> Area:
        return next(area for area in self.areas if area.id == area_id)

    def of_topic(self, topic_id: str) -> list[Entry]:
        return [entry for entry in self.questions.values() if entry.topic.id == topic_id]

    def search(self, text: str) -> list[Entry]:
        """Published questions that hold every word of `text` in either language, matches in titles first.

        Words are substrings after NFKC and case folding, so two Chinese characters, or one, find their words.
        """
        words = folded(text).split()
        if not words:
            return []
        ranked: list[tuple[int, int, Entry]] = []
        for place, (entry, title, body) in enumerate(self._index):
            if all(word in title or word in body for word in words):
                ranked.append((sum(word not in title for word in words), place, entry))
        return [entry for _, _, entry in sorted(ranked, key=lambda hit: hit[:2])]

    @cached_property
    def _index(self) -> list[tuple[Entry, str, str]]:
        return [(entry, *_searchable(entry)) for entry in self.published]


def folded(text: str) -> str:
    """For comparing: NFKC, case-folded."""
    return unicodedata.normalize("NFKC", text).casefold()


def _searchable(entry: Entry) -> tuple[str, str]:
    question = entry.question
    title = (question.id.replace("-", " "), question.id, entry.topic.title.en, entry.topic.title.zh)
    body = (question.prompt.en, question.prompt.zh, entry.area.title.en, entry.area.title.zh, *question.tags)
    return folded("\n".join(title)), folded("\n".join(body))


def _meaning(value: object) -> object:
    if isinstance(value, dict):
        return {key: _meaning(item) for key, item in value.items() if key not in COSMETIC}
    return [_meaning(item) for item in value] if isinstance(value, list) else value


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
