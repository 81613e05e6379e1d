"""The table of variables in docs/operations/README.md and the code: each names what the other does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.settings import ROOT

NAME = re.compile(r"\bWHETSTONE_[A-Z_]+\b")
DOCS = ROOT / "docs" / "operations"


def documented() -> set[str]:
    text = (DOCS / "README.md").read_text()
    return set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))


def read_by_the_code() -> set[str]:
    """Names in the code; of a secret also the name of its file."""
    text = "\n".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    secrets = set(re.findall(r'secret\(env, "(\w+)"\)', text))
    return set(NAME.findall(text)) | {"PORT"} | {f"{name}_FILE" for name in secrets}


def test_table_has_what_the_code_reads_and_nothing_else() -> None:
    assert "WHETSTONE_DATA_DIR" in documented()
    assert documented() == read_by_the_code()


@pytest.mark.parametrize(
    "path", ["Dockerfile", "compose.yaml", "README.md", "docs/operations/README.md", "docs/operations/containers.md"]
)
def test_what_is_named_elsewhere_is_in_the_table(path: str) -> None:
    assert set(NAME.findall((ROOT / path).read_text())) <= documented()


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_pages_link_to_what_is_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target
    for target in re.findall(r"`((?:deploy|app|docs|questions)/[\w./-]+)`", page.read_text()):
        assert (ROOT / target).exists(), target
