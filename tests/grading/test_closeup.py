"""The first failing cases are shown whole, results as a diff; what is stored stays bounded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from made_questions import code_question

from app.bank.schema import Contract
from app.grading.closeup import WHOLE, whole_args
from app.grading.code import grade_code
from app.grading.compare import compare
from app.grading.diff import LONGEST, diff
from app.grading.pairs import Rule
from app.grading.verdict import Report, Verdict
from app.sandbox import Sandbox, Tensor


def lines(due: object, got: object, **contract: Any) -> list[str]:
    return [" ".join(line.split()) for line in diff(due, got, Rule(Contract(**contract))).splitlines()]


def test_rows_that_differ_stand_below_each_other_with_their_neighbours() -> None:
    due = np.arange(24.0).reshape(8, 3)
    got = due.copy()
    got[3, 1] = 9.5
    assert lines(due, got) == ["⋮", "[2] 6 7 8", "- [3] 9 10 11", "+ [3] 9 9.5 11", "[4] 12 13 14", "⋮"]


def test_what_agrees_within_the_tolerance_is_no_diff() -> None:
    due = np.ones((2, 1))
    assert lines(due, due + np.array([[1e-9], [0.5]])) == ["[0] 1", "- [1] 1", "+ [1] 1.5"]
    assert diff(due, due + 1e-9, Rule(Contract())) == ""


def test_a_long_row_is_cut_round_its_first_diff() -> None:
    due = np.zeros((1, 100))
    got = due.copy()
    got[0, 50] = 1
    assert lines(due, got)[0].startswith("- [0, 45:55] 0")


def test_a_long_list_is_cut_to_the_lines_that_differ() -> None:
    got = np.arange(40)
    got[30:] = 0
    assert [line.partition("]")[0] for line in lines(np.arange(40), got, dtype="int")] == [
        "⋮", "[16:24", "- [24:32", "+ [24:32", "- [32:40", "+ [32:40",
    ]  # fmt: skip


def test_another_shape_or_kind_is_said_before_the_rows() -> None:
    assert lines(np.ones((1, 2)), np.ones(2)) == [
        "- numpy.ndarray, shape (1, 2), float64", "- [0] 1 1", "+ numpy.ndarray, shape (2,), float64", "+ [0:2] 1 1",
    ]  # fmt: skip
    assert lines(np.arange(2), [0.0, 1.0], dtype="int")[2] == "+ list, shape (2,), float64"
    tall = lines(np.ones((50, 1)), np.zeros((60, 1)))
    assert (tall[0], tall[17], tall[18], tall[-1]) == (
        "- numpy.ndarray, shape (50, 1), float64", "- ⋮", "+ numpy.ndarray, shape (60, 1), float64", "+ ⋮",
    )  # fmt: skip
    assert lines(Tensor(np.ones(1)), np.ones(1))[0] == "- torch.Tensor, shape (1,), float64"


def test_parts_are_told_by_their_place() -> None:
    due, got = {"a": 1, "b": (np.ones(1), "x")}, {"a": 1, "b": (np.zeros(1), "x")}
    assert lines(due, got) == ["['a'] 1", "- ['b'][0][0:1] 1", "+ ['b'][0][0:1] 0", "['b'][1] 'x'"]


@pytest.mark.parametrize(("due", "got", "told"), [(1.5, None, ["- 1.5", "+ None"]), ("a", "b", ["- 'a'", "+ 'b'"])])
def test_other_values_are_shown_as_they_are(due: object, got: object, told: list[str]) -> None:
    assert lines(due, got) == told


NUMBERS = arrays.arrays(np.float64, arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
VALUES = st.recursive(
    NUMBERS | NUMBERS.map(Tensor) | st.none() | st.integers() | st.text(max_size=4) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=5,
)


@given(VALUES, VALUES, st.sampled_from(["exact", "any"]))
def test_values_differ_exactly_where_their_diff_has_lines(due: object, got: object, order: Any) -> None:
    contract = Contract(dtype="any", order=order)
    told = diff(due, got, Rule(contract))
    assert (told == "") == (compare(due, got, contract) is None)
    assert all(line[:1] in "-+ " for line in told.splitlines())


@pytest.mark.parametrize("size", [(10**6,), (10**6, 1), (1, 10**6), (100, 100, 100)])
def test_the_diff_of_large_arrays_is_bounded(size: tuple[int, ...]) -> None:
    assert 40 < len(diff(np.zeros(size), np.ones(size), Rule(Contract()))) <= LONGEST + 100
    assert len(diff(["x"] * 10**5, ["y"] * 10**5, Rule(Contract()))) <= LONGEST + 100
    assert len(diff("x" * 10**6, None, Rule(Contract()))) <= LONGEST + 100


def test_inputs_are_shown_so_that_python_reads_them_back() -> None:
    args = (
        np.array([[0.1, np.nan], [np.inf, 1e-9]], dtype=np.float32),
        np.zeros((0, 4)),
        0.5,
        [1, "a"],
        np.array(["ä"]),
    )
    read = [eval(whole_args((arg,)), {"np": np}) for arg in args]  # noqa: S307  (our own text)
    for given_, back in zip(args, read, strict=True):
        np.testing.assert_array_equal(given_, back)
        assert np.asarray(given_).dtype == np.asarray(back).dtype
    assert whole_args((Tensor(np.arange(3)),)) == "torch.tensor([0, 1, 2], dtype=torch.int64)"


def test_inputs_too_large_to_be_read_are_cut() -> None:
    large, small = np.random.default_rng(0).normal(size=(1000, 1000)), np.arange(3)
    told = whole_args((large, small, large))
    assert len(told) <= WHOLE
    assert "shape=(1000, 1000)" in told
    assert "np.array([0, 1, 2], dtype=np.int64)" in told


MANY = """
def cases(rng):
    import numpy as np
    for i in range(100):
        yield {"name": f"random-{i}", "args": [rng.normal(size=(200, 200))], "hidden": i >= 50}
