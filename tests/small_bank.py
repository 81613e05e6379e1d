"""A bank of one topic with twelve small coding questions, so that one person can have twelve submissions under way."""

from __future__ import annotations

from pathlib import Path

import yaml

QUESTIONS = [f"double-{n}" for n in range(12)]
RIGHT = "def double(x):\n    return x + x\n"
BUSY = "total = 0\nfor n in range({turns}):\n    total += n\n" + RIGHT

_TOPICS = """\
areas:
- id: cnn
  title: {en: CNN, zh: 卷积网络}
topics:
- id: doubling
  area: cnn
  title: {en: Doubling, zh: 加倍}
  kinds: [code]
  facts: {f1: Twice two is four.}
"""
_CASES = """
def cases(rng):
    yield {"name": "small", "args": [2], "hidden": False}
    for i in range(4):
        yield {"name": f"random-{i}", "args": [rng.normal(size=3)]}
"""


def busy(turns: int) -> str:
    """A right solution that first counts for a while."""
    return BUSY.format(turns=turns)


def write_bank(folder: Path) -> Path:
    (folder / "cnn").mkdir(parents=True)
    (folder / "topics.yaml").write_text(_TOPICS, encoding="utf-8")
    (folder / "errata.yaml").write_text("[]\n", encoding="utf-8")
    topic = {"topic": "doubling", "questions": [_question(name) for name in QUESTIONS]}
    (folder / "cnn" / "doubling.yaml").write_text(yaml.safe_dump(topic, sort_keys=False), encoding="utf-8")
    return folder


def _question(name: str) -> dict[str, object]:
    def text(en: str, zh: str) -> dict[str, str]:
        return {"en": en, "zh": zh}

    return {
        "id": name,
        "kind": "code",
        "difficulty": 1,
        "minutes": 1,
        "covers": ["f1"],
        "sources": ["made for a test"],
        "prompt": text("Double it.", "把它加倍。"),
        "explanation": text("Add it to itself.", "自己加自己。"),
        "function": "double",
        "signature": "double(x)",
        "starter": "def double(x):\n    ...\n",
        "reference": "def double(x):\n    return 2 * x\n",
        "cases": _CASES,
        "case_titles": {"small": text("Small", "小"), "random": text("Random", "随机")},
        "wrong": [{"name": "same", "code": "double = abs", "verdict": "wrong_answer", "note": text("No.", "不对。")}],
    }
