"""Reads the bank's folder. Every fault of every file is found at once; what is sound is loaded all the same.

Parsed files are kept as JSON under the hash of their bytes, so that a start need not parse YAML again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from app.bank.catalog import Bank, Entry
from app.bank.findings import Complaint, Finding, of_validation, where
from app.bank.schema import Erratum, Question, TopicMap
from app.bank.yaml_source import Source, read

CACHE_VERSION = 1
_question: TypeAdapter[Question] = TypeAdapter(Question)
_errata: TypeAdapter[tuple[Erratum, ...]] = TypeAdapter(tuple[Erratum, ...])


@dataclass
class LoadedFile:
    """One topic file: its questions with their lines, what is wrong with it, and (unless from the cache) its source."""

    path: Path
    topic: str = ""
    questions: list[tuple[Question, int]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    source: Source | None = None


def load_bank(questions_dir: Path, cache_dir: Path | None) -> tuple[Bank, list[Finding]]:
    """The bank of everything sound, and every fault. `cache_dir` None reads all files anew."""
    topic_map, findings = _topic_map(questions_dir, cache_dir)
    errata, more = _load_errata(questions_dir, cache_dir)
    findings += more
    files = [load_file(path, cache_dir) for path in topic_files(questions_dir)]
    findings += [finding for file in files for finding in file.findings]
    bank, more = assemble(files, topic_map, errata)
    return bank, sorted(findings + more)


def topic_files(questions_dir: Path) -> list[Path]:
    """Every topic file below the folder, in a fixed order."""
    return sorted(path for path in questions_dir.glob("*/*.yaml") if path.parent.name != "interviews")


def load_file(path: Path, cache_dir: Path | None = None) -> LoadedFile:
    """Read and validate one topic file."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        finding = Finding(path, 1, 1, "", f"cannot be read: {error.strerror}", "check the path and its permissions")
        return LoadedFile(path, findings=[finding])
    cached = _from_cache(raw, cache_dir)
    if cached is not None:
        questions = [(_question.validate_json(text), line) for text, line in cached["questions"]]
        return LoadedFile(path, cached["topic"], questions)
    loaded = _parse(path, raw)
    if cache_dir is not None and not loaded.findings:
        texts = [(question.model_dump_json(exclude_unset=True), line) for question, line in loaded.questions]
        _to_cache(raw, cache_dir, {"topic": loaded.topic, "questions": texts})
    return loaded


def _parse(path: Path, raw: bytes) -> LoadedFile:
    source = read(raw)
    loaded = LoadedFile(path, source=source)
    loaded.findings = [
        Finding(path, fault.line, fault.column, "", fault.message, fault.mend) for fault in source.faults
    ]
    data = source.data
    if not isinstance(data, dict):
        if not source.faults:
            loaded.findings.append(Finding(path, 1, 1, "", "not a topic file", "start with 'topic:' and 'questions:'"))
        return loaded
    for complaint in _file_complaints(data, path):
        loaded.findings.append(locate(loaded, complaint))
    topic = data.get("topic")
    loaded.topic = topic if isinstance(topic, str) else path.stem
    rows = data.get("questions")
    for index, row in enumerate(rows if isinstance(rows, list) else []):
        try:
            question = _question.validate_json(json.dumps(row))
        except ValidationError as error:
            for complaint in of_validation(error, row):
                moved = Complaint(("questions", index, *complaint.at), complaint.message, complaint.mend)
                loaded.findings.append(locate(loaded, moved))
        else:
            loaded.questions.append((question, source.place(("questions", index))[0]))
    return loaded


def _file_complaints(data: Mapping[str, object], path: Path) -> list[Complaint]:
    complaints = [
        Complaint((name,), f"unknown field '{name}'", "a file has 'topic' and 'questions'")
        for name in data
        if name not in ("topic", "questions")
    ]
    if data.get("topic") != path.stem:
        mend = f"write 'topic: {path.stem}', or rename the file"
        complaints.append(Complaint(("topic",), f"'topic' is {data.get('topic')!r} in a file named {path.name}", mend))
    if not isinstance(data.get("questions"), list) or not data["questions"]:
        complaints.append(Complaint(("questions",), "'questions' is no list of questions", "add '- id: …' below it"))
    return complaints


def locate(loaded: LoadedFile, complaint: Complaint) -> Finding:
    """Where in the file a complaint points to."""
    source = loaded.source or read(loaded.path.read_bytes())
    line, column = source.place(complaint.at)
    if complaint.offset is not None:
        line, column = source.place_within(complaint.at, _text_at(source.data, complaint.at), complaint.offset)
    question_id = None
    if complaint.at[:1] == ("questions",) and len(complaint.at) > 1:
        row = _value_at(source.data, complaint.at[:2])
        question_id = row.get("id") if isinstance(row, dict) else None
    place = where(complaint.at, question_id if isinstance(question_id, str) else None)
    return Finding(loaded.path, line, column, place, complaint.message, complaint.mend)


