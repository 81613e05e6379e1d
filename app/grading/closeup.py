"""The first failing case from close by: its whole input, a diff of the results, and the picture.

The other cases of a report have previews only, so that what is stored of a submission stays bounded.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from app.bank.schema import Code
from app.grading import pictures
from app.grading.cases import Case
from app.grading.compare import compare
from app.grading.diff import diff
from app.grading.pairs import Rule
from app.grading.preview import LONGEST, plain, preview
from app.grading.verdict import CaseReport, Verdict
from app.sandbox import Call, Ending, Tensor

WHOLE = 12_000  # characters of an input


def from_close_by(
    question: Code, ran: Sequence[tuple[Case, Call]], reports: Sequence[CaseReport]
) -> tuple[CaseReport, ...]:
    """The reports, the first failing visible and the first failing hidden case with all there is to see of them."""
    shown = list(reports)
    for hidden in (False, True):
        failing = (
            place
            for place, report in enumerate(reports)
            if report.hidden is hidden and report.verdict is not Verdict.accepted
        )
        if (place := next(failing, None)) is not None:
            shown[place] = _closely(question, *ran[place], shown[place])
    return tuple(shown)


def _closely(question: Code, case: Case, call: Call, report: CaseReport) -> CaseReport:
    more: dict[str, object] = {"args_preview": whole_args(case.args), "stdout": plain(call.stdout)}
    if case.error is None and call.ending is Ending.RETURNED:
        more |= _compared(question, case, call.value)
    return report.model_copy(update=more)


def _compared(question: Code, case: Case, got: object) -> dict[str, object]:
    """The diff and the picture of a wrong result; of several acceptable answers, against the nearest."""
    mismatch = compare(case.expected, got, question.contract, case.args)
    if mismatch is None:
        return {}
    rule = Rule(question.contract, case.args)
    subject = pictures.Subject(question.picture_args, mismatch.answer, got, rule)
    return {"diff": diff(mismatch.answer, got, rule) or None, "picture_svg": pictures.draw(question.picture, subject)}


def whole_args(args: tuple[object, ...]) -> str:
    """Positional arguments, each begun on a line of its own; arrays whole, as Python reads them, if there is room."""
    told: list[str] = []
    room = WHOLE
    for left, arg in zip(range(len(args), 0, -1), args, strict=True):
        whole = _whole(arg, room)
        told.append(preview(arg, max(min(LONGEST, room // left), 60)) if whole is None else plain(whole))
        room = max(room - len(told[-1]), 0)
    return "\n".join(told)


def _whole(value: object, room: int) -> str | None:
    """A value in full; None if that takes `room` characters or more."""
    if isinstance(value, Tensor):
        text = _array("torch", "tensor", np.asarray(value.array), room)
    elif isinstance(value, np.ndarray):
        text = _array("np", "array", value, room)
    else:
        text = preview(value, room)
    return text if text is not None and len(text) < room else None


def _array(
    module: str, function: str, array: np.ndarray[tuple[int, ...], np.dtype[np.generic]], room: int
) -> str | None:
    dtype = f", dtype={module}.{array.dtype}" if array.dtype.kind in "biufc" else ""
    if not array.size:
        return f"{module}.zeros({array.shape}{dtype})"
    if 2 * array.size > room:
        return None
    head = f"{module}.{function}("
    with np.printoptions(nanstr="np.nan", infstr="np.inf", floatmode="unique", linewidth=80):
        return f"{head}{np.array2string(array, separator=', ', threshold=array.size + 1, prefix=head)}{dtype})"
