"""A wrong answer that is a known slip is told so, by the results alone; a guess is never made."""

from __future__ import annotations

from typing import Any

import pytest
from made_questions import code_question, text

from app.bank.loader import load_file
from app.bank.schema import Code
from app.grading.code import grade_code
from app.grading.verdict import Report, Verdict
from app.sandbox import Job, Run, Sandbox, SandboxError
from app.settings import ROOT

# None of this is in the bank: another style than its own wrong solutions.
PLUS_ONE = """
import numpy as np

def iou(box_a, box_b):
    a, b = np.asarray(box_a, dtype=float), np.asarray(box_b, dtype=float)
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    inter = (high - low + 1).clip(min=0).prod()
    size = lambda box: (box[2:] - box[:2] + 1).prod()
    return inter / (size(a) + size(b) - inter)
"""
CASES = """
def cases(rng):
    yield {"name": "small", "args": [[1.0, 2.0]], "hidden": False}
    yield {"name": "negative", "args": [[-1.0, 3.0]]}
    yield {"name": "empty", "args": [[]], "error": "ValueError"}
    yield {"name": "two", "args": [[2.0, 2.0]]}
"""
REFERENCE = "def total(x):\n    if not x:\n        raise ValueError\n    return sum(x)\n"


def slip(name: str, code: str, verdict: str = "wrong_answer") -> dict[str, Any]:
    return {"name": name, "code": code, "verdict": verdict, "note": text(f"About {name}.")}


ABSOLUTE = slip("absolute", REFERENCE.replace("sum(x)", "sum(map(abs, x))"))
UNGUARDED = slip("unguarded", "def total(x):\n    return sum(x)\n")
PRODUCT = slip(
    "product", "import math\ndef total(x):\n    if not x:\n        raise ValueError\n    return math.prod(x)\n"
)


def total(*wrong: dict[str, Any], **fields: Any) -> Code:
    named = {name: text(name) for name in ("small", "negative", "empty", "two")}
    starter = "def total(x):\n    ...\n"
    more = {"function": "total", "signature": "total(x)", "starter": starter, "reference": REFERENCE, "cases": CASES}
    return code_question(**more, case_titles=named, wrong=list(wrong), **fields)


def grade(sandbox: Any, source: str, question: Code, **more: Any) -> Report:
    return grade_code(question, source, sandbox=sandbox, **{"mode": "submit", "seed": 5} | more)


def name_of(report: Report) -> str | None:
    assert report.verdict is Verdict.wrong_answer
    return report.recognised.name if report.recognised else None


def test_plus_one_convention_of_iou_is_told_in_both_languages(sandbox: Sandbox) -> None:
    questions = load_file(ROOT / "questions/detection/iou.yaml").questions
    iou = next(question for question, _ in questions if isinstance(question, Code) and question.id == "iou")
    report = grade(sandbox, PLUS_ONE, iou)
    assert name_of(report) == "plus-one"
    english, chinese = report.as_json("en"), report.as_json("zh")
    assert english["recognised"] == chinese["recognised"] == "plus-one"
    assert "inclusive-pixel convention" in str(english["recognised_note"])
    assert "整数像素约定" in str(chinese["recognised_note"])
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert report.shown(tries=0).recognised == report.recognised


@pytest.mark.parametrize(
    ("body", "due"),
    [
        ("return 0 + sum(abs(v) for v in x)", "absolute"),
        ("return sum(x) if min(x) > 0 else sum(abs(v) for v in x)", "absolute"),
        ("return sum(x) if min(x) > 0 else sum(abs(v) for v in x) + 1", None),
        ("return sum(x) if x != [2.0, 2.0] else 5", None),
        ("return 1.0 * x[0] * x[1]", "product"),
        ("return x[0] * x[1] if x[0] < 2 else 0", None),
    ],
)
def test_only_the_same_results_on_every_case_are_recognised(sandbox: Sandbox, body: str, due: str | None) -> None:
    source = f"def total(x):\n    if not x:\n        raise ValueError\n    {body}\n"
    assert name_of(grade(sandbox, source, total(ABSOLUTE, UNGUARDED, PRODUCT))) == due


def test_slip_that_only_hidden_cases_show_is_recognised(sandbox: Sandbox) -> None:
    assert name_of(grade(sandbox, "def total(x):\n    return 0 + sum(x)\n", total(ABSOLUTE, UNGUARDED))) == "unguarded"


