"""What every coding question owes the learner: enough cases, mistakes, styles and hints."""

from __future__ import annotations

import numpy as np
import pytest
from bank_code import FILES, cases, code_question, run_source


@pytest.mark.parametrize("question_id", FILES)
def test_question_has_visible_and_hidden_cases_wrong_and_accepted_solutions_and_two_hints(question_id: str) -> None:
    question, drawn = code_question(question_id), cases(question_id, seed=0)
    hidden = [case for case in drawn if case.get("hidden", True)]
    assert len(drawn) - len(hidden) >= 3
    assert len(hidden) >= 8
    assert len(question.wrong) >= 4
    assert len(question.accepted) >= 2
    assert len(question.hints) == 2
    assert question.follow_ups
    assert question.complexity


@pytest.mark.parametrize("question_id", FILES)
def test_every_title_names_a_case_and_every_case_has_a_title(question_id: str) -> None:
    question = code_question(question_id)
    names = [case["name"] for case in cases(question_id, seed=1)]
    assert all(question.title_of_case(name) for name in names)
    used = {title for name in names for title in (name, name.rpartition("-")[0])}
    assert set(question.case_titles) <= used


@pytest.mark.parametrize("question_id", FILES)
def test_seeds_change_random_cases_and_keep_named_ones(question_id: str) -> None:
    def shown(seed: int) -> dict[str, str]:
        return {case["name"]: repr(case["args"]) for case in cases(question_id, seed)}

    first, again, other = shown(3), shown(3), shown(4)
    assert first == again
    assert first.keys() == other.keys()
    assert first["random-0"] != other["random-0"]


def test_speed_case_of_iou_matrix_has_700_boxes_on_each_side() -> None:
    case = next(case for case in cases("iou-matrix", seed=0) if case["name"] == "speed")
    assert [box.shape for box in case["args"]] == [(700, 4), (700, 4)]


@pytest.mark.parametrize("question_id", FILES)
def test_accepted_solutions_agree_with_the_reference(question_id: str) -> None:
    question = code_question(question_id)
    due = run_source(question.reference)[question.function]
    for solution in question.accepted:
        given = run_source(solution.code)[question.function]
        for case in cases(question_id, seed=5):
            if case.get("error"):
                with pytest.raises(ValueError):  # noqa: PT011  (solutions word their errors as they like)
                    given(*case["args"])
                continue
            wanted, got = due(*case["args"]), given(*case["args"])
            pairs = zip(wanted, got, strict=True) if isinstance(wanted, tuple) else [(wanted, got)]
            for want, have in pairs:
                np.testing.assert_allclose(have, want, rtol=1e-5, atol=1e-6, err_msg=f"{solution.name} {case['name']}")
