"""Where in its file a question's fault lies, and what a check of one question may say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import PlainSerializer, PlainValidator

from app.bank.catalog import Entry
from app.bank.findings import Complaint, Finding
from app.bank.loader import LoadedFile, locate
from app.bank.yaml_source import PathKey
from app.errors import N_
from app.languages import Phrase, as_data, from_data

# A phrase as it is kept in the database, to be said in any language later.
Kept = Annotated[Phrase, PlainValidator(from_data), PlainSerializer(as_data)]
NO_ORACLE = N_("it has no oracle")


@dataclass(frozen=True)
class NotChecked:
    """A question that could not be put to the proof here, and why. No fault of the question."""

    question: str
    reason: Phrase

    def __str__(self) -> str:
        return f"{self.question}: not checked: {self.reason}"


def at(entry: Entry, field: PathKey, message: Phrase, mend: Phrase, offset: int | None = None) -> Finding:
    """A fault of `entry` at a field of it, such as `("wrong", 2, "verdict")`, as file:line:column.

    `offset` counts characters within the field's text.
    """
    file = LoadedFile(entry.path)
    return locate(file, Complaint(("questions", file.index_of(entry.question.id), *field), message, mend, offset))
