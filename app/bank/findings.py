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
from app.bank.schema.base import Misfit
from app.bank.schema.figures import PANEL_KINDS
from app.bank.yaml_source import PathKey
from app.errors import N_
from app.languages import NOTHING, Phrase, as_is, phrase

README = "questions/README.md"
EMPTY = N_("'%(name)s' is empty")
MAX_TOLD = 200  # of one question: wording each takes its time, and nobody reads more


@dataclass(frozen=True, order=True)
class Finding:
    """One fault. `line` and `column` count from 1; `where` names the place in the author's words."""

    path: Path
    line: int
    column: int
    where: Phrase
    message: Phrase
    mend: Phrase

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{self._shown_path}:{self.line}:{self.column}: {place}{self.message}; {self.mend}"

    @property
    def _shown_path(self) -> Path:
        """As an editor's terminal takes it: relative where that is shorter to read."""
        here = Path.cwd()
        return self.path.relative_to(here) if self.path.is_relative_to(here) else self.path

    @property
    def told(self) -> Phrase:
        return told(self.message, self.mend)


def told(message: Phrase, mend: Phrase) -> Phrase:
    """What is wrong and what to do, in one sentence."""
    return phrase("%(message)s; %(mend)s", message=message, mend=mend)


@dataclass(frozen=True)
class Complaint:
    """A fault at a path of the data, before it is known where that is in the file. `offset` counts within a text."""

    at: PathKey
    message: Phrase
    mend: Phrase
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
        made.setdefault((*complaint.at, str(complaint.message) if details["type"] == "missing" else ""), complaint)
    return list(made.values())


def _follows_from_items(details: ErrorDetails) -> bool:
    """A list is too short for the schema once its unsound items are left out; those are told themselves."""
    given = details["input"]
    return details["type"] == "too_short" and isinstance(given, list) and len(given) >= details["ctx"]["min_length"]


_NOUNS = {
    "follow_ups": phrase("follow-up"), "rubric": phrase("rubric point"), "wrong": phrase("wrong solution"),
    "accepted": phrase("accepted solution"), "params": phrase("parameter"), "errata": phrase("erratum"),
    "covers": phrase("cover"), "accept": phrase("filling"), "requires": phrase("requirement"),
    "options": phrase("option"), "hints": phrase("hint"), "blanks": phrase("blank"), "mistakes": phrase("mistake"),
    "items": phrase("item"), "pairs": phrase("pair"), "sources": phrase("source"), "case_titles": phrase("case title"),
    "waived_mutants": phrase("waived mutant"), "forbidden_calls": phrase("forbidden call"), "panels": phrase("panel"),
    "curves": phrase("curve"), "points": phrase("point"), "nodes": phrase("node"), "edges": phrase("edge"),
    "boxes": phrase("box"), "marks": phrase("mark"), "sections": phrase("section"), "topics": phrase("topic"),
    "areas": phrase("area"), "tags": phrase("tag"), "choices": phrase("choice"), "distractors": phrase("distractor"),
    "allowed_imports": phrase("allowed import"), "derived": phrase("derived value"),
}  # fmt: skip
_NAMED = frozenset({"params", "derived", "blanks", "case_titles"})


def where(path: PathKey, question_id: str | None) -> Phrase:
    """`question 3 (iou-touching), option 2` from a path; fields inside are named by the message."""
    words: list[Phrase] = []
    for name, index in pairwise(path):
        if name == "questions" and isinstance(index, int):
            number = index + 1
            named = phrase("question %(number)s (%(name)s)", number=number, name=question_id)
            words.append(named if question_id else phrase("question %(number)s", number=number))
        elif isinstance(name, str) and isinstance(index, int):
            words.append(phrase("%(noun)s %(number)s", noun=_noun(name), number=index + 1))
        elif name in _NAMED and isinstance(name, str):
            words.append(phrase("%(noun)s '%(name)s'", noun=_noun(name), name=index))
    return _within(words)


def _within(words: Sequence[Phrase]) -> Phrase:
    """The places one within the other, the outermost first."""
    if len(words) < 2:
        return words[0] if words else NOTHING
    return phrase("%(place)s, %(within)s", place=words[0], within=_within(words[1:]))


def _noun(name: str) -> Phrase:
    return _NOUNS.get(name) or as_is(name.removesuffix("s").replace("_", " "))


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
            return Complaint(path[:-1], phrase("'%(name)s' is missing", name=name), _mend_missing(str(path[-1])))
        case "extra_forbidden":
            known = fields_at(path[:-1], data, model)
            message = phrase("unknown field '%(name)s'", name=path[-1])
            return Complaint(
                path,
                message,
                near(str(path[-1]), known) or phrase("remove it; known: %(names)s", names=", ".join(known)),
            )
        case "union_tag_not_found":
            return Complaint(
                path, phrase("'kind' is missing"), phrase("add one of: %(names)s", names=", ".join(_kinds_at(path)))
            )
        case "union_tag_invalid":
            return Complaint(
                (*path, "kind"),
                phrase("unknown kind '%(kind)s'", kind=context.get("tag")),
                _one_of(_kinds_at(path), context["tag"]),
            )
        case "value_error":
            error = context.get("error")
            if not isinstance(error, Misfit):
                return Complaint(path, as_is(str(error)), _see_readme())
            return Complaint(path, error.message, error.mend or _see_readme())
        case "enum" | "literal_error":
            allowed = str(context.get("expected", "")).replace("'", "").replace(" or ", ", ").split(", ")
            return Complaint(
                path, phrase("'%(name)s' is %(given)s", name=name, given=_given(given)), _one_of(allowed, given)
            )
        case "string_pattern_mismatch":
            pattern = str(context["pattern"])
            return Complaint(
                path,
                phrase("'%(name)s' is %(given)s", name=name, given=_given(given)),
                phrase("write it like %(example)s", example=_EXAMPLES.get(pattern, pattern)),
            )
    return _of_value(details, path, name)