"""
LOUD = "def double(x):\n    print('x' * 60000)\n    return 2 * x + 1\n"


@pytest.fixture(scope="module")
def large(sandbox: Sandbox) -> Report:
    return grade_code(code_question(cases=MANY, picture="heatmap"), LOUD, sandbox=sandbox, mode="submit", seed=1)


def test_the_first_visible_and_the_first_hidden_failure_are_looked_at_closely(large: Report) -> None:
    assert [n for n, case in enumerate(large.cases) if case.picture_svg] == [0, 50]
    assert [n for n, case in enumerate(large.cases) if case.diff] == [0, 50]
    assert [n for n, case in enumerate(large.cases) if len(case.stdout) > 50_000] == [0, 50]
    assert all(case.args_preview and case.verdict is Verdict.wrong_answer for case in large.cases)
    assert Report.model_validate_json(large.model_dump_json()) == large


def test_a_stored_report_is_bounded(large: Report) -> None:
    assert len(large.model_dump_json()) < 1_000_000


def test_the_picture_of_a_failing_case_is_the_questions(sandbox: Sandbox) -> None:
    report = grade_code(
        code_question(picture="curve"), "def double(x): return x * 3", sandbox=sandbox, mode="run", seed=1
    )
    assert report.cases[0].picture_svg is not None
    assert "Curves of the failing case" in report.cases[0].picture_svg.en


ONE = """
def cases(rng):
    import numpy as np
    yield {"name": "small", "args": [np.ones(3)], "hidden": False}
"""


def test_of_several_answers_the_nearest_is_shown(sandbox: Sandbox) -> None:
    reference = "def double(x):\n    return [2 * x, 3 * x]\n"
    question = code_question(cases=ONE, reference=reference, contract={"answers": "any_of"}, picture="matrix")
    source = "def double(x):\n    y = 3 * x\n    y[0] = 7\n    return y\n"
    case = grade_code(question, source, sandbox=sandbox, mode="run", seed=1).cases[0]
    assert [" ".join(line.split()) for line in (case.diff or "").splitlines()] == ["- [0:3] 3 3 3", "+ [0:3] 7 3 3"]
    assert case.picture_svg is not None
    assert "1 of 3 values differ" in case.picture_svg.en


def test_a_seed_draws_the_same_cases_again(sandbox: Sandbox) -> None:
    def inputs(seed: int) -> list[str | None]:
        report = grade_code(code_question(), "def double(x): return 1", sandbox=sandbox, mode="submit", seed=seed)
        return [case.args_preview for case in report.cases]

    assert inputs(5) == inputs(5)
    assert inputs(5) != inputs(6)
