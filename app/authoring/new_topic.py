"""A new topic at the end of the topic map, every other line of which stays as it is, comments and all."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from app.bank.cache import ParseCache
from app.bank.catalog import Bank
from app.bank.findings import of_validation, told
from app.bank.loader import whole
from app.bank.schema import KINDS, Topic, TopicMap
from app.errors import N_, Conflict, Invalid
from app.languages import Phrase, phrase

_TOPICS = re.compile(r"^topics:\s*$", re.MULTILINE)
_NEXT = re.compile(r"^[A-Za-z_]", re.MULTILINE)


@dataclass(frozen=True)
class Wanted:
    """What a new topic is to be. `facts` are what its questions must ask."""

    id: str
    area: str
    title_en: str
    title_zh: str
    facts: tuple[str, ...]


def add_topic(questions_dir: Path, bank: Bank, wanted: Wanted) -> Topic:
    """Write the topic at the end of `topics.yaml`. Raises Invalid, Conflict; the file is then as it was."""
    topic = checked(bank, wanted)
    path = questions_dir / "topics.yaml"
    text = path.read_text(encoding="utf-8")
    fresh = appended(text, topic)
    scratch = path.with_name(f".{path.name}.new")
    try:
        scratch.write_text(fresh, encoding="utf-8")
        made, findings = whole(scratch, ParseCache(None), TopicMap.model_validate_json, TopicMap)
        if findings or made is None or topic.id not in {it.id for it in made.topics}:
            raise Invalid(N_("The topic map could not take this topic."))
        if path.read_text(encoding="utf-8") != text:
            raise Conflict(N_("The topic map was changed meanwhile."), N_("Nothing was changed. Try again."))
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)
    return topic


def appended(text: str, topic: Topic) -> str:
    """The topic map's text with the topic after the last one."""
    found = _TOPICS.search(text)
    if found is None:
        raise Invalid(N_("The topic map could not take this topic."))
    after = _NEXT.search(text, found.end())
    end = after.start() if after else len(text)
    return text[:end].rstrip("\n") + "\n" + "\n".join(_lines(topic)) + "\n" + text[end:]


def _lines(topic: Topic) -> list[str]:
    quoted = {name: json.dumps(text, ensure_ascii=False) for name, text in topic.facts.items()}
    return [
        f"- id: {topic.id}",
        f"  area: {topic.area}",
        f"  title: {{en: {_quoted(topic.title.en)}, zh: {_quoted(topic.title.zh)}}}",
        f"  kinds: [{', '.join(topic.kinds)}]",
        *(["  facts:", *(f"    {name}: {text}" for name, text in quoted.items())] if quoted else ["  facts: {}"]),
    ]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # JSON's strings are YAML's, double-quoted


def checked(bank: Bank, wanted: Wanted) -> Topic:
    """The topic as it would be. Raises Invalid, Conflict."""
    if wanted.id in bank.topics:
        raise Conflict(N_("There is a topic named %(name)s already."), N_("Choose another name."), name=wanted.id)
    if wanted.area not in {area.id for area in bank.areas}:
        raise Invalid(N_("There is no such area."))
    facts = {f"f{number}": fact for number, fact in enumerate(wanted.facts, start=1)}
    data = {
        "id": wanted.id,
        "area": wanted.area,
        "title": {"en": wanted.title_en, "zh": wanted.title_zh},
        "kinds": [kind for kind in KINDS if kind != "code"],
        "facts": facts,
    }
    try:
        return Topic.model_validate_json(json.dumps(data))
    except ValidationError as error:
        faults = _all([told(it.message, it.mend) for it in of_validation(error, data, Topic)])
        raise Invalid(N_("This topic has faults: %(faults)s"), faults=faults) from None


def _all(faults: Sequence[Phrase]) -> Phrase:
    if len(faults) < 2:
        return faults[0]
    return phrase("%(fault)s; %(more)s", fault=faults[0], more=_all(faults[1:]))
