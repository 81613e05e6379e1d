"""Chosen questions as files to take away: topic files as the bank has them, or JSON. The newest text of each."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from app.authoring import revisions
from app.authoring.listing import Row
from app.bank.chunks import as_item
from app.bank.yaml_source import read
from app.errors import N_, Invalid


@dataclass(frozen=True)
class Exported:
    """A file to hand over."""

    name: str
    media_type: str
    body: bytes


def as_yaml(connection: Connection, rows: Sequence[Row]) -> Exported:
    """One topic file, or a zip of several, each in its area's folder."""
    texts = _texts(connection, rows)
    topics: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row.question_id in texts:
            topics.setdefault((row.area_id or "other", row.topic_id), []).append(texts[row.question_id])
    files = {f"{area}/{topic}.yaml": _topic_file(topic, found) for (area, topic), found in topics.items()}
    if len(files) == 1:
        name, text = next(iter(files.items()))
        return Exported(name.partition("/")[2], "application/yaml; charset=utf-8", text.encode())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)  # no clock in it: the same every time
    return Exported("questions.zip", "application/zip", out.getvalue())


def as_json(connection: Connection, rows: Sequence[Row]) -> Exported:
    """A list of questions, each with its topic; a text that can't be read is under `yaml`."""
    texts = _texts(connection, rows)
    made = []
    for row in rows:
        if row.question_id in texts:
            source = read(texts[row.question_id].encode())
            sound = isinstance(source.data, dict) and not source.faults
            said = source.data if sound and isinstance(source.data, dict) else {"yaml": texts[row.question_id]}
            made.append({"id": row.question_id, "topic": row.topic_id} | said)
    body = json.dumps(made, ensure_ascii=False, indent=1).encode()
    return Exported("questions.json", "application/json", body)


def _texts(connection: Connection, rows: Sequence[Row]) -> dict[str, str]:
    found = revisions.versions(connection, {row.question_id: row.number for row in rows if row.number})
    if not found:
        raise Invalid(N_("Choose at least one question."))
    return {name: version.yaml for name, version in found.items()}


def _topic_file(topic_id: str, texts: Sequence[str]) -> str:
    items = "\n\n".join("\n".join(as_item(text)) for text in texts)
    return f"topic: {topic_id}\nquestions:\n{items}\n"
