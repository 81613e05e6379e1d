"""What is wrong with a bank, said so that its author can mend it: file:line:column, where, what, and what to do."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from app.bank import schema
from app.bank.schema.figures import PANEL_KINDS
from app.bank.yaml_source import PathKey

README = "questions/README.md"
MAX_TOLD = 200  # of one question: wording each takes its time, and nobody reads more


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
        return f"{self._shown_path}:{self.line}:{self.column}: {place}{self.message}; {self.mend}"

    @property
    def _shown_path(self) -> Path:
        """As an editor's terminal takes it: relative where that is shorter to read."""
        here = Path.cwd()
        return self.path.relative_to(here) if self.path.is_relative_to(here) else self.path


@dataclass(frozen=True)
class Complaint:
    """A fault at a path of the data, before it is known where that is in the file. `offset` counts within a text."""

    at: PathKey
    message: str
    mend: str
    offset: int | None = None


def of_validation(error: ValidationError, data: object, model: type[BaseModel] | None = None) -> list[Complaint]:
    """Every complaint of the schema about one value, worded for an author; one a place.

    `model` is what was validated; None for a question, whose kind says it.
    """
    made: dict[PathKey, Complaint] = {}
    for details in error.errors(include_url=False)[:MAX_TOLD]:
        if _follows_from_items(details):
            continue
        complaint = _complaint(details, data, model)
        made.setdefault((*complaint.at, complaint.message if details["type"] == "missing" else ""), complaint)
    return list(made.values())


def _follows_from_items(details: ErrorDetails) -> bool:
    """A list is too short for the schema once its unsound items are left out; those are told themselves."""
    given = details["input"]
    return details["type"] == "too_short" and isinstance(given, list) and len(given) >= details["ctx"]["min_length"]


_NOUNS = {
    "follow_ups": "follow-up", "rubric": "rubric point", "wrong": "wrong solution", "accepted": "accepted solution",
    "params": "parameter", "errata": "erratum", "covers": "cover", "accept": "filling",
    "requires": "requirement",
}  # fmt: skip
_NAMED = frozenset({"params", "derived", "blanks", "case_titles"})


def where(path: PathKey, question_id: str | None) -> str:
    """`question 3 (iou-touching), option 2` from a path; fields inside are named by the message."""
    words: list[str] = []
    for name, index in pairwise(path):
        if name == "questions" and isinstance(index, int):
            words.append(f"question {index + 1}" + (f" ({question_id})" if question_id else ""))
        elif isinstance(name, str) and isinstance(index, int):
            words.append(f"{_noun(name)} {index + 1}")
        elif name in _NAMED and isinstance(name, str):
            words.append(f"{_noun(name)} '{index}'")
    return ", ".join(words)


def _noun(name: str) -> str:
    return _NOUNS.get(name) or name.removesuffix("s").replace("_", " ")


def dotted(path: PathKey) -> str:
    """The field within the last thing that `where` names: `why.zh`."""
    words: list[str] = []
    for part in path:
        if isinstance(part, int):
            words = []
        elif words and words[-1] in _NAMED:
            words = [] if part is not path[-1] else [part]
        else:
            words.append(part)
    return ".".join(words) or (str(path[-2]) if len(path) > 1 else "it")


def _complaint(details: ErrorDetails, data: object, model: type[BaseModel] | None) -> Complaint:
    path = _data_path(details["loc"], data)
    kind, context, given = details["type"], details.get("ctx", {}), details["input"]
    name = dotted(path)
    match kind:
        case "missing":
            return Complaint(path[:-1], f"'{name}' is missing", _mend_missing(str(path[-1])))
        case "extra_forbidden":
            known = fields_at(path[:-1], data, model)
            message = f"unknown field '{path[-1]}'"
            return Complaint(path, message, near(str(path[-1]), known) or f"remove it; known: {', '.join(known)}")
        case "union_tag_not_found":
            return Complaint(path, "'kind' is missing", f"add one of: {', '.join(_kinds_at(path))}")
        case "union_tag_invalid":
            return Complaint(
                (*path, "kind"), f"unknown kind '{context.get('tag')}'", _one_of(_kinds_at(path), context["tag"])
            )
        case "value_error":
            message, _, mend = str(details["msg"]).removeprefix("Value error, ").partition("; ")
            return Complaint(path, message, mend or f"see {README}")
        case "enum" | "literal_error":
            allowed = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
            return Complaint(path, f"'{name}' is {_said(given)}", _one_of(allowed, given))
        case "string_pattern_mismatch":
            pattern = str(context["pattern"])
            return Complaint(path, f"'{name}' is {_said(given)}", f"write it like {_EXAMPLES.get(pattern, pattern)}")
    return _of_value(details, path, name)


