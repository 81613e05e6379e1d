"""What the editor's form sends: the text, the revision it began with, and how to preview it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, cast

from fastapi import Depends, Request
from starlette.datastructures import FormData

from app.authoring import fields
from app.authoring.desk import Writing
from app.authoring.form_parts import DO, PREFIX
from app.bank.schema import LANGS, Lang
from app.db import MAX_INTEGER
from app.errors import N_, Invalid
from app.web.editor_views import Side
from app.web.views import Theme

MAX_FIELDS = 3000  # a form of a long question has some hundreds
SEEDS = 2**31


@dataclass(frozen=True)
class Look:
    """How a preview is wanted. `pick` is the key of a wrong answer; the first one is shown where there is none such."""

    lang: Lang
    side: Side
    seed: int
    pick: str
    theme: Theme


async def _posted(request: Request) -> FormData:
    form = await request.form(max_files=0, max_fields=MAX_FIELDS)
    if any(not isinstance(value, str) for value in form.values()):
        raise Invalid(N_("This form takes no files."))
    return form


Posted = Annotated[FormData, Depends(_posted)]


def said(form: FormData, name: str) -> str:
    """The field's text, "" where there is none."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def writing(form: FormData, question_id: str, topic_id: str) -> Writing:
    """The text that was sent, with what was typed into its form. Invalid where it lacks what it began with."""
    if "yaml" not in form:
        raise Invalid(N_("The form came without its text."))
    base = said(form, "base_number")
    begun = number(base) if base else None
    yaml = said(form, "yaml").replace("\r\n", "\n")  # forms send CRLF
    typed = {name: [str(value) for value in form.getlist(name)] for name in form if name.startswith(f"{PREFIX}.")}
    if typed:
        yaml = fields.apply(yaml, typed | {DO: [said(form, DO)]})
    return Writing(question_id, topic_id, begun, yaml)


def came_as_form(form: FormData) -> bool:
    """Whether the question was sent field by field."""
    return any(name.startswith(f"{PREFIX}.") for name in form)


View = Literal["form", "yaml"]


def turned_to(form: FormData) -> View | None:
    """Which view of the text is asked for, if that is all that is asked for; a row's button asks for the form again."""
    if "show" in form:
        return "form" if said(form, "show") == "form" else "yaml"
    return "form" if DO in form and "action" not in form else None


def look(asked: Mapping[str, str], lang: Lang) -> Look:
    """How to preview; what is not said or not known is as usual."""

    return Look(
        lang=cast("Lang", _one_of(asked, "preview_lang", LANGS, lang)),
        side=cast("Side", _one_of(asked, "side", ("question", "answer", "wrong"), "question")),
        seed=number(str(asked.get("seed") or "0")) % SEEDS,
        pick=str(asked.get("pick") or ""),
        theme=cast("Theme", _one_of(asked, "preview_theme", ("auto", "light", "dark"), "auto")),
    )


def _one_of(asked: Mapping[str, object], name: str, known: Sequence[str], usual: str) -> str:
    value = asked.get(name)
    return value if isinstance(value, str) and value in known else usual


def number(value: str) -> int:
    """A whole number that was sent. Raises Invalid."""
    if not value.isascii() or not value.isdigit() or len(value) > 10 or int(value) > MAX_INTEGER:
        raise Invalid(N_("The field takes a whole number."))
    return int(value)


Action = Literal["draft", "ready", "publish"]


def action(form: FormData) -> Action:
    value = said(form, "action")
    return cast("Action", value) if value in ("draft", "ready", "publish") else "draft"
