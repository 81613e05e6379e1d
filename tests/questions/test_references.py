"""The reference of every coding question agrees with an independent oracle (`oracles/`) on many random inputs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bank_code import code_ids, reference
from oracle import Oracle, all_oracles

ORACLES = all_oracles()
LEAST_ROUNDS = 200
HERE = Path(__file__).parent


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.name)
def test_reference_agrees_with_an_independent_oracle(oracle: Oracle) -> None:
    if oracle.missing:
        pytest.skip(f"{', '.join(oracle.missing)} is not installed")
    function = reference(oracle.question)
    for round_ in range(oracle.rounds):
        args = oracle.inputs(np.random.default_rng(round_))
        told = oracle.disagreement(function, args)
        assert told is None, f"round {round_}: {told}\n{args}"


def test_every_coding_question_is_held_against_something_independent() -> None:
    """By an oracle with enough rounds, or, where none fits, by a test of its own in a module beside this."""
    rounds = dict.fromkeys(code_ids(), 0)
    for oracle in ORACLES:
        rounds[oracle.question] += oracle.rounds
    others = [path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py") if path.name != Path(__file__).name]
    own = {name for name in rounds for text in others if f'reference("{name}")' in text}
    assert {name: count for name, count in rounds.items() if count < LEAST_ROUNDS and name not in own} == {}


def test_reference_that_differs_by_little_or_raises_otherwise_is_told() -> None:
    oracle = next(oracle for oracle in ORACLES if oracle.question == "iou")
    boxes = ([0, 0, 2, 2], [1, 0, 3, 2])
    iou = reference("iou")
    assert oracle.disagreement(iou, boxes) is None
    assert "expected 0.333333334" in (oracle.disagreement(lambda a, b: iou(a, b) + 1e-9, boxes) or "")
    assert "ZeroDivisionError" in (oracle.disagreement(lambda a, b: 1 / 0, boxes) or "")
