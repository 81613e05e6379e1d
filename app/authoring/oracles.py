"""Numeric questions put to the proof: many variants are drawn, and each answer is computed a second way by the oracle.

The oracle is the bank's code, yet runs in the sandbox like any other.
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from app.authoring.findings import NO_ORACLE, NotChecked, at
from app.bank.bounds import is_finite
from app.bank.catalog import Entry
from app.bank.expressions import ExpressionError
from app.bank.findings import Finding
from app.bank.schema import Numeric, Oracle, Tolerance
from app.bank.variants import NoDraw, draw
from app.grading.cases import Runs, load_detail, run_retrying
from app.grading.verdict import named
from app.languages import Phrase, as_is, phrase
from app.sandbox import Call, Ending, Job, Limits, Tensor

VARIANTS = 50
LIMITS = Limits(cpu_s=10, wall_s=30, load_s=10, memory_mib=1024)
_CALL = "call_whetstone_oracle"
_WRAPPER = f"\n\ndef {_CALL}(params):\n    return oracle(**params)\n"

Names = Mapping[str, object]


def check_numeric(entry: Entry, question: Numeric, sandbox: Runs) -> Iterator[Finding | NotChecked]:
    """Every fault of a numeric question that drawing its variants shows."""
    try:
        variants = [draw(question, seed) for seed in range(VARIANTS if question.params else 1)]
    except (NoDraw, ExpressionError) as error:
        yield at(
            entry,
            ("answer",),
            phrase("a variant cannot be drawn: %(error)s", error=error),
            phrase("mend 'params', 'where' or the expression"),
        )
        return
    faults = list(_answer_faults(entry, question, variants))
    yield from faults or _oracle_faults(entry, question, variants, sandbox)


def _answer_faults(entry: Entry, question: Numeric, variants: Sequence[Names]) -> Iterator[Finding]:
    answers = [names["answer"] for names in variants]
    for names in variants:
        if _number(names["answer"]) is None:
            message = phrase(
                "the answer is %(answer)s for %(drawn)s, not a finite number",
                answer=reprlib.repr(names["answer"]),
                drawn=_drawn(question, names),
            )
            yield at(entry, ("answer",), message, phrase("restrict the parameters with 'where'"))
            return
    if len(answers) > 1 and len(set(answers)) == 1:
        message = phrase("the answer is %(answer)s in all of %(count)s variants", answer=answers[0], count=len(answers))
        yield at(entry, ("answer",), message, phrase("widen 'params', or ask it without parameters"))


def _oracle_faults(
    entry: Entry, question: Numeric, variants: Sequence[Names], sandbox: Runs
) -> Iterator[Finding | NotChecked]:
    oracle = question.oracle
    if oracle is None:
        yield NotChecked(question.id, Phrase(NO_ORACLE, {}))
        return
    if not sandbox.available(oracle.lib):
        yield NotChecked(question.id, phrase("%(lib)s is not installed", lib=oracle.lib))
        return
    field = ("oracle", "code")
    run = run_retrying(sandbox, _job(question, oracle, variants))
    if run.load is not Ending.RETURNED:
        yield at(
            entry,
            field,
            phrase("the oracle does not load: %(why)s", why=load_detail(run)),
            phrase("it must define 'oracle(…)' with the parameters"),
        )
        return
    for names, call in zip(variants, run.calls, strict=True):
        if fault := _disagreement(question, names, call):
            yield at(
                entry,
                field,
                phrase("%(fault)s for %(drawn)s", fault=fault, drawn=_drawn(question, names)),
                phrase("mend the one that is wrong"),
            )
            return


def _job(question: Numeric, oracle: Oracle, variants: Sequence[Names]) -> Job:
    calls = [({name: names[name] for name in question.params},) for names in variants]
    return Job(oracle.code + _WRAPPER, _CALL, calls, lib=oracle.lib, limits=LIMITS)


def _disagreement(question: Numeric, names: Names, call: Call) -> Phrase | None:
    if call.ending is not Ending.RETURNED:
        failed = call.failure
        why = as_is(f"{failed.type}: {failed.message}") if failed else named(call.ending.value)
        return phrase("the oracle fails (%(why)s)", why=why)
    found = _number(call.value)
    if found is None:
        return phrase("the oracle gives %(value)s, not a finite number", value=reprlib.repr(call.value))
    if not _agrees(names["answer"], found, question):
        return phrase("the answer is %(answer)s, the oracle gives %(found)s", answer=names["answer"], found=repr(found))
    return None


def _agrees(answer: object, other: object, question: Numeric) -> bool:
    due, given = _number(answer), _number(other)
    if due is None or given is None:
        return False
    tight = _tight(question.tolerance)
    return abs(given - due) <= tight.abs + tight.rel * abs(due)


def _tight(shown: Tolerance) -> Tolerance:
    """How far answer and oracle may differ: by rounding, of float32 at most; not at all where the answer is exact."""
    if shown.abs == shown.rel == 0:
        return Tolerance(abs=0, rel=1e-12)
    return Tolerance(abs=1e-9, rel=1e-6)


def _number(value: object) -> float | int | None:
    """The finite number that a value is: a Python, NumPy or torch scalar, else None."""
    if isinstance(value, Tensor):
        value = value.array
    if isinstance(value, np.ndarray | np.generic) and value.size == 1:
        value = value.item()
    return value if isinstance(value, int | float) and is_finite(value) else None


def _drawn(question: Numeric, names: Names) -> str:
    return ", ".join(f"{name}={names[name]}" for name in question.params) or phrase("the only variant")