def _of_value(details: ErrorDetails, path: PathKey, name: str) -> Complaint:
    """A value of the wrong type or size."""
    given = details["input"]
    if "choices" in path and "params" in path:
        at = path[: path.index("choices") + 2]
        return Complaint(at, f"{_said(given)} can't be drawn", "a choice is a number, a text, or a list of them")
    if given is None or given == "":
        return Complaint(path, f"'{name}' is empty", _mend_missing(str(path[-1]) if path else ""))
    due = _DUE.get(details["type"].removesuffix("_parsing"))
    if due is not None:
        return Complaint(path, f"'{name}' is {_said(given)}, not {due[0]}", due[1])
    for limit, (what, mend) in _LIMITS.items():
        if limit in details.get("ctx", {}):
            return Complaint(path, f"'{name}' {what}", mend.format(details["ctx"][limit]))
    return Complaint(path, f"'{name}': {details['msg'][:1].lower()}{details['msg'][1:]}", f"see {README}")


_LIMITS = {
    "le": ("is too large", "at most {}"),
    "lt": ("is too large", "less than {}"),
    "ge": ("is too small", "at least {}"),
    "gt": ("is too small", "more than {}"),
    "max_length": ("is too long", "at most {} of them"),
    "min_length": ("is too short", "at least {} of them"),
}


_DUE = {
    "string_type": ("text", "write text; in quotes if it looks like a number, yes or no"),
    "int_type": ("a whole number", "write a whole number, without quotes"),
    "int_from_float": ("a whole number", "write a whole number, without a point"),
    "float_type": ("a number", "write a number, without quotes"),
    "bool_type": ("true or false", "write true or false, without quotes"),
    "tuple_type": ("a list", "put '- ' before each item, or write [a, b]"),
    "dict_type": ("names with values", "write 'name: value' lines"),
    "model_type": ("a group of fields", f"write its fields as in {README}"),
    "model_attributes_type": ("a group of fields", f"write its fields as in {README}"),
}
_EXAMPLES = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": "'iou-touching-boxes': lower case, digits and hyphens",
    r"^([a-z0-9-]+/)?f[1-9][0-9]*$": "'f2' or 'other-topic/f2'",
    r"^e[0-9]{3}$": "'e031'",
    r"^[a-z][a-z0-9_]*$": "'kernel_size': lower case, digits and underscores",
    r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$": "'numpy.linalg.svd': the full name, from the module on",
}
_MISSING = {
    "zh": "add the Chinese text",
    "en": "add the English text",
    "why": "say why this one is right or wrong, in both languages",
    "sources": "name the paper and year, or the documentation",
    "tolerance": "write {abs: 0} for an exact answer, or {rel: 0.01}",
}


def _mend_missing(name: str) -> str:
    return _MISSING.get(name, f"add it; {README} has an example of each kind")


def _said(given: object) -> str:
    if isinstance(given, bool):
        return f"{str(given).lower()} (YAML reads yes, no, on and off so)"
    if isinstance(given, dict):
        return "a group of fields"
    if isinstance(given, list | tuple):
        return "a list"
    return repr(given) if len(str(given)) <= 40 else f"{str(given)[:40]!r}…"


def _data_path(loc: tuple[int | str, ...], data: object) -> PathKey:
    """Pydantic's place without the names of union members that it puts in."""
    path: list[int | str] = []
    here = data
    for index, part in enumerate(loc):
        if isinstance(here, dict):
            if part not in here and index < len(loc) - 1:
                continue  # a union's tag, such as 'single-choice'
            here = here.get(part)
        elif isinstance(here, list) and isinstance(part, int):
            here = here[part] if part < len(here) else None
        else:
            continue  # a union's member, such as 'int' or 'tuple[…]'
        path.append(part)
    return tuple(path)


def fields_at(path: PathKey, data: object, model: type[BaseModel] | None) -> list[str]:
    """The fields that the schema knows at a path of a value."""
    candidates = [model] if model else list(_models_in(schema.Question))
    for part in path:
        here = _of_kind(candidates, data)
        data = _value(data, part)
        if here is not None and part in here.model_fields:  # else an index, or a name that the author chose
            candidates = list(_models_in(here.model_fields[str(part)].annotation))
    here = _of_kind(candidates, data)
    return list(here.model_fields) if here else []


def _value(data: object, part: int | str) -> object:
    if isinstance(data, dict):
        return data.get(part)
    return data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None


def _of_kind(models: Sequence[type[BaseModel]], value: object) -> type[BaseModel] | None:
    """The model that a value is meant to be: of its `kind` where models have kinds, else the first."""
    kind = value.get("kind") if isinstance(value, dict) else None
    kinds = {typing.get_args(it.model_fields["kind"].annotation): it for it in models if "kind" in it.model_fields}
    return kinds.get((kind,)) if kinds else next(iter(models), None)


def _kinds_at(path: PathKey) -> Sequence[str]:
    """The kinds that may stand at a path: of questions, or of a figure's panels."""
    return PANEL_KINDS if "panels" in path else schema.KINDS


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    """The models that a type is made of: those of `Text | None`, `tuple[Option, ...]`, `dict[str, Param]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _models_in(inner)


def _one_of(allowed: Sequence[str], given: object) -> str:
    return near(str(given), allowed) or f"one of: {', '.join(allowed)}"


def near(name: str, known: Iterable[str]) -> str:
    """The question whether a known name was meant, or nothing."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean '{found[0]}'?" if found else ""
