"""Questions from elsewhere made into drafts: each looked at by itself, its faults told with its line or row.

Owns what a draft from outside must be: readable by the schema, of a known topic, with an id that nobody has. Whether
it may be published is the gate's to say later. Tables are `import_table`'s.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from app.accounts import audit
from app.accounts.service import Learner
from app.authoring import revisions
from app.authoring.models import Origin
from app.authoring.revisions import Fresh
from app.authoring.single import tidy
from app.bank.catalog import Bank, Entry
from app.bank.chunks import chunks
from app.bank.findings import Complaint, of_validation
from app.bank.schema import Question
from app.bank.yaml_source import read
from app.errors import N_, Invalid
from app.languages import Phrase, phrase

MOST_ROWS = 2_000
AT_LINE = N_("line %(line)s: %(what)s")
MAX_TEXT_BYTES = 2 * 2**20
_question: TypeAdapter[Question] = TypeAdapter(Question)
_TOPIC = re.compile(r"^topic:[ \t]*[\"']?([a-z0-9-]+)", re.MULTILINE)
_LIST = re.compile(r"^questions:", re.MULTILINE)
_ID = re.compile(r"^id:[^\n]*\n", re.MULTILINE)
_WORDS = re.compile(r"[a-z0-9]+")
_ID_CHARS = 60


@dataclass(frozen=True)
class Candidate:
    """One question to be: `place` is its line, or its row of a table. Without faults it can become a draft.

    `given` is what was sent for it, as it was: its text, or the cells of its row.
    """

    place: int
    question_id: str
    topic_id: str
    yaml: str
    title: str
    faults: tuple[Phrase, ...]
    given: tuple[str, ...]
    hash: str | None = None


def from_yaml(text: str, topic_id: str, bank: Bank, taken: Set[str]) -> list[Candidate]:
    """One question, a list of them, or a whole topic file, whose `topic` goes before `topic_id`; comments are kept."""
    if len(text.encode(errors="replace")) > MAX_TEXT_BYTES:
        raise Invalid(N_("The text is larger than 2 MiB: send it in parts."))
    named = _TOPIC.search(text) if _LIST.search(text) else None
    topic_id = named[1] if named else topic_id
    used = set(taken)
    made = []
    for line, part in _parts(text.replace("\r\n", "\n")):
        made.append(candidate(line, tidy(part), topic_id, bank, used, given=(part,)))
        if len(made) > MOST_ROWS:
            raise too_many()
    return made


def candidate(
    place: int,
    yaml: str,
    topic_id: str,
    bank: Bank,
    used: set[str],
    given: tuple[str, ...],
    faults: Sequence[Phrase] = (),
) -> Candidate:
    """Look at one text; a sound one's id is added to `used`."""
    source = read(yaml.encode(errors="replace"))
    told = [*faults, *(_at_line(place + it.line - 1, it.message) for it in source.faults)]
    data = source.data if isinstance(source.data, dict) else {}
    made = Candidate(place, str(data.get("id") or ""), topic_id, yaml, _title(data), (), given)
    if not source.faults and not isinstance(source.data, dict):
        told.append(phrase("this is no question: begin with 'id:' or 'kind:'"))
    topic = bank.topics.get(topic_id)
    if topic is None:
        told.append(phrase("there is no topic '%(topic_id)s'", topic_id=topic_id))
    if told or topic is None:
        return replace(made, faults=tuple(told))
    if "id" not in data:
        name = fresh_id(topic_id, _title(data), used)
        yaml = f"id: {name}\n{yaml}"
        data = {"id": name} | data
    elif made.question_id in used:
        return replace(made, faults=(phrase("the id '%(question)s' is taken", question=made.question_id),))
    try:
        question = _question.validate_json(json.dumps(data, ensure_ascii=False))
    except ValidationError as error:
        places = [(source.place(it.at)[0], it) for it in of_validation(error, data)]
        told = [_at_line(place + line - 1, _at_field(it)) for line, it in places]
        return replace(made, faults=tuple(told))
    used.add(question.id)
    entry = Entry(question, topic, bank.area(topic.area), Path(), 0)
    return replace(made, question_id=question.id, yaml=yaml, hash=entry.hash)


def _at_line(line: int, what: Phrase) -> Phrase:
    return Phrase(AT_LINE, {"line": line, "what": what})


def _at_field(it: Complaint) -> Phrase:
    return phrase("%(field)s: %(what)s", field=".".join(map(str, it.at)), what=it.message) if it.at else it.message


def save(
    connection: Connection, found: Iterable[Candidate], source: str, by: Learner, now: datetime
) -> tuple[str, ...]:
    """Make drafts of those without faults; their ids. `source` says where they came from, for the history."""
    made = []
    for it in found:
        if it.faults:
            continue
        fresh = Fresh(it.question_id, it.topic_id, "draft", it.yaml, it.hash, Origin.imported, note=f"import: {source}")
        revisions.save(connection, fresh, by, now, base_number=None, publish=False)
        made.append(it.question_id)
    if not made:
        raise Invalid(N_("There is no question here that could be made a draft."))
    audit.record(connection, by, now, "question.import", source=source, ids=made)
    return tuple(made)


def fresh_id(topic_id: str, text: str, used: Set[str]) -> str:
    """An id made from the topic and the words of a text; from its hash where it has no Latin words. Not in `used`."""
    words = _WORDS.findall(text.lower())
    tail = "-".join(words)[: _ID_CHARS - 20].strip("-") or hashlib.sha256(text.encode()).hexdigest()[:10]
    name = f"{topic_id[:30].strip('-')}-{tail}"
    unique, number = name, 2
    while unique in used:
        unique, number = f"{name}-{number}", number + 1
    return unique


def too_many() -> Invalid:
    return Invalid(N_("At most %(most)s questions are imported at once: send them in parts."), most=MOST_ROWS)


def _parts(text: str) -> Iterable[tuple[int, str]]:
    """Each question's text with the line that it begins in, counted from 1."""
    first = next((line for line in text.split("\n") if line.strip() and not line.startswith(("#", "---"))), "")
    if not first:
        raise Invalid(N_("There is nothing to import: choose a file or paste a text."))
    if _LIST.search(text):
        return [(chunk.start + 1, chunk.text) for chunk in chunks(text)]
    if first.lstrip().startswith("- "):
        return [(chunk.start, chunk.text) for chunk in chunks(f"questions:\n{text}")]
    return [(1, text)]


def _title(data: dict[str, object]) -> str:
    prompt = data.get("prompt")
    texts = [prompt.get(lang) for lang in ("en", "zh")] if isinstance(prompt, dict) else []
    return next((" ".join(text.split())[:120] for text in texts if isinstance(text, str) and text.strip()), "")
