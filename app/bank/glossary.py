"""The field's terms in both languages, and where a Chinese text departs from them.

Owns `questions/glossary.yaml` as values and the matching of terms: the longest match wins, so that 逐点卷积 holds no
点卷积. What is said of a departure is `authoring.wording`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from pydantic import Field, TypeAdapter, model_validator

from app.bank.cache import ParseCache
from app.bank.catalog import folded
from app.bank.findings import Complaint, Finding
from app.bank.loader import LoadedFile, locate, whole
from app.bank.schema import Line, Text, Value
from app.languages import phrase


class Term(Value):
    """One term. `also` may stand for `zh`, `avoid` may not; `abbr` are used in both languages.

    `keep` names phrases that hold one of `avoid` and are right, each with its reason.
    """

    en: Line
    zh: Line
    abbr: tuple[Line, ...] = ()
    also: tuple[Line, ...] = ()
    avoid: tuple[Line, ...] = ()
    keep: dict[Line, Line] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _no_contradiction(self) -> Term:
        if both := {self.zh, *self.also} & set(self.avoid):
            raise ValueError(f"'{sorted(both)[0]}' is both used and avoided; remove one of the two")
        return self

    @property
    def is_phrase(self) -> bool:
        """More than one word. A single one (map, head, kernel) Chinese often leaves out or says otherwise."""
        return bool(re.search(r"[ -]", self.en))

    def is_said_in(self, zh: str) -> bool:
        """Whether a Chinese text has this term in any accepted form."""
        return _has_one(zh, (self.zh, *self.also, *self.abbr, self.en))

    def is_given_in_english(self, zh: str) -> bool:
        """Whether a Chinese text has the English term or its abbreviation."""
        return _has_one(zh, (self.en, *self.abbr))


_terms: TypeAdapter[tuple[Term, ...]] = TypeAdapter(tuple[Term, ...])


class Glossary:
    """The terms, ready to be looked for."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.terms = tuple(terms)
        self._by_name = {_spelled(term.en): term for term in self.terms}
        self._avoided = {variant: term for term in self.terms for variant in term.avoid}
        self._own: Mapping[str, Term] = {term.zh: term for term in self.terms}

    def terms_in(self, en: str) -> list[Term]:
        """The terms of an English text, each once, in order."""
        found = self._english.finditer(_spelled(en))
        return list({self._by_name[match[1]].en: self._by_name[match[1]] for match in found}.values())

    def avoided_in(self, text: Text) -> Iterator[tuple[int, str, Term]]:
        """(offset into the Chinese text, what stands there, its term) of every variant that must not be used.

        A variant that is another term's own word is one only where the English text speaks of this term and not of the
        other.
        """
        for match in self._chinese.finditer(text.zh):
            if (term := self._avoided.get(match[0])) is None:
                continue
            if (other := self._own.get(match[0])) is not None:
                spoken_of = self.terms_in(text.en)
                if term not in spoken_of or other in spoken_of:
                    continue
            yield match.start(), match[0], term

    @cached_property
    def _english(self) -> re.Pattern[str]:
        return re.compile(rf"(?<![a-z0-9])({_longest_first(self._by_name)})(?:s|es)?(?![a-z0-9])")

    @cached_property
    def _chinese(self) -> re.Pattern[str]:
        kept = [form for term in self.terms for form in (term.zh, *term.also, *term.keep)]
        return re.compile(_longest_first({*self._avoided, *kept}))


def _longest_first(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word))) or r"(?!)"


def _has_one(text: str, forms: Iterable[str]) -> bool:
    said = _spelled(text)
    return any(_spelled(form) in said for form in forms)


def _spelled(text: str) -> str:
    """For comparing: case, hyphens and the two spellings of -ise folded, marks of emphasis dropped."""
    return folded(text).replace("-", " ").replace("*", "").replace("iz", "is")


def load_glossary(questions_dir: Path) -> tuple[Glossary, list[Finding]]:
    """`glossary.yaml`; empty if it has faults or is not there."""
    path = questions_dir / "glossary.yaml"
    if not path.is_file():
        return Glossary(()), []
    terms, findings = whole(path, ParseCache(None), _terms.validate_json, Term)
    file = LoadedFile(path)
    seen: set[str] = set()
    for index, term in enumerate(terms or ()):
        if _spelled(term.en) in seen:
            complaint = Complaint(
                (index, "en"), phrase("'%(en)s' stands here twice", en=term.en), phrase("make one entry of the two")
            )
            findings.append(locate(file, complaint))
        seen.add(_spelled(term.en))
    return Glossary(terms or ()), findings
