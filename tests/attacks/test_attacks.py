"""Every file of the corpus is submitted, must end as its first lines say, and must leave the next submission unharmed.

With the outer wall and without it: the inner walls alone have to hold too.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.sandbox import Ending, Job, Limits, Opaque, Sandbox

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.py"))
HONEST = Job("def f(a):\n    return a + 1\n", "f", [(1,)])


@pytest.fixture(scope="module", params=[True, False], ids=["all walls", "inner walls only"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(outer_wall=request.param) as built:
        yield built


def must(source: str) -> list[str]:
    """The endings a file allows: the line of its docstring that starts with "must:"."""
    described = ast.get_docstring(ast.parse(source)) or ""
    line = next(line for line in described.splitlines() if line.startswith("must:"))
    return [choice.strip() for choice in line.removeprefix("must:").split("|")]


def told(ending: Ending, value: object) -> str:
    """An ending as the corpus writes it."""
    if ending is not Ending.RETURNED:
        return ending.value
    return "returned Opaque" if isinstance(value, Opaque) else f"returned {value!r}"


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_attack_ends_as_it_must_and_harms_nobody(sandbox, path):
    source = path.read_text()
    run = sandbox.run(Job(source, "f", [()], limits=Limits(cpu_s=0.5, wall_s=1.5, load_s=1.5)))
    ended = told(run.load, None) if run.load is not Ending.RETURNED else told(run.calls[0].ending, run.calls[0].value)
    assert ended in must(source), run
    assert sandbox.run(HONEST).calls[0].value == 2
