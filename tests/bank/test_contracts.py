"""A contract that contradicts itself is refused with a word on what to write instead."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.bank.findings import of_validation
from app.bank.schema import Contract, Ties, may_import
from app.bank.schema.code import DottedName


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ('{"dtype": "int", "rtol": 1e-5}', "values of kind int are compared exactly; leave out 'rtol' and 'atol'"),
        ('{"dtype": "bool", "atol": 0.1}', "values of kind bool are compared exactly; leave out"),
        ('{"ties": {"argument": 0}}', "'ties' is for results that are indices, not of kind float; write 'dtype: int'"),
        ('{"dtype": "bool", "ties": {"argument": 0}}', "not of kind bool; write 'dtype: int', or 'any'"),
        ('{"dtype": "int", "ties": {"argument": -1}}', "'ties.argument' is too small; at least 0"),
        ('{"dtype": "int", "ties": {}}', "'ties.argument' is missing; add it"),
        ('{"dtype": "int", "ties": {"argument": 0, "axis": 1}}', "unknown field 'axis'"),
        ('{"answers": "any"}', "'answers' is 'any'; did you mean 'any_of'?"),
        ('{"rtol": 1}', "'rtol' is too large; less than 1"),
    ],
)
def test_a_contradiction_says_what_to_write(given: str, says: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Contract.model_validate_json(given)
    (complaint,) = of_validation(refused.value, json.loads(given), Contract)
    assert says in f"{complaint.message}; {complaint.mend}"


@pytest.mark.parametrize(
    "given",
    [
        {"dtype": "int", "rtol": 0, "atol": 0},
        {"dtype": "int", "ties": Ties(argument=2), "order": "any", "answers": "any_of"},
        {"dtype": "any", "ties": Ties(argument=0)},
    ],
)
def test_what_goes_together_is_taken(given: dict[str, Any]) -> None:
    assert Contract(**given)


@pytest.mark.parametrize("dtype", ["int", "bool"])
def test_exact_kinds_have_no_tolerance_unless_asked(dtype: Any) -> None:
    made = Contract(dtype=dtype)
    assert (made.rtol, made.atol) == (0, 0)
    assert Contract.model_validate_json(made.model_dump_json()) == made
    assert (Contract().rtol, Contract().atol) == (1e-5, 1e-6)


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("numpy.linalg.svd", True),
        ("torch.nn.functional.conv2d", True),
        ("builtins.sorted", True),
        ("sorted", False),
        ("numpy.linalg.", False),
        ("numpy..svd", False),
        ("numpy.linalg.svd()", False),
        ("2d.conv", False),
    ],
)
def test_forbidden_calls_are_full_names(name: str, fits: bool) -> None:
    names: TypeAdapter[str] = TypeAdapter(DottedName)
    if fits:
        assert names.validate_python(name) == name
    else:
        with pytest.raises(ValidationError):
            names.validate_python(name)


def test_what_may_be_imported_reaches_down_and_not_up() -> None:
    assert may_import("numpy.linalg", ["numpy"])
    assert may_import("functools", [])
    assert not may_import("torch", ["torch.nn"])
    assert not may_import("numpyx", ["numpy"])
