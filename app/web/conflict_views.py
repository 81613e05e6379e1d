"""What the pages about folder and database show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Fault:
    """A place in the folder's files and what is wrong there. `place` is `cnn/pooling.yaml:3:1`."""

    place: str
    says: str


@dataclass(frozen=True)
class Waiting:
    """A question that could not be written to the folder, and why."""

    question_id: str
    why: str


@dataclass(frozen=True)
class ConflictsView:
    conflicts: list[str]
    waiting: list[Waiting]
    faults: list[Fault]
    resolved: str

    @property
    def all_agree(self) -> bool:
        return not (self.conflicts or self.waiting or self.faults)


@dataclass(frozen=True)
class Line:
    """A line of both texts side by side; None where one side has none."""

    left: str | None
    right: str | None

    @property
    def differs(self) -> bool:
        return self.left != self.right


@dataclass(frozen=True)
class ConflictView:
    """`removed` where the folder has the question no more. `complaints` are about `merged`, which was sent."""

    question_id: str
    removed: bool
    lines: list[Line]
    base: str
    merged: str
    head_number: int
    folder_hash: str
    complaints: list[str]


def side_by_side(left: str, right: str) -> list[Line]:
    """The lines of both texts, those that are the same beside each other."""
    return list(_lines(left.splitlines(), right.splitlines()))


def _lines(left: list[str], right: list[str]) -> Iterator[Line]:
    for _, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for offset in range(max(b - a, d - c)):
            yield Line(
                left[a + offset] if a + offset < b else None,
                right[c + offset] if c + offset < d else None,
            )
