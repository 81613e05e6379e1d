"""Questions written for the tests of grading."""

from __future__ import annotations

import json
from typing import Any

from app.bank.schema import Code, Question, TopicFile

HEAD = {"difficulty": 1, "minutes": 1, "sources": ["made for a test"]}


def text(words: str) -> dict[str, str]:
    return {"en": words, "zh": f"{words}。"}


def build(kind: str, **fields: Any) -> Question:
    """A valid question of a kind; `fields` are as in the YAML."""
    raw = {**HEAD, "id": "made", "kind": kind, "prompt": text("Which?"), **fields}
    if kind not in ("flashcard", "numeric", "open"):
        raw.setdefault("explanation", text("Because."))
    return TopicFile.model_validate_json(json.dumps({"topic": "made", "questions": [raw]})).questions[0]


DOUBLE_CASES = """
def cases(rng):
    import numpy as np
    yield {"name": "small", "args": [np.array([1.0, -2.0])], "hidden": False}
    yield {"name": "empty", "args": [np.zeros((0,))]}
    yield {"name": "bad", "args": [None], "error": "TypeError"}
    for i in range(3):
        yield {"name": f"random-{i}", "args": [rng.normal(size=4)]}
"""
DOUBLE_REFERENCE = "def double(x):\n    return 2 * x\n"


def code_question(**fields: Any) -> Code:
    """`double(x)`: six cases, the first visible, the third an error."""
    question = build(
        "code",
        **{
            "function": "double",
            "signature": "double(x: (N,)) -> (N,)",
            "starter": "def double(x):\n    ...\n",
            "reference": DOUBLE_REFERENCE,
            "cases": DOUBLE_CASES,
            "case_titles": {name: text(name) for name in ("small", "empty", "bad", "random")},
            "wrong": [{"name": "same", "code": "double = abs", "verdict": "wrong_answer", "note": text("No.")}],
            **fields,
        },
    )
    assert isinstance(question, Code)
    return question
