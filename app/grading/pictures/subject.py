"""What a picture is of: a failing case, and the first part of its result that differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from app.grading.pairs import Pair, Rule, array_of, entries, pair_of

LONGEST_PATH = 24


@dataclass(frozen=True)
class Subject:
    """A case that returned `got` where `expected` is due. `roles` says which argument of the call plays which role.

    Of an example (`is_example`), where `got` is what is due, that alone is drawn.
    """

    roles: Mapping[str, int]
    expected: object
    got: object
    rule: Rule
    is_example: bool = False

    @cached_property
    def _part(self) -> tuple[str, object, object]:
        path, due, given = "", self.expected, self.got
        if self.is_example:
            return self._example_part
        while entry := _first_different(due, given, self.rule):
            step, due, given = entry
            path += step
        return path, due, given

    @property
    def _example_part(self) -> tuple[str, object, object]:
        """The first part that is an array with axes; the whole, if none is."""
        parts = [("", self.expected, self.got), *entries(self.expected, self.got, self.rule)]
        return next((part for part in parts if (array := array_of(part[1])) is not None and array.ndim), parts[0])

    @property
    def path(self) -> str:
        """Where the first part that differs is (`[1]`, `['weights']`); nothing for the whole."""
        return self._part[0]

    @property
    def where(self) -> str:
        """The path, short enough for a title."""
        return self.path if len(self.path) <= LONGEST_PATH else f"…{self.path[1 - LONGEST_PATH :]}"

    @property
    def due(self) -> object:
        """What that part should be."""
        return self._part[1]

    @property
    def given(self) -> object:
        """What that part is."""
        return self._part[2]

    @cached_property
    def pair(self) -> Pair | None:
        """Both parts as arrays, if they are."""
        return pair_of(self.due, self.given, self.rule)

    def role(self, name: str) -> object | None:
        """The argument that plays a role, None if no argument does."""
        place = self.roles.get(name, -1)
        return self.rule.args[place] if 0 <= place < len(self.rule.args) else None


def _first_different(due: object, given: object, rule: Rule) -> tuple[str, object, object] | None:
    return next((entry for entry in entries(due, given, rule) if not rule.agree(*entry[1:])), None)
