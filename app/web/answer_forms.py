"""Answers as HTML forms send them, turned into the JSON that `grading.answers` takes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData

from app.bank.schema import Question
from app.db import MAX_INTEGER
from app.errors import N_, Invalid

MAX_FIELD = 20_000


async def _fields(request: Request) -> FormData:
    form = await request.form(max_files=0, max_fields=200)
    if any(not isinstance(value, str) for value in form.values()):
        raise Invalid(N_("This form takes no files."))
    return form


Fields = Annotated[FormData, Depends(_fields)]


def read_answer(question: Question, form: FormData) -> dict[str, Any]:
    """The answer's JSON (see `grading.answers`) from the form's fields."""
    match question.kind:
        case "single-choice":
            return {"choice": text(form, "choice")}
        case "multi-choice":
            return {"choices": texts(form, "choices")}
        case "numeric":
            return {"value": text(form, "value")}
        case "cloze":
            return {"blanks": {name: text(form, f"blank-{name}") for name in question.blanks}}
        case "ordering":
            return {"order": texts(form, "order")}
        case "matching":
            return {"pairs": {key.removeprefix("pair-"): text(form, key) for key in form if key.startswith("pair-")}}
        case "open":
            answer: dict[str, Any] = {"text": text(form, "text")}
            if "scored" in form:
                answer["points"] = [whole(point, "points") for point in texts(form, "points")]
            return answer
        case _:
            return {}


def text(form: FormData, name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str) or len(value) > MAX_FIELD:
        raise Invalid(N_("The field %(name)s is too long."), name=name)
    return value


def texts(form: FormData, name: str) -> list[str]:
    return [value for value in form.getlist(name) if isinstance(value, str)]


def whole(value: str, name: str, least: int = 0, most: int = MAX_INTEGER) -> int:
    """A whole number in a form field."""
    if not value.isascii() or not value.isdigit() or len(value) > 16 or not least <= int(value) <= most:
        raise Invalid(N_("The field %(name)s takes a whole number."), name=name)
    return int(value)


def seconds(form: FormData) -> float:
    """How long the card was looked at; 0 if the page could not tell."""
    value = text(form, "shown_ms")
    return min(int(value), 86_400_000) / 1000 if value.isascii() and value.isdigit() and len(value) < 12 else 0.0
