"""Reads the bank's folder. Every fault of every file is found at once; what is sound is loaded all the same.

A file's places are only worked out where something is wrong with it: the usual start reads the cache and checks names.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from app.bank.cache import ParseCache
from app.bank.catalog import Bank, Entry
from app.bank.findings import EMPTY, MAX_TOLD, Complaint, Finding, near, of_validation, where
from app.bank.schema import Erratum, Question, TopicMap
from app.bank.yaml_source import PathKey, Source, read
from app.languages import NOTHING, phrase

_question: TypeAdapter[Question] = TypeAdapter(Question)
_errata: TypeAdapter[tuple[Erratum, ...]] = TypeAdapter(tuple[Erratum, ...])
Whole = TypeVar("Whole")


@dataclass
class LoadedFile:
    """One topic file: its questions with their lines, and its faults. `source` is parsed when first needed.

    `raw` is what was read; None once it is no longer kept, or where it could not be read.
    """

    path: Path
    topic: str = ""
    questions: list[tuple[Question, int]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    raw: bytes | None = None
    _source: Source | None = None

    @property
    def source(self) -> Source:
        if self._source is None:
            self._source = read(self.path.read_bytes() if self.raw is None else self.raw)
        return self._source

    def index_of(self, question_id: str) -> int:
        """Which of the file's questions has that id; the first, where it stands twice."""
        rows = _value_at(self.source.data, ("questions",))
        ids = [row.get("id") if isinstance(row, dict) else None for row in rows] if isinstance(rows, list) else []
        return ids.index(question_id) if question_id in ids else 0


def load_bank(questions_dir: Path, cache_dir: Path | None) -> tuple[Bank, list[Finding]]:
    """The bank of everything sound, and every fault. `cache_dir` None reads all files anew."""
    cache = ParseCache(cache_dir)
    topic_map, findings = load_topics(questions_dir, cache)
    errata, more = load_errata(questions_dir, cache)
    findings += more
    files = [load_file(path, cache) for path in topic_files(questions_dir)]
    bank, more = put_together(questions_dir, files, topic_map, errata)
    cache.save()
    return bank, sorted(findings + more)


def put_together(
    questions_dir: Path, files: list[LoadedFile], topic_map: TopicMap, errata: Mapping[str, Erratum]
) -> tuple[Bank, list[Finding]]:
    """The bank of topic files that have been read, with every fault of theirs and of how they fit together."""
    findings = [finding for file in files for finding in file.findings]
    findings += [
        Finding(path, 1, 1, NOTHING, phrase("not read: its name ends in .yml"), phrase("rename it to .yaml"))
        for path in sorted(questions_dir.glob("*/*.yml"))
    ]
    bank, more = assemble(files, topic_map, errata)
    return bank, findings + more


def topic_files(questions_dir: Path) -> list[Path]:
    """Every topic file below the folder, in a fixed order."""
    return sorted(path for path in questions_dir.glob("*/*.yaml") if path.parent.name != "interviews")


