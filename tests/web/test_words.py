"""Every phrase of the Python code has its Chinese, with the same parameters."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from app.settings import ROOT
from app.web.i18n import words

PARAMETER = re.compile(r"%\((\w+)\)")


def phrases() -> set[str]:
    """Every phrase marked in the app: by `N_`, or by `phrase`, which puts its parameters in at once."""
    found: set[str] = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("N_", "phrase"):
                found.add(ast.literal_eval(node.args[0]))
    return found


def plurals() -> set[str]:
    """The second forms of `ngettext`: Chinese has one, kept under the singular."""
    found: set[str] = set()
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "ngettext":
                many = node.args[1]
                if isinstance(many, ast.Call):
                    found.add(ast.literal_eval(many.args[0]))
    return found


PLURALS = plurals()


def test_every_phrase_has_its_chinese() -> None:
    assert phrases() - PLURALS - set(words("zh").phrases) == set()


@pytest.mark.parametrize("phrase", sorted(phrases() - PLURALS))
def test_chinese_takes_the_same_parameters(phrase: str) -> None:
    chinese = words("zh").phrases[phrase]
    assert sorted(PARAMETER.findall(chinese)) == sorted(PARAMETER.findall(phrase))


def test_no_problem_is_told_without_its_mark() -> None:
    """A message passed to an error of `app.errors` without `N_` would never be translated."""
    unmarked = []
    for path in (ROOT / "app").rglob("*.py"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if re.search(r"raise (Invalid|NotFound|Conflict|TooLarge|Forbidden|Unauthorised|Unavailable)\(\"", line):
                unmarked.append(f"{Path(path).name}:{number}")
    assert unmarked == []