def _value_at(data: object, path: tuple[str | int, ...]) -> object:
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def _text_at(data: object, path: tuple[str | int, ...]) -> str:
    found = _value_at(data, path)
    return found if isinstance(found, str) else ""


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
        if topic is None:
            findings.append(
                locate(
                    file, Complaint(("topic",), f"unknown topic '{file.topic}'", "take one of questions/topics.yaml")
                )
            )
            continue
        if file.path.parent.name != topic.area:
            mend = f"move the file to questions/{topic.area}/"
            findings.append(
                locate(file, Complaint(("topic",), f"'{topic.id}' belongs to the area '{topic.area}'", mend))
            )
        for index, (question, line) in enumerate(file.questions):
            known = entries.get(question.id)
            if known is not None:
                message = f"the id '{question.id}' is taken at {known.path.name}:{known.line}"
                findings.append(
                    Finding(file.path, line, 1, f"question {index + 1}", message, "give one of them another id")
                )
                continue
            entries[question.id] = Entry(question, topic, areas[topic.area], file.path, line)
            findings += _dangling(file, question, line, facts, errata)
    return Bank(entries, topics, topic_map.areas, errata), findings


def _dangling(
    file: LoadedFile, question: Question, line: int, facts: set[str], errata: Mapping[str, Erratum]
) -> list[Finding]:
    found: list[Finding] = []
    for fact in question.covers:
        if (fact if "/" in fact else f"{file.topic}/{fact}") not in facts:
            found.append(
                _at_question(
                    file,
                    question,
                    line,
                    f"unknown fact '{fact}' in 'covers'",
                    "take one of the topic's in questions/topics.yaml",
                )
            )
    named = [*question.errata, *(option.erratum for option in getattr(question, "options", ()) if option.erratum)]
    for name in named:
        if name not in errata:
            found.append(
                _at_question(file, question, line, f"unknown erratum '{name}'", "take one of questions/errata.yaml")
            )
    return found


def _at_question(file: LoadedFile, question: Question, line: int, message: str, mend: str) -> Finding:
    return Finding(file.path, line, 1, f"question {question.id}", message, mend)


def _topic_map(questions_dir: Path, cache_dir: Path | None) -> tuple[TopicMap, list[Finding]]:
    path = questions_dir / "topics.yaml"
    raw = path.read_bytes()
    data, findings = _whole(path, raw, cache_dir)
    try:
        return TopicMap.model_validate_json(json.dumps(data)), findings
    except ValidationError as error:
        return TopicMap(areas=(), topics=()), findings + _file_findings(path, raw, error, data)


def _load_errata(questions_dir: Path, cache_dir: Path | None) -> tuple[dict[str, Erratum], list[Finding]]:
    path = questions_dir / "errata.yaml"
    if not path.is_file():
        return {}, []
    raw = path.read_bytes()
    data, findings = _whole(path, raw, cache_dir)
    try:
        return {erratum.id: erratum for erratum in _errata.validate_json(json.dumps(data))}, findings
    except ValidationError as error:
        return {}, findings + _file_findings(path, raw, error, data)


def _whole(path: Path, raw: bytes, cache_dir: Path | None) -> tuple[object, list[Finding]]:
    """A file's data as it is, through the cache."""
    cached = _from_cache(raw, cache_dir)
    if cached is not None:
        return cached["data"], []
    source = read(raw)
    findings = [Finding(path, fault.line, fault.column, "", fault.message, fault.mend) for fault in source.faults]
    if cache_dir is not None and not findings:
        _to_cache(raw, cache_dir, {"data": source.data})
    return source.data, findings


def _file_findings(path: Path, raw: bytes, error: ValidationError, data: object) -> list[Finding]:
    file = LoadedFile(path, source=read(raw))
    return [locate(file, complaint) for complaint in of_validation(error, data)]


def _cache_path(raw: bytes, cache_dir: Path) -> Path:
    return cache_dir / f"bank-{CACHE_VERSION}-{hashlib.sha256(raw).hexdigest()[:32]}.json"


def _from_cache(raw: bytes, cache_dir: Path | None) -> dict[str, object] | None:  # type: ignore[explicit-any]
    if cache_dir is None:
        return None
    try:
        cached = json.loads(_cache_path(raw, cache_dir).read_bytes())
    except (OSError, ValueError):
        return None
    return cached if isinstance(cached, dict) else None


def _to_cache(raw: bytes, cache_dir: Path, content: object) -> None:
    """Best effort: a cache that can't be written only costs time."""
    path = _cache_path(raw, cache_dir)
    fresh = path.with_suffix(f".{os.getpid()}")
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(content, ensure_ascii=False))
        fresh.replace(path)
    except OSError:
        return
