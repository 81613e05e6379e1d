"""Where in its file a question's fault lies, and what a check of one question may say."""

from __future__ import annotations

from dataclasses import dataclass

from app.bank.catalog import Entry
from app.bank.findings import Complaint, Finding
from app.bank.loader import LoadedFile, locate
from app.bank.yaml_source import PathKey


@dataclass(frozen=True)
class NotChecked:
    """A question that could not be put to the proof here, and why. No fault of the question."""

    question: str
    reason: str

    def __str__(self) -> str:
        return f"{self.question}: not checked: {self.reason}"


def at(entry: Entry, field: PathKey, message: str, mend: str, offset: int | None = None) -> Finding:
    """A fault of `entry` at a field of it, such as `("wrong", 2, "verdict")`, as file:line:column.

    `offset` counts characters within the field's text.
    """
    file = LoadedFile(entry.path)
    return locate(file, Complaint(("questions", file.index_of(entry.question.id), *field), message, mend, offset))
