"""A small sound bank to break, and the gate over it."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from app.authoring.check import Result, check
from app.sandbox import Sandbox


def both(text: str) -> dict[str, str]:
    return {"en": text, "zh": text}


TOPICS: dict[str, Any] = {
    "areas": [{"id": "sums", "title": both("Sums")}],
    "topics": [
        {
            "id": "doubling",
            "area": "sums",
            "title": both("Doubling"),
            "kinds": ["code"],
            "facts": {"f1": "a", "f2": "b"},
        }
    ],
}
CODE: dict[str, Any] = {
    "id": "double",
    "kind": "code",
    "difficulty": 1,
    "minutes": 1,
    "covers": ["f1"],
    "prompt": both("Double it."),
    "sources": ["A book, 2001"],
    "function": "double",
    "signature": "double(x) -> float",
    "starter": "def double(x):\n    ...\n",
    "reference": "def double(x):\n    if x < 0:\n        raise ValueError('negative')\n    return 2 * x\n",
    "cases": (
        "def cases(rng):\n"
        "    yield {'name': 'one', 'args': [1], 'hidden': False}\n"
        "    yield {'name': 'zero', 'args': [0]}\n"
        "    yield {'name': 'negative', 'args': [-1], 'error': 'ValueError'}\n"
        "    for i in range(6):\n"
        "        yield {'name': f'random-{i}', 'args': [float(rng.uniform(3, 5))]}\n"
    ),
    "case_titles": {"one": both("One"), "zero": both("Zero"), "negative": both("Negative"), "random": both("Random")},
    "explanation": both("Twice."),
    "complexity": both("$O(1)$"),
    "hints": [both("Twice."), both("Times 2.")],
    "follow_ups": [{"ask": both("Thrice?"), "answer": both("Times 3.")}],
    "wrong": [
        {"name": name, "verdict": "wrong_answer", "code": f"def double(x):\n    return {value}\n", "note": both("No.")}
        for name, value in (("square", "x * x"), ("same", "x"), ("unguarded", "2 * x"), ("whole", "2 * int(abs(x))"))
    ],
    "accepted": [
        {"name": name, "code": f"def double(x):\n    if x < 0:\n        raise ValueError\n    return {value}\n"}
        for name, value in (("plus", "x + x"), ("halved", "x / 0.5"))
    ],
    "without": {"performance": "Constant time.", "picture": "One number."},
}
NUMERIC: dict[str, Any] = {
    "id": "twice",
    "kind": "numeric",
    "difficulty": 1,
    "minutes": 1,
    "covers": ["f2"],
    "prompt": both("Twice @{n}?"),
    "sources": ["A book, 2001"],
    "params": {"n": {"range": [1, 20]}},
    "answer": "2 * n",
    "tolerance": {"abs": 0},
    "solution": both("It is @{answer}."),
    "mistakes": [{"answer": "n * n", "why": both("Square.")}],
    "oracle": {"code": "def oracle(n):\n    return sum([n, n])\n"},
}
CARDS: list[dict[str, Any]] = [  # what makes the topic whole
    {
        "id": f"card-{number}",
        "kind": "flashcard",
        "difficulty": 1,
        "minutes": 1,
        "prompt": both("Why?"),
        "sources": ["A book, 2001"],
        "answer": both("So."),
    }
    for number in (1, 2)
]


class Bench:
    """A bank of two questions to break, and two cards, in a folder, and the gate over it."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.questions_dir, self.cache_dir, self.sandbox = folder / "questions", folder / "cache", sandbox
        self.file = self.questions_dir / "sums" / "doubling.yaml"
        self.file.parent.mkdir(parents=True)
        (self.questions_dir / "topics.yaml").write_text(yaml.safe_dump(TOPICS))
        self.code, self.numeric = copy.deepcopy(CODE), copy.deepcopy(NUMERIC)

    def check(self, *paths: Path, **options: Any) -> Result:
        self.write()
        return check(paths, self.questions_dir, options.pop("sandbox", self.sandbox), self.cache_dir, **options)

    def write(self) -> None:
        questions = {"topic": "doubling", "questions": [self.code, self.numeric, *CARDS]}
        self.file.write_text(yaml.safe_dump(questions, sort_keys=False))

    def only_finding(self, line_text: str) -> str:
        """What the gate says, if it finds exactly one fault, in the line that starts with `line_text`."""
        result = self.check()
        (finding,) = result.findings
        assert self.file.read_text().splitlines()[finding.line - 1].strip().startswith(line_text)
        assert finding.column > 1
        assert not result.passed
        return str(finding)


class Block(str):
    """Text that the file has in block style, as authors write code."""


yaml.SafeDumper.add_representer(
    Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style="|")
)
