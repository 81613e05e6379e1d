"""What is wrong with a bank, said so that its author can mend it: file:line:column, where, what, and what to do."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.bank import schema
from app.bank.yaml_source import PathKey

KIND_TAGS = frozenset(schema.KINDS)


@dataclass(frozen=True, order=True)
class Finding:
    """One fault. `line` and `column` count from 1; `where` names the place in the author's words."""

    path: Path
    line: int
    column: int
    where: str
    message: str
    mend: str

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{self.path}:{self.line}:{self.column}: {place}{self.message}; {self.mend}"


@dataclass(frozen=True)
class Complaint:
    """A fault at a path of the data, before it is known where that is in the file. `offset` counts within a text."""

    at: PathKey
    message: str
    mend: str
    offset: int | None = None


def of_validation(error: ValidationError, data: object) -> list[Complaint]:
    """Every complaint of the schema about one value, worded for an author."""
    return [_complaint(details, data) for details in error.errors(include_url=False)]


def where(path: PathKey, question_id: str | None) -> str:
    """`question 3 (iou-touching), option 2, why.zh` from a path."""
    words: list[str] = []
    fields: list[str] = []
    rest = list(path)
    if rest[:1] == ["questions"] and len(rest) > 1 and isinstance(rest[1], int):
        words.append(f"question {rest[1] + 1}" + (f" ({question_id})" if question_id else ""))
        rest = rest[2:]
    for part in rest:
        if isinstance(part, int) and fields:
            words.append(f"{_singular(fields.pop())} {part + 1}")
        else:
            fields.append(str(part))
    if fields:
        words.append(".".join(fields))
    return ", ".join(words)


def _singular(name: str) -> str:
    return {"follow_ups": "follow-up", "rubric": "rubric point", "wrong": "wrong solution"}.get(
        name
    ) or name.removesuffix("s")


def _complaint(details: ErrorDetails, data: object) -> Complaint:
    path = _data_path(details["loc"], data)
    name = str(path[-1]) if path else ""
    kind = details["type"]
    if kind == "missing":
        return Complaint(path[:-1], f"'{_dotted(path)}' is missing", _mend_missing(name))
    if kind == "extra_forbidden":
        return Complaint(path, f"unknown field '{name}'", _mend_unknown(name, path, data))
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        given = details.get("ctx", {}).get("tag", "")
        near = _near(str(given), schema.KINDS)
        at = (*path, "kind") if given else path
        what = f"unknown kind '{given}'" if given else "'kind' is missing"
        return Complaint(at, what, near or f"one of: {', '.join(schema.KINDS)}")
    if kind == "value_error":
        message, _, mend = str(details["msg"]).removeprefix("Value error, ").partition("; ")
        return Complaint(path, message, mend or "see questions/README.md")
    if kind == "string_type":
        return Complaint(
            path, f"'{_dotted(path)}' is not text", "write text; in quotes if it looks like a number, yes or no"
        )
    if kind == "float_type" and isinstance(details["input"], str):
        return Complaint(
            path, f"'{details['input']}' is not a number to YAML", "write 1.0e-5 rather than 1e-5, without quotes"
        )
    return Complaint(
        path, f"'{_dotted(path)}': {details['msg'][:1].lower()}{details['msg'][1:]}", _mend_pattern(details)
    )


def _data_path(loc: tuple[int | str, ...], data: object) -> PathKey:
    """Pydantic's place without the names of union members that it puts in."""
    path: list[int | str] = []
    here = data
    for index, part in enumerate(loc):
        if isinstance(here, dict) and part not in here and index < len(loc) - 1:
            continue  # a union's tag, such as 'single-choice' or 'tuple[…]'
        if isinstance(here, list) and not isinstance(part, int):
            continue
        if not isinstance(here, dict | list):
            break
        path.append(part)
        here = (
            here.get(part)
            if isinstance(here, dict)
            else here[part]
            if isinstance(part, int) and part < len(here)
            else None
        )
    return tuple(path)


def _dotted(path: PathKey) -> str:
    words = [part for part in path if isinstance(part, str) and part != "questions"]
    return ".".join(words[-2:])


def _mend_missing(name: str) -> str:
    return {
        "zh": "add the Chinese text",
        "en": "add the English text",
        "why": "say why this one is right or wrong, in both languages",
        "sources": "name the paper and year, or the documentation",
    }.get(name, "add it; questions/README.md has an example of each kind")


def _mend_unknown(name: str, path: PathKey, data: object) -> str:
    siblings: set[str] = set()
    for model in vars(schema).values():
        if isinstance(model, type) and issubclass(model, BaseModel):
            siblings |= set(model.model_fields)
    present = _at(data, path[:-1])
    siblings -= set(present) if isinstance(present, dict) else set()
    return _near(name, sorted(siblings)) or "remove it; questions/README.md lists the fields of each kind"


def _at(data: object, path: PathKey) -> object:
    for part in path:
        data = data[part] if isinstance(data, dict | list) else None  # type: ignore[index,call-overload]  # made by _data_path
    return data


def _near(name: str, known: tuple[str, ...] | list[str]) -> str:
    found = difflib.get_close_matches(name, known, n=1)
    return f"did you mean '{found[0]}'?" if found else ""


def _mend_pattern(details: ErrorDetails) -> str:
    context = details.get("ctx", {})
    if "pattern" in context:
        return f"write it like {_EXAMPLES.get(context['pattern'], context['pattern'])}"
    if "expected" in context:
        return f"one of: {context['expected']}"
    return "mend the value; questions/README.md has an example of each kind"


_EXAMPLES = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "'iou-touching-boxes': lower case, digits and hyphens",
    r"^([a-z0-9-]+/)?f[1-9][0-9]*$": "'f2' or 'other-topic/f2'",
    r"^e[0-9]{3}$": "'e031'",
}
