"""What every kind of question is made of: strict values, texts in both languages, names, the fields all have."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from app.languages import NOTHING, Lang, Phrase, phrase

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
FactRef = Annotated[str, StringConstraints(pattern=r"^([a-z0-9-]+/)?f[1-9][0-9]*$")]
ErratumId = Annotated[str, StringConstraints(pattern=r"^e[0-9]{3}$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Prose = Annotated[str, StringConstraints(min_length=1, max_length=8_000)]
Source = Annotated[str, StringConstraints(max_length=100_000)]
Difficulty = Annotated[int, Field(ge=1, le=5)]


class Misfit(ValueError):  # noqa: N818 (names what is refused)
    """Why a value is refused that has the right type, and what to do about it."""

    def __init__(self, message: Phrase, mend: Phrase = NOTHING) -> None:
        super().__init__(f"{message}; {mend}" if mend else message)
        self.message = message
        self.mend = mend


class Value(BaseModel):
    """Base of every bank value: immutable, strict about types, closed to unknown fields.

    Validate from JSON (`model_validate_json`): there pydantic's strict mode takes lists for tuples and strings for
    enums.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Text(Value):
    """One text in both languages: Markdown with `$…$` and `$$…$$` math."""

    en: Prose
    zh: Prose

    def in_(self, lang: Lang) -> str:
        return self.en if lang == "en" else self.zh


class Status(StrEnum):
    draft = "draft"
    ready = "ready"
    published = "published"
    retired = "retired"


class QuestionBase(Value):
    """What every kind has. `covers` names facts of the topic map: `f2`, or `other-topic/f2`."""

    id: Slug
    difficulty: Difficulty
    minutes: Annotated[float, Field(gt=0, le=90)]
    status: Status = Status.published
    prompt: Text
    covers: tuple[FactRef, ...] = ()
    sources: tuple[Line, ...] = Field(min_length=1)
    errata: tuple[ErratumId, ...] = ()
    erratum: Text | None = None
    tags: tuple[Slug, ...] = ()

    @model_validator(mode="after")
    def _erratum_has_ids(self) -> Self:
        if self.erratum is not None and not self.errata:
            raise Misfit(phrase("'erratum' is shown but 'errata' names none"), phrase("list the ids it mends"))
        return self


class FollowUp(Value):
    ask: Text
    answer: Text
