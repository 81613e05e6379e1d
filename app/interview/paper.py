"""Drawing a paper: which questions a sitting asks. Pure: the bank, what the learner has seen, and a seeded generator.

Within a section the topics' weights are met within rounding and the levels of difficulty exactly; a question not seen
before goes before one that was, and of those the one seen longest ago. No two questions of a paper ask for the same
fact. Which topic gives how many of which level is a transport problem, solved by augmenting along cheapest paths; its
costs are the preferences above. Facts that questions share may spoil a solution; then the spoiled cell is offered less,
and in the end other roundings of the weights are tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor
from random import Random

from app.bank.catalog import Entry
from app.bank.schema.blueprint import Blueprint, Section

SEEDS = 2**31
ROUNDINGS = 60  # of the weights that are tried before a section counts as one that can't be filled
ROOM = 1.5  # a question may take so many times its share of the section's minutes
ANY = 0  # the level of questions whose difficulty does not matter

Cell = tuple[str, int]  # group of topics, level


@dataclass(frozen=True)
class Drawn:
    """One question of a paper. `section` counts from 0."""

    section: int
    entry: Entry
    seed: int


class CannotFill(ValueError):  # noqa: N818 (an outcome that callers name)
    """The bank has too few questions for a section (counted from 0)."""

    def __init__(self, section: int) -> None:
        super().__init__(f"section {section + 1} cannot be filled")
        self.section = section


def draw(
    blueprint: Blueprint, entries: Sequence[Entry], seen_at: Mapping[str, datetime], rng: Random
) -> tuple[Drawn, ...]:
    """A paper from `entries`, section by section. `seen_at`: when the learner last met a question, by its id.

    CannotFill if a section finds too few questions that differ in what they ask.
    """
    paper: list[Drawn] = []
    used: set[str] = set()
    for number, section in enumerate(blueprint.sections):
        chosen = _Section(section, entries, seen_at, rng, used).fill()
        if chosen is None:
            raise CannotFill(number)
        for entry in chosen:
            used |= facts_of(entry)
            paper.append(Drawn(number, entry, rng.randrange(SEEDS)))
    return tuple(paper)


def facts_of(entry: Entry) -> set[str]:
    """Full names of the facts a question asks for; the question itself where it names none."""
    covers = {fact if "/" in fact else f"{entry.topic.id}/{fact}" for fact in entry.question.covers}
    return covers or {entry.question.id}


def eligible(section: Section, entry: Entry) -> bool:
    """Whether the section may ask this question, its topic apart."""
    question = entry.question
    share = section.minutes / section.answered
    return (
        question.kind in section.kinds
        and question.minutes <= ROOM * share
        and (not section.difficulty or question.difficulty in section.difficulty)
        and (not section.levels or question.difficulty in section.levels)
    )


def group_of(section: Section, entry: Entry) -> str | None:
    """The area or topic by whose weight the question is drawn; None if its topic is not asked for."""
    if not section.topics:
        return entry.area.id
    return next((name for name in (entry.topic.id, entry.area.id) if name in section.topics), None)


class _Section:
    """One section being filled: its cells of questions in the order of preference."""

    def __init__(
        self,
        section: Section,
        entries: Sequence[Entry],
        seen_at: Mapping[str, datetime],
        rng: Random,
        used: set[str],
    ) -> None:
        self._section = section
        self._rng = rng
        self._used = used
        self._cells: dict[Cell, list[Entry]] = {}
        fitting = [entry for entry in entries if eligible(section, entry) and not facts_of(entry) & used]
        rng.shuffle(fitting)
        fitting.sort(key=lambda entry: _age(entry, seen_at))  # stable: chance decides among equals
        ranked = {entry.question.id: rank for rank, entry in enumerate(fitting, start=1)}
        self._costs: dict[Cell, list[float]] = {}
        for entry in fitting:
            group = group_of(section, entry)
            if group is not None:
                cell = (group, entry.question.difficulty if section.difficulty else ANY)
                self._cells.setdefault(cell, []).append(entry)
                seen = entry.question.id in seen_at
                cost = 1 + ranked[entry.question.id] / (len(fitting) + 1) if seen else 0.0
                self._costs.setdefault(cell, []).append(cost)

    def fill(self) -> list[Entry] | None:
        """The section's questions, easier ones first; None if it can't be filled."""
        for _ in range(ROUNDINGS):
            shares = self._shares()
            room = {cell: len(found) for cell, found in self._cells.items()}
            while (counts := self._transport(shares, room)) is not None:
                chosen, short = self._pick(counts)
                if short is None:
                    self._rng.shuffle(chosen)
                    return sorted(chosen, key=lambda entry: entry.question.difficulty)
                room[short[0]] = short[1]
        return None

    def _shares(self) -> dict[str, int]:
        """How many questions each group gives: its weight's share, rounded up or down by chance, and all of them."""
        weights = dict(self._section.topics) or dict.fromkeys(sorted({group for group, _ in self._cells}), 1.0)
        names = list(weights)
        self._rng.shuffle(names)
        per_weight = self._section.count / sum(weights.values()) if weights else 0.0
        mark, passed, start = 0.0, 0, self._rng.random()
        shares = {}
        for name in names:  # systematic sampling: marks one apart, so each group's number is one of its two roundings
            mark += weights[name] * per_weight
            upto = self._section.count if name == names[-1] else floor(mark + start + 1e-9)
            shares[name] = upto - passed
            passed = upto
        return shares

    def _transport(self, shares: Mapping[str, int], room: Mapping[Cell, int]) -> dict[Cell, int] | None:
        """How many questions each cell gives: groups and levels met at the least cost; None if they can't be."""
        quotas = dict(self._section.difficulty) or {ANY: self._section.count}
        counts: dict[Cell, int] = dict.fromkeys(self._cells, 0)
        open_groups, open_levels = dict(shares), dict(quotas)
        for _ in range(self._section.count):
            path = self._cheapest(counts, room, open_groups, open_levels)
            if path is None:
                return None
            open_groups[path[0][0]] -= 1
            open_levels[path[-1][1]] -= 1
            for step, cell in enumerate(path):
                counts[cell] += 1 if step % 2 == 0 else -1
        return counts

    def _cheapest(
        self,
        counts: Mapping[Cell, int],
        room: Mapping[Cell, int],
        open_groups: Mapping[str, int],
        open_levels: Mapping[int, int],
    ) -> list[Cell] | None:
        """The cheapest way to give one more: cells that take turns in giving one more and one less (Bellman-Ford)."""
        cost: dict[str | int, float] = {group: 0.0 for group, left in open_groups.items() if left > 0}
        came: dict[str | int, tuple[str | int, Cell]] = {}
        for _ in range(len(open_groups) + len(open_levels)):
            changed = False
            for cell, given in counts.items():
                group, level = cell
                if given < room[cell]:
                    changed |= _relax(cost, came, group, level, self._costs[cell][given], cell)
                if given > 0:
                    changed |= _relax(cost, came, level, group, -self._costs[cell][given - 1], cell)
            if not changed:
                break
        ends = [level for level, left in open_levels.items() if left > 0 and level in cost]
        if not ends:
            return None
        place: str | int = min(ends, key=lambda level: cost[level])
        path: list[Cell] = []
        while place in came:
            place, cell = came[place]
            path.append(cell)
        return path[::-1]

    def _pick(self, counts: Mapping[Cell, int]) -> tuple[list[Entry], tuple[Cell, int] | None]:
        """Questions of each cell that share no fact with any other; or the cell that gives too few, and how many."""
        used = set(self._used)
        chosen: list[Entry] = []
        cells = [cell for cell, count in counts.items() if count]
        self._rng.shuffle(cells)
        for cell in cells:
            found: list[Entry] = []
            for entry in self._cells[cell]:
                if len(found) < counts[cell] and not facts_of(entry) & used:
                    used |= facts_of(entry)
                    found.append(entry)
            if len(found) < counts[cell]:
                return [], (cell, len(found))
            chosen += found
        return chosen, None


def _age(entry: Entry, seen_at: Mapping[str, datetime]) -> tuple[bool, float]:
    """Whether it was seen, and when: the smaller, the rather it is asked."""
    at = seen_at.get(entry.question.id)
    return (False, 0.0) if at is None else (True, at.timestamp())


def _relax(
    cost: dict[str | int, float],
    came: dict[str | int, tuple[str | int, Cell]],
    start: str | int,
    end: str | int,
    more: float,
    cell: Cell,
) -> bool:
    """Whether going from `start` to `end` is cheaper than what was known; then it is noted."""
    if start not in cost or cost[start] + more >= cost.get(end, float("inf")) - 1e-12:
        return False
    cost[end] = cost[start] + more
    came[end] = (start, cell)
    return True
