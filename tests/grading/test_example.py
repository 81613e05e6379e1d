"""The statement's picture is of the first visible case that returns something, with nothing of any wrong answer."""

from __future__ import annotations

from typing import Any

import pytest
from made_questions import code_question, text

from app.bank.loader import load_file
from app.bank.schema import Code
from app.grading.example import Example, example_of
from app.grading.verdict import BrokenQuestion
from app.sandbox import Sandbox
from app.settings import ROOT


def example(sandbox: Sandbox, **fields: Any) -> Example | None:
    return example_of(code_question(**{"picture": "matrix"} | fields), sandbox)


def test_example_is_the_first_visible_case_with_its_input_and_result(sandbox: Sandbox) -> None:
    drawn = example(sandbox)
    assert drawn is not None
    assert drawn.title is not None
    assert (drawn.title.en, drawn.args) == ("small", "np.array([ 1., -2.], dtype=np.float64)")
    assert "Result (2,), from −4 to 2." in drawn.picture.en
    assert "结果 (2,)，从 −4 到 2。" in drawn.picture.zh


def test_case_that_raises_is_no_example_and_of_several_answers_the_first_is_drawn(sandbox: Sandbox) -> None:
    cases = (
        'def cases(rng):\n    yield {"name": "bad", "args": [None], "hidden": False, "error": "TypeError"}\n'
        '    yield {"name": "hidden", "args": [1]}\n    yield {"name": "small", "args": [3], "hidden": False}\n'
    )
    titles = {name: text(name) for name in ("bad", "hidden", "small")}
    reference = "def double(x):\n    return [[x + 0, 2], [2, x]]\n"
    drawn = example(sandbox, cases=cases, case_titles=titles, reference=reference, contract={"answers": "any_of"})
    assert drawn is not None
    assert (drawn.args, "Result (2,), from 2 to 3." in drawn.picture.en) == ("3", True)


@pytest.mark.parametrize("fields", [{"picture": "none"}, {"reference": "def double(x):\n    return 'a'\n"}])
def test_what_cannot_be_drawn_has_no_example(sandbox: Sandbox, fields: dict[str, Any]) -> None:
    cases = 'def cases(rng):\n    yield {"name": "small", "args": [1], "hidden": False}\n'
    assert example(sandbox, **{"cases": cases, "contract": {"dtype": "any"}} | fields) is None


def test_broken_question_is_told(sandbox: Sandbox) -> None:
    with pytest.raises(BrokenQuestion):
        example(sandbox, reference="def double(x):\n    return 1 / 0\n")


@pytest.mark.parametrize("path", ["detection/iou", "detection/nms", "image-processing/gaussian-kernel"])
def test_coding_questions_of_the_bank_have_one(sandbox: Sandbox, path: str) -> None:
    for question, _ in load_file(ROOT / "questions" / f"{path}.yaml").questions:
        if isinstance(question, Code):
            assert example_of(question, sandbox) is not None, question.id
