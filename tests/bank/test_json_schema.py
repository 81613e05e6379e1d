"""The schema for editors: it takes what the loader takes and refuses what an editor can see."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from app.bank.json_schema import json_schema

VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def test_it_is_a_schema_and_always_the_same() -> None:
    VALIDATOR.check_schema(json_schema())
    assert json.dumps(json_schema()) == json.dumps(json_schema())


def test_it_takes_a_question_of_every_kind(folder: Path) -> None:
    text = (folder / "cnn" / "pooling.yaml").read_text(encoding="utf-8").replace("1e-6", "1.0e-6")
    assert [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("difficulty: 1", "difficulti: 1"),
        ("kind: open", "kind: opened"),
        (', zh: "请解释。"', ""),
        ("weight: 2", "weight: 9"),
    ],
)
def test_it_refuses_what_an_editor_can_see(folder: Path, old: str, new: str) -> None:
    text = (folder / "cnn" / "pooling.yaml").read_text(encoding="utf-8").replace("1e-6", "1.0e-6")
    assert old in text
    assert list(VALIDATOR.iter_errors(yaml.safe_load(text.replace(old, new))))


def test_descriptions_are_on_one_line() -> None:
    described = [model["description"] for model in json_schema()["$defs"].values() if "description" in model]
    assert described
    assert not any("\n" in text for text in described)
