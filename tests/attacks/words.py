"""What a learner would be told of an attack, and whether those words are fit to be seen."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from functools import cache

from made_questions import code_question, text

from app.bank.schema import Code
from app.grading.code import grade_code
from app.sandbox import Limits, Sandbox

_LONGEST = 65_536 + 200  # what of the output is kept, and a note


@cache
def _question(cpu_s: float, memory_mib: int) -> Code:
    """A question whose answer is 1, for attacks on what a learner is told."""
    return code_question(
        function="f",
        signature="f(x) -> int",
        starter="def f(x):\n    ...\n",
        reference="def f(x):\n    return {'due': 1} if x else 1\n",
        cases="def cases(rng):\n    yield {'name': 'one', 'args': [0], 'hidden': False}\n"
        "    yield {'name': 'two', 'args': [1], 'hidden': False}\n    yield {'name': 'three', 'args': [0]}\n",
        case_titles={name: text(name) for name in ("one", "two", "three")},
        allowed_imports=[*sys.stdlib_module_names, "numpy", "torch"],
        limits={"time_s": cpu_s, "memory_mib": memory_mib},
        wrong=[{"name": "zero", "code": "def f(x):\n    return 0\n", "verdict": "wrong_answer", "note": text("No.")}],
    )


def graded(sandbox: Sandbox, source: str, limits: Limits) -> str:
    """The verdict, and what is raw or gigantic in the words that pages and terminals get."""
    question = _question(limits.cpu_s, limits.memory_mib)
    report = grade_code(question, source, sandbox=sandbox, mode="submit", seed=0)
    shown = [report.as_json(lang) for lang in ("en", "zh")]
    raw = sorted({f"raw U+{ord(c):04X}" for told in _texts(shown) for c in told if _steers(c)})
    gigantic = [f"a text of {len(told)} characters" for told in _texts(shown) if len(told) > _LONGEST]
    return " and ".join([report.verdict.value, *raw, *gigantic])


def _steers(character: str) -> bool:
    """Whether a character is none that is seen: controls, formats, half characters, separators of lines."""
    return character not in "\n\t" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for entry in value.values():
                yield from _texts(entry)
        case list() | tuple():
            for entry in value:
                yield from _texts(entry)
