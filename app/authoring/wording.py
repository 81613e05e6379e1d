"""Chinese texts held to the glossary: no variant that it avoids, its term wherever the English text has it.

A learner meets questions in no fixed order, so no use of a term is the first: instead the terms of a topic's title are
given in English, too, by some text of that topic.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from app.authoring.findings import at
from app.bank.catalog import Bank, Entry
from app.bank.findings import Complaint, Finding
from app.bank.glossary import Glossary
from app.bank.loader import LoadedFile, locate
from app.bank.markup import prose
from app.bank.schema import Text, texts
from app.bank.yaml_source import PathKey
from app.languages import phrase


def wording_findings(entries: Iterable[Entry], glossary: Glossary) -> Iterator[Finding]:
    """Every departure from the glossary in the texts of `entries`."""
    for entry in entries:
        for path, text in texts(entry.question):
            place = (*path, "zh")
            for it in (*_avoided(place, text, glossary), *_left_out(place, text, glossary)):
                yield at(entry, it.at, it.message, it.mend, it.offset)


def title_findings(bank: Bank, glossary: Glossary, questions_dir: Path) -> Iterator[Finding]:
    """Variants that the glossary avoids in the titles of areas and topics, which are too short to have every term."""
    file = LoadedFile(questions_dir / "topics.yaml")
    titles: dict[str, list[Text]] = {
        "areas": [area.title for area in bank.areas],
        "topics": [topic.title for topic in bank.topics.values()],
    }
    for name, named in titles.items():
        for index, title in enumerate(named):
            for it in _avoided((name, index, "title", "zh"), title, glossary):
                yield locate(file, it)


def english_findings(bank: Bank, glossary: Glossary, questions_dir: Path, topics: Collection[str]) -> Iterator[Finding]:
    """Terms of several words in the titles of `topics` whose English no Chinese text of the topic gives."""
    file = LoadedFile(questions_dir / "topics.yaml")
    for index, topic in enumerate(bank.topics.values()):
        if topic.id not in topics:
            continue
        chinese = "\n".join(text.zh for entry in bank.of_topic(topic.id) for _, text in texts(entry.question))
        for term in glossary.terms_in(topic.title.en):
            if term.is_phrase and term.zh in topic.title.zh and not term.is_given_in_english(chinese):
                message = phrase(
                    "no Chinese text of '%(topic)s' gives the English of %(zh)s", topic=topic.id, zh=term.zh
                )
                mend = phrase("write %(zh)s（%(en)s） in one of them", zh=term.zh, en=term.en)
                yield locate(file, Complaint(("topics", index, "title", "zh"), message, mend))


def _avoided(path: PathKey, text: Text, glossary: Glossary) -> Iterator[Complaint]:
    for offset, variant, term in glossary.avoided_in(text):
        yield Complaint(
            path,
            phrase("'%(variant)s' is not our word for %(en)s", variant=variant, en=term.en),
            phrase("write %(zh)s", zh=term.zh),
            offset,
        )


def _left_out(path: PathKey, text: Text, glossary: Glossary) -> Iterator[Complaint]:
    """Looked for in the source first, as rendering every text takes seconds; code and formulas then don't count."""
    absent = [term for term in glossary.terms_in(text.en) if term.is_phrase and not term.is_said_in(text.zh)]
    for term in absent and glossary.terms_in(prose(text.en)):
        if term in absent and not set(term.avoid) & {variant for _, variant, _ in glossary.avoided_in(text)}:
            due = term.zh
            for form in term.also:
                due = phrase("%(term)s or %(other)s", term=due, other=form)
            yield Complaint(
                path,
                phrase("'en' speaks of %(en)s, 'zh' does not", en=term.en),
                phrase("write %(zh)s", zh=due),
            )
