"""Which questions passed the gate before, so that only what changed is run again.

A pass counts for the question as it is (its hash) and for what judged it: the sources that judge, Python, NumPy, torch.
With a coding question's pass the figures of its mutants are kept.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from app.authoring.mutant_gate import Figures
from app.bank.catalog import Entry

_APP = Path(__file__).resolve().parent.parent
_JUDGES = ("authoring", "bank", "drawing", "grading", "sandbox")
_NAME = "checked.json"
_figures = TypeAdapter(list[Figures])


class Passed:
    """The remembered passes, in one file of `cache_dir`; without a folder none are remembered. `fresh` trusts none."""

    def __init__(self, cache_dir: Path | None, *, fresh: bool) -> None:
        self._path = cache_dir / _NAME if cache_dir else None
        self._fresh = fresh
        self._judge = judge()
        kept = self._load()
        self._hashes: dict[str, str] = kept.get("passed", {})
        self._mutants: dict[str, list[dict[str, Any]]] = kept.get("mutants", {})

    def __contains__(self, entry: Entry) -> bool:
        return not self._fresh and self._hashes.get(entry.question.id) == entry.hash

    def mutants(self, entry: Entry) -> list[Figures]:
        """The figures that were kept with the pass of `entry`: none, or those of its reference."""
        return _figures.validate_python(self._mutants.get(entry.question.id, []))

    def add(self, entry: Entry, mutants: Sequence[Figures]) -> None:
        self._hashes[entry.question.id] = entry.hash
        self._mutants[entry.question.id] = [asdict(figures) for figures in mutants]

    def discard(self, entry: Entry) -> None:
        self._hashes.pop(entry.question.id, None)
        self._mutants.pop(entry.question.id, None)

    def _load(self) -> dict[str, Any]:
        try:
            kept = json.loads(self._path.read_bytes()) if self._path else {}
        except (OSError, ValueError):
            return {}
        return kept if isinstance(kept, dict) and kept.get("judge") == self._judge else {}

    def save(self) -> None:
        """Best effort: a cache that can't be written only costs time."""
        if self._path is None:
            return
        fresh = self._path.with_suffix(f".{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps({"judge": self._judge, "passed": self._hashes, "mutants": self._mutants}))
            fresh.replace(self._path)
        except OSError:
            return


@cache
def judge() -> str:
    """A hash of everything but the question that a verdict depends on; it can't change while this process runs."""
    digest = hashlib.sha256(platform.python_version().encode())
    for package in ("numpy", "torch"):
        digest.update(f"{package} {_version(package)}".encode())
    for folder in _JUDGES:
        for path in sorted((_APP / folder).rglob("*.py")):
            digest.update(path.relative_to(_APP).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:32]


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