def test_another_error_than_the_one_due_is_recognised_by_its_type(sandbox: Sandbox) -> None:
    question = total(ABSOLUTE, slip("index", "def total(x):\n    x[0]\n    return sum(x)\n"))
    assert name_of(grade(sandbox, "def total(x):\n    return x[-1] + x[0]\n", question)) == "index"
    assert (
        name_of(grade(sandbox, "def total(x):\n    return sum(x) + 0 * {}[1] if not x else sum(x)\n", question)) is None
    )


def test_two_that_give_the_same_are_not_guessed_between(sandbox: Sandbox) -> None:
    twin = slip("twin", ABSOLUTE["code"].replace("map(abs, x)", "abs(v) for v in x"))
    assert name_of(grade(sandbox, ABSOLUTE["code"], total(ABSOLUTE, UNGUARDED))) == "absolute"
    assert name_of(grade(sandbox, ABSOLUTE["code"], total(ABSOLUTE, twin))) is None


def test_solution_that_never_ends_or_does_not_load_spoils_no_other(sandbox: Sandbox) -> None:
    endless = slip("endless", "def total(x):\n    while True: pass\n", "time_limit")
    broken = slip("broken", "1 / 0\ndef total(x):\n    return 0\n")
    assert name_of(grade(sandbox, ABSOLUTE["code"], total(endless, broken, ABSOLUTE))) == "absolute"


@pytest.mark.parametrize(
    ("contract", "mine", "wrong", "due"),
    [
        ({}, "sum(x) + 1", "sum(x) + 1.0000001", "made"),
        ({}, "sum(x) + 1", "sum(x) + 1.001", None),
        ({"dtype": "int"}, "sum(x) + 0.5", "sum(x) + 0.5", "made"),
        ({"dtype": "any", "answers": "any_of"}, "[7, 8]", "[7, 8]", "made"),
        ({"dtype": "any", "answers": "any_of"}, "[7, 8]", "[8, 7]", None),
        ({"order": "any"}, "[7, 8]", "[8, 7]", "made"),
    ],
)
def test_results_are_the_same_by_the_questions_own_contract(
    sandbox: Sandbox, contract: dict[str, Any], mine: str, wrong: str, due: str | None
) -> None:
    reference = "def total(x):\n    return {}\n"
    value = "[[1, 2]]" if "answers" in contract else "[1, 2]" if "order" in contract else "int(sum(x))"
    fields = {"contract": contract, "reference": reference.format(value)}
    named = {name: text(name) for name in ("small", "negative", "two")}
    question = code_question(
        function="total",
        signature="total(x)",
        starter="def total(x):\n    ...\n",
        cases=CASES.replace('    yield {"name": "empty", "args": [[]], "error": "ValueError"}\n', ""),
        case_titles=named,
        wrong=[slip("made", reference.format(wrong))],
        **fields,
    )
    assert name_of(grade(sandbox, reference.format(mine), question)) == due


def test_changing_an_argument_is_a_slip_like_another(sandbox: Sandbox) -> None:
    changing = slip(
        "changing", "def total(x):\n    if not x:\n        raise ValueError\n    x.append(0)\n    return sum(x)\n"
    )
    question = total(ABSOLUTE, changing)
    assert name_of(grade(sandbox, changing["code"].replace("sum(x)", "x[0] + x[1]"), question)) == "changing"


class Counting:
    """Counts the jobs of slips, and can break on them."""

    def __init__(self, real: Sandbox, broken: bool = False) -> None:
        self.real, self.broken, self.jobs = real, broken, 0

    def run(self, job: Job, *heard: Any, **more: Any) -> Run:
        if "_whetstone_solution" in job.function:
            self.jobs += 1
            if self.broken:
                raise SandboxError("the child was lost")
        return self.real.run(job, *heard, **more)

    def available(self, library: Any) -> bool:
        return True


def test_accepted_code_costs_no_search(sandbox: Sandbox) -> None:
    counting = Counting(sandbox)
    assert grade(counting, REFERENCE, total(ABSOLUTE)).verdict is Verdict.accepted
    assert counting.jobs == 0
    assert name_of(grade(counting, ABSOLUTE["code"], total(ABSOLUTE))) == "absolute"
    assert counting.jobs == 2


def test_search_that_breaks_costs_no_verdict(sandbox: Sandbox) -> None:
    report = grade(Counting(sandbox, broken=True), ABSOLUTE["code"], total(ABSOLUTE))
    assert name_of(report) is None
    assert [case.verdict.value for case in report.cases] == ["accepted", "wrong_answer", "accepted", "accepted"]


def test_ones_own_input_is_not_enough_to_tell(sandbox: Sandbox) -> None:
    report = grade(sandbox, ABSOLUTE["code"], total(ABSOLUTE), mode="run", custom="[[-1.0]]")
    assert name_of(report) is None
