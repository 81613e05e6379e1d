"""One question by itself, as text that is in no file yet: read, checked, its faults placed in its own lines.

The text is laid out as a topic file of one question, so that whatever checks the bank's files checks it too.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from app.authoring.starters import left_over
from app.bank.catalog import Bank, Entry
from app.bank.checks import static_findings
from app.bank.chunks import as_item
from app.bank.findings import Finding
from app.bank.loader import assemble, load_file
from app.bank.schema import Status, Topic, TopicMap
from app.languages import NOTHING, Phrase, phrase

_HEAD = 2  # lines of the file before the question's own
_INDENT = 2
_STATUS = re.compile(r"^status:[ \t]*[\"']?\w+[\"']?", re.MULTILINE)
_ID_LINE = re.compile(r"^id:.*\n", re.MULTILINE)
MAX_TEXT_BYTES = 256 * 1024  # many times the longest question; what is read in the web process must stay quick


@dataclass(frozen=True)
class Single:
    """What a text says: the question in its topic, None if it can't be read, and the faults of reading it.

    `entry.path` is a file that is gone after the `with` block; `findings` are placed in the text.
    """

    entry: Entry | None
    findings: tuple[Finding, ...]


def tidy(yaml: str) -> str:
    """The text as it is kept: line feeds alone, nothing after the last character of a line or of the whole."""
    lines = [line.rstrip() for line in yaml.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return "\n".join(lines).strip("\n") + "\n"


def with_status(yaml: str, status: Status) -> str:
    """The question's text, saying that status; what is published needs no word of it."""
    if _STATUS.search(yaml):
        return _STATUS.sub(f"status: {status.value}", yaml, count=1)
    if status is Status.published:
        return yaml
    line = f"status: {status.value}\n"
    place = _ID_LINE.search(yaml)
    return tidy(yaml[: place.end()] + line + yaml[place.end() :] if place else yaml + line)


def text_hash(yaml: str) -> str:
    """The SHA-256 of a tidy text, by which folder, database and editors tell whether it is the same."""
    return hashlib.sha256(yaml.encode()).hexdigest()


@contextmanager
def laid_out(yaml: str, topic: Topic, bank: Bank) -> Iterator[Single]:
    """The question of a tidy text of `topic`, in a file of its own for as long as the block lasts."""
    if (size := len(yaml.encode())) > MAX_TEXT_BYTES:
        mend = phrase("shorten it; at most %(max_text_bytes)s are read", max_text_bytes=MAX_TEXT_BYTES)
        yield Single(None, (Finding(Path(), 1, 1, NOTHING, phrase("the text has %(size)s bytes", size=size), mend),))
        return
    with tempfile.TemporaryDirectory(prefix="whetstone-") as folder:
        path = Path(folder) / topic.area / f"{topic.id}.yaml"
        path.parent.mkdir()
        item = "\n".join(as_item(yaml))
        path.write_text(f"topic: {topic.id}\nquestions:\n{item}\n", encoding="utf-8")
        file = load_file(path)
        alone, dangling = assemble([file], TopicMap(areas=bank.areas, topics=tuple(bank.topics.values())), bank.errata)
        findings = tuple(placed(finding) for finding in sorted([*file.findings, *dangling]))
        entries = list(alone.questions.values())
        yield Single(entries[0] if len(entries) == 1 else None, findings)


def read_single(yaml: str, topic: Topic, bank: Bank) -> Single:
    """What the text says, with every fault that needs no sandbox. Quick: for each pause in typing."""
    with laid_out(yaml, topic, bank) as single:
        if single.findings or single.entry is None:
            return single
        faults = [*static_findings(single.entry), *left_over(single.entry)]
        return replace(single, findings=tuple(placed(finding) for finding in faults))


def placed(finding: Finding) -> Finding:
    """A fault of the file placed in the question's own text."""
    line, column = finding.line - _HEAD, finding.column - _INDENT
    return replace(finding, line=max(line, 1), column=max(column, 1), where=_without_number(finding.where))


def _without_number(where: Phrase) -> Phrase:
    """`question 1 (iou), option 2` is just `option 2` where there is one question."""
    if not where.startswith("question 1"):
        return where
    within = where.params.get("within")
    return within if isinstance(within, Phrase) else NOTHING
