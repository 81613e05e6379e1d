"""The bank in memory: questions by id with their topics, and search. Immutable; a change of files makes a new one."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from app.bank.schema import Area, Erratum, Question, Status, Topic

# What can change without changing what is remembered; everything else is the question's meaning.
COSMETIC = frozenset(
    {
        "answer_figure", "case_titles", "complexity", "covers", "difficulty", "errata", "erratum", "explanation",
        "follow_ups", "hints", "minutes", "oracle", "picture", "picture_args", "reveal_hidden_after", "solution",
        "sources", "status", "tags", "waived_mutants", "without",
    }
)  # fmt: skip
COSMETIC_WITHIN = frozenset({"why", "note", "erratum"})  # of options, blanks, items, pairs, mistakes, wrong solutions


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
        """Of everything the question says. Fields left at their default don't count, so a new one changes nothing."""
        return _digest(self._said)

    @cached_property
    def meaning_hash(self) -> str:
        """Of what is remembered: an edit that keeps it is cosmetic."""
        kept = {name: value for name, value in self._said.items() if name not in COSMETIC}
        return _digest({name: _meaning(value) for name, value in kept.items()})

    @cached_property
    def searchable(self) -> tuple[str, str]:
        """What search compares words with: (id and topic, texts)."""
        return _searchable(self)

    @property
    def is_published(self) -> bool:
        return self.question.status is Status.published

    @property
    def _said(self) -> dict[str, object]:
        return self.question.model_dump(mode="json", exclude_defaults=True)


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

    @cached_property
    def hash(self) -> str:
        """Of every question."""
        return _digest({name: entry.hash for name, entry in self.questions.items()})

    def area(self, area_id: str) -> Area:
        """Raises KeyError for an unknown one."""
        return self._areas[area_id]

    def of_topic(self, topic_id: str) -> list[Entry]:
        return [entry for entry in self.questions.values() if entry.topic.id == topic_id]

    def with_changes(self, changes: Mapping[str, Entry | None]) -> Bank:
        """A bank with those questions put in place of what it has, or added at the end; None takes one out."""
        questions = {**self.questions, **changes}
        return replace(self, questions={name: entry for name, entry in questions.items() if entry is not None})

    def search(self, text: str) -> list[Entry]:
        """Published questions that hold every word of `text` in either language; ids first, then titles, then prompts.

        Words are substrings after NFKC and case folding, so two Chinese characters, or one, find their words.
        """
        words = folded(text).split()
        if not words:
            return []
        found: tuple[list[Entry], ...] = ([], [], [])
        for entry, name, title, body in self._index:
            if all(word in name for word in words):
                found[0].append(entry)
            elif all(word in title for word in words):
                found[1].append(entry)
            elif all(word in body or word in title for word in words):
                found[2].append(entry)
        return [entry for rank in found for entry in rank]

    @cached_property
    def _areas(self) -> dict[str, Area]:
        return {area.id: area for area in self.areas}

    @cached_property
    def _index(self) -> list[tuple[Entry, str, str, str]]:
        return [(entry, entry.question.id, *entry.searchable) for entry in self.published]


def folded(text: str) -> str:
    """For comparing: NFKC, case-folded."""
    return unicodedata.normalize("NFKC", text).casefold()


def _searchable(entry: Entry) -> tuple[str, str]:
    question = entry.question
    title = (question.id, question.id.replace("-", " "), entry.topic.id, entry.topic.title.en, entry.topic.title.zh)
    body = (question.prompt.en, question.prompt.zh, entry.area.title.en, entry.area.title.zh, *question.tags)
    return folded("\n".join(title)), folded("\n".join(body))


def _meaning(value: object) -> object:
    if isinstance(value, dict):
        return {key: _meaning(item) for key, item in value.items() if key not in COSMETIC_WITHIN}
    if isinstance(value, str):
        return " ".join(value.split())  # breaking lines elsewhere is no change of meaning
    return [_meaning(item) for item in value] if isinstance(value, list) else value


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