def _of_value(details: ErrorDetails, path: PathKey, name: str) -> Complaint:
    """A value of the wrong type or size."""
    given = details["input"]
    if "choices" in path and "params" in path:
        at = path[: path.index("choices") + 2]
        return Complaint(
            at,
            phrase("%(given)s can't be drawn", given=_given(given)),
            phrase("a choice is a number, a text, or a list of them"),
        )
    if given is None or given == "":
        return Complaint(path, Phrase(EMPTY, {"name": name}), _mend_missing(str(path[-1]) if path else ""))
    due = _DUE.get(details["type"].removesuffix("_parsing"))
    if due is not None:
        return Complaint(
            path, phrase("'%(name)s' is %(given)s, not %(due)s", name=name, given=_given(given), due=due[0]), due[1]
        )
    for limit, (what, mend) in _LIMITS.items():
        if limit in details.get("ctx", {}):
            return Complaint(
                path,
                Phrase(what, {"name": name}),
                Phrase(mend, {"limit": details["ctx"][limit]}),
            )
    return Complaint(
        path,
        phrase("'%(name)s': %(why)s", name=name, why=f"{details['msg'][:1].lower()}{details['msg'][1:]}"),
        _see_readme(),
    )


_LIMITS = {
    "le": (N_("'%(name)s' is too large"), N_("at most %(limit)s")),
    "lt": (N_("'%(name)s' is too large"), N_("less than %(limit)s")),
    "ge": (N_("'%(name)s' is too small"), N_("at least %(limit)s")),
    "gt": (N_("'%(name)s' is too small"), N_("more than %(limit)s")),
    "max_length": (N_("'%(name)s' is too long"), N_("at most %(limit)s of them")),
    "min_length": (N_("'%(name)s' is too short"), N_("at least %(limit)s of them")),
}


_DUE = {
    "string_type": (phrase("text"), phrase("write text; in quotes if it looks like a number, yes or no")),
    "int_type": (phrase("a whole number"), phrase("write a whole number, without quotes")),
    "int_from_float": (phrase("a whole number"), phrase("write a whole number, without a point")),
    "finite_number": (phrase("a number"), phrase("write a smaller one")),
    "float_type": (phrase("a number"), phrase("write a number, without quotes")),
    "bool_type": (phrase("true or false"), phrase("write true or false, without quotes")),
    "tuple_type": (phrase("a list"), phrase("put '- ' before each item, or write [a, b]")),
    "dict_type": (phrase("names with values"), phrase("write 'name: value' lines")),
    "model_type": (phrase("a group of fields"), phrase("write its fields as in %(readme)s", readme=README)),
    "model_attributes_type": (phrase("a group of fields"), phrase("write its fields as in %(readme)s", readme=README)),
}
_EXAMPLES = {
    r"^[a-z0-9]+(-[a-z0-9]+)*$": phrase("'iou-touching-boxes': lower case, digits and hyphens"),
    r"^([a-z0-9-]+/)?f[1-9][0-9]*$": phrase("'f2' or 'other-topic/f2'"),
    r"^e[0-9]{3}$": as_is("'e031'"),
    r"^[a-z][a-z0-9_]*$": phrase("'kernel_size': lower case, digits and underscores"),
    r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$": phrase("'numpy.linalg.svd': the full name, from the module on"),
}
_MISSING = {
    "zh": phrase("add the Chinese text"),
    "en": phrase("add the English text"),
    "why": phrase("say why this one is right or wrong, in both languages"),
    "sources": phrase("name the paper and year, or the documentation"),
    "tolerance": phrase("write {abs: 0} for an exact answer, or {rel: 0.01}"),
}


def _mend_missing(name: str) -> Phrase:
    return _MISSING.get(name) or phrase("add it; %(readme)s has an example of each kind", readme=README)


def _see_readme() -> Phrase:
    return phrase("see %(readme)s", readme=README)


def _given(given: object) -> Phrase:
    if isinstance(given, bool):
        return phrase("%(value)s (YAML reads yes, no, on and off so)", value=str(given).lower())
    if isinstance(given, dict):
        return phrase("a group of fields")
    if isinstance(given, list | tuple):
        return phrase("a list")
    return as_is(repr(given) if len(str(given)) <= 40 else f"{str(given)[:40]!r}…")


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


def _one_of(allowed: Sequence[str], given: object) -> Phrase:
    return near(str(given), allowed) or phrase("one of: %(names)s", names=", ".join(allowed))


def near(name: str, known: Iterable[str]) -> Phrase:
    """The question whether a known name was meant, or nothing."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return phrase("did you mean '%(name)s'?", name=found[0]) if found else NOTHING
