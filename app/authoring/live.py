"""The bank that learners see: the folder's questions, and the database's published ones where these differ."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from app.authoring.folder import Look
from app.authoring.revisions import Version
from app.authoring.sync import Standing, Step, ours_as_text, versions
from app.bank.cache import ParseCache
from app.bank.catalog import Bank, Entry
from app.bank.chunks import as_item
from app.bank.loader import assemble, load_file
from app.bank.schema import Status, TopicMap


def live_bank(
    connection: Connection,
    look: Look,
    found: Sequence[Standing],
    cache_dir: Path | None,
    *,
    is_copy: bool = False,
) -> Bank:
    """The folder's bank with the published version of every question that folder and database do not agree on.

    `is_copy`: other processes have other folders, so that what the database does not know is not shown.
    """
    differing = [it for it in found if it.head_number is not None and it.step is not Step.agree]
    unknown = [it.question_id for it in found if it.head_number is None] if is_copy else []
    if not differing:
        return look.bank.with_changes(dict.fromkeys(unknown)) if unknown else look.bank
    numbers = [(it.question_id, it.published_number) for it in differing if it.published_number is not None]
    entries = entries_of(versions(connection, numbers).values(), look.bank, cache_dir)
    shown = {it.question_id: _shown(it, entries, look.bank) for it in differing}
    return look.bank.with_changes(shown | dict.fromkeys(unknown))


def entries_of(texts: Iterable[Version], bank: Bank, cache_dir: Path | None = None) -> dict[str, Entry]:
    """Revisions as entries of the bank, by id, without those that can't be read, or are of a topic that is no more."""
    by_topic: dict[str, list[Version]] = {}
    for version in texts:
        if version.topic_id in bank.topics:
            by_topic.setdefault(version.topic_id, []).append(version)
    if not by_topic:
        return {}
    cache = ParseCache(cache_dir / "database" if cache_dir else None)
    with tempfile.TemporaryDirectory(prefix="whetstone-") as folder:
        files = []
        for topic_id, found in by_topic.items():
            path = Path(folder) / bank.topics[topic_id].area / f"{topic_id}.yaml"
            path.parent.mkdir(exist_ok=True)
            items = "\n".join(line for version in found for line in as_item(ours_as_text(version)))
            path.write_text(f"topic: {topic_id}\nquestions:\n{items}\n", encoding="utf-8")
            files.append(load_file(path, cache))
        topic_map = TopicMap(areas=bank.areas, topics=tuple(bank.topics.values()))
        alone, _ = assemble(files, topic_map, bank.errata)
    cache.save()
    return {name: _in_place(entry, bank) for name, entry in alone.questions.items()}


def _in_place(entry: Entry, bank: Bank) -> Entry:
    """The entry where the folder has the question, or would have it."""
    known = bank.questions.get(entry.question.id)
    return replace(entry, path=known.path, line=known.line) if known else replace(entry, path=Path(), line=0)


def _shown(it: Standing, entries: dict[str, Entry], bank: Bank) -> Entry | None:
    if it.published_number is not None:
        return entries.get(it.question_id) or bank.questions.get(it.question_id)
    there = bank.questions.get(it.question_id)
    if there is None or not there.is_published:
        return there
    return replace(there, question=there.question.model_copy(update={"status": Status(it.status or Status.retired)}))
