"""Reports of graded code that come from a file."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue, ValidationError

from app.errors import N_, Invalid
from app.grading.verdict import Report


def checked(report: dict[str, JsonValue] | None) -> dict[str, Any] | None:
    """The report without its pictures: they are shown as they stand, so only those that were drawn here are kept."""
    if report is None:
        return None
    try:
        read = Report.model_validate(report)
    except ValidationError:
        raise Invalid(N_("A submission in the file has a report that can't be read.")) from None
    cases = tuple(case.model_copy(update={"picture_svg": None}) for case in read.cases)
    return read.model_copy(update={"cases": cases}).model_dump(mode="json")