def load_file(path: Path, cache: ParseCache | None = None) -> LoadedFile:
    """Read and validate one topic file."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        finding = Finding(
            path,
            1,
            1,
            NOTHING,
            phrase("cannot be read: %(strerror)s", strerror=error.strerror),
            phrase("check the path and its permissions"),
        )
        return LoadedFile(path, findings=[finding])
    cache = cache or ParseCache(None)
    return _from_cache(path, raw, cache) or _parse(path, raw, cache)


def _from_cache(path: Path, raw: bytes, cache: ParseCache) -> LoadedFile | None:
    """The file as it was kept; None, and forgotten, if it is not there or no longer fits the schema."""
    kept = cache.get(raw)
    if kept is None:
        return None
    try:
        questions = [(_question.validate_json(text), int(line)) for text, line in kept["questions"]]  # type: ignore[index]  # any surprise is caught
        return LoadedFile(path, str(kept["topic"]), questions, raw=raw)  # type: ignore[index]  # the same
    except (ValueError, TypeError, KeyError, IndexError):
        cache.drop(raw)
        return None


def _parse(path: Path, raw: bytes, cache: ParseCache) -> LoadedFile:
    source = read(raw)
    loaded = LoadedFile(path, raw=raw, _source=source)
    loaded.findings = _faults(path, source)
    data = source.data
    if not isinstance(data, dict):
        if not source.faults:
            loaded.findings.append(
                Finding(path, 1, 1, NOTHING, phrase("not a topic file"), phrase("start with 'topic:' and 'questions:'"))
            )
        return loaded
    loaded.findings += [locate(loaded, complaint) for complaint in _file_complaints(data, path)]
    topic, rows = data.get("topic"), data.get("questions")
    loaded.topic = topic if isinstance(topic, str) else path.stem
    texts = [json.dumps(row, ensure_ascii=False) for row in rows] if isinstance(rows, list) else []
    for index, text in enumerate(texts):
        try:
            loaded.questions.append((_question.validate_json(text), source.place(("questions", index))[0]))
        except ValidationError as error:
            for it in of_validation(error, json.loads(text)):
                loaded.findings.append(locate(loaded, Complaint(("questions", index, *it.at), it.message, it.mend)))
    loaded.findings = _without_echoes(loaded.findings, source)
    if not loaded.findings:
        lines = [line for _, line in loaded.questions]
        cache.put(raw, {"topic": loaded.topic, "questions": list(zip(texts, lines, strict=True))})
    return loaded


def _without_echoes(findings: list[Finding], source: Source) -> list[Finding]:
    """What YAML could not read is empty to the schema; it has been told once."""
    unread = {fault.line for fault in source.faults}
    return [it for it in findings if it.line not in unread or it.message.msgid != EMPTY]


def _faults(path: Path, source: Source) -> list[Finding]:
    return [Finding(path, fault.line, fault.column, NOTHING, fault.message, fault.mend) for fault in source.faults]


def _file_complaints(data: Mapping[str, object], path: Path) -> Iterator[Complaint]:
    for name in data:
        if name not in ("topic", "questions"):
            mend = near(name, ("topic", "questions")) or phrase("remove it; a file has 'topic' and 'questions'")
            yield Complaint((name,), phrase("unknown field '%(name)s'", name=name), mend)
    if "topic" not in data:
        yield Complaint((), phrase("'topic' is missing"), phrase("write 'topic: %(stem)s' at the top", stem=path.stem))
    elif data["topic"] != path.stem:
        mend = phrase("write 'topic: %(stem)s', or rename the file", stem=path.stem)
        yield Complaint(
            ("topic",),
            phrase("'topic' is %(data)s in a file named %(path)s", data=repr(data["topic"]), path=path.name),
            mend,
        )
    if not isinstance(data.get("questions"), list) or not data["questions"]:
        yield Complaint(("questions",), phrase("'questions' is no list of questions"), phrase("add '- id: …' below it"))


def locate(loaded: LoadedFile, complaint: Complaint) -> Finding:
    """Where in the file a complaint points to."""
    source = loaded.source
    line, column = source.place(complaint.at)
    if complaint.offset is not None:
        text = _value_at(source.data, complaint.at)
        line, column = source.place_within(complaint.at, text if isinstance(text, str) else "", complaint.offset)
    row = _value_at(source.data, complaint.at[:2]) if complaint.at[:1] == ("questions",) else None
    question_id = row.get("id") if isinstance(row, dict) else None
    place = where(complaint.at, question_id if isinstance(question_id, str) else None)
    return Finding(loaded.path, line, column, place, complaint.message, complaint.mend)


def _value_at(data: object, path: PathKey) -> object:
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def assemble(files: list[LoadedFile], topic_map: TopicMap, errata: Mapping[str, Erratum]) -> tuple[Bank, list[Finding]]:
    """Put questions in their topics; find what only the whole shows: unknown topics, facts, errata, doubled ids."""
    topics = {topic.id: topic for topic in topic_map.topics}
    areas = {area.id: area for area in topic_map.areas}
    facts = {f"{topic.id}/{name}" for topic in topic_map.topics for name in topic.facts}
    findings: list[Finding] = []
    entries: dict[str, Entry] = {}
    order = {name: place for place, name in enumerate(topics)}
    for file in sorted(files, key=lambda it: (order.get(it.topic, len(order)), it.path)):
        topic = topics.get(file.topic)
        area = areas.get(topic.area) if topic else None
        if topic is None or area is None:
            if file.topic and topics:  # else the file or the map could not be read, which has been said
                mend = near(file.topic, topics) or phrase("take one of questions/topics.yaml")
                findings.append(
                    locate(file, Complaint(("topic",), phrase("unknown topic '%(topic)s'", topic=file.topic), mend))
                )
            continue
        if file.path.parent.name != area.id:
            message = phrase("'%(topic)s' belongs to the area '%(area)s'", topic=topic.id, area=area.id)
            findings.append(
                locate(
                    file, Complaint(("topic",), message, phrase("move the file to questions/%(area)s/", area=area.id))
                )
            )
        for question, line in file.questions:
            if (known := entries.get(question.id)) is not None:
                message = phrase(
                    "the id '%(question)s' is taken at %(path)s:%(line)s",
                    question=question.id,
                    path=known.path.name,
                    line=known.line,
                )
                findings.append(Finding(file.path, line, 1, NOTHING, message, phrase("give one of them another id")))
                continue
            entries[question.id] = Entry(question, topic, area, file.path, line)
            found = islice(_dangling(file, question, facts, errata), MAX_TOLD)
            findings += [locate(file, complaint) for complaint in found]
    return Bank(entries, topics, topic_map.areas, errata), findings


def _dangling(
    file: LoadedFile, question: Question, facts: set[str], errata: Mapping[str, Erratum]
) -> Iterator[Complaint]:
    """Names that nothing in the topic map or the errata bears."""

    def at(*path: str | int) -> PathKey:
        return ("questions", file.index_of(question.id), *path)

    for index, fact in enumerate(question.covers):
        full = fact if "/" in fact else f"{file.topic}/{fact}"
        if full not in facts:
            known = sorted(name.partition("/")[2] for name in facts if name.startswith(full.partition("/")[0] + "/"))
            mend = (
                phrase("that topic has %(names)s", names=", ".join(known))
                if known
                else phrase("take a topic of questions/topics.yaml")
            )
            yield Complaint(at("covers", index), phrase("unknown fact '%(fact)s'", fact=fact), mend)
    named: list[tuple[tuple[str | int, ...], str]] = [
        *((("errata", index), name) for index, name in enumerate(question.errata)),
        *(
            (("options", index, "erratum"), option.erratum)
            for index, option in enumerate(getattr(question, "options", ()))
            if option.erratum
        ),
    ]
    for path, name in named:
        if name not in errata:
            yield Complaint(
                at(*path), phrase("unknown erratum '%(name)s'", name=name), phrase("take one of questions/errata.yaml")
            )


def load_topics(questions_dir: Path, cache: ParseCache) -> tuple[TopicMap, list[Finding]]:
    """`topics.yaml`; an empty map if it has faults."""
    found, findings = whole(questions_dir / "topics.yaml", cache, TopicMap.model_validate_json, TopicMap)
    return found or TopicMap(areas=(), topics=()), findings


def load_errata(questions_dir: Path, cache: ParseCache) -> tuple[dict[str, Erratum], list[Finding]]:
    """`errata.yaml` by id; empty if it has faults or is not there."""
    if not (questions_dir / "errata.yaml").is_file():
        return {}, []
    found, findings = whole(questions_dir / "errata.yaml", cache, _errata.validate_json, Erratum)
    return {erratum.id: erratum for erratum in found or ()}, findings


def whole(
    path: Path, cache: ParseCache, validate: Callable[[str], Whole], model: type[BaseModel]
) -> tuple[Whole | None, list[Finding]]:
    """A file that is one value, made of `model`s; None if it has faults."""
    raw = path.read_bytes()
    kept = cache.get(raw)
    if isinstance(kept, str):
        with contextlib.suppress(ValueError):
            return validate(kept), []
    source = read(raw)
    findings = _faults(path, source)
    text = json.dumps(source.data, ensure_ascii=False)
    try:
        made = validate(text)
    except ValidationError as error:
        cache.drop(raw)
        file = LoadedFile(path, _source=source)
        return None, findings + [locate(file, complaint) for complaint in of_validation(error, source.data, model)]
    if not findings:
        cache.put(raw, text)
    return made, findings
