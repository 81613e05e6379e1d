"""Pairing rows that may come in any order: each expected row with a returned row of its own that agrees with it.

Agreement within a tolerance is not transitive, so sorting or taking the first fit can fail rows that do pair up; this
finds a perfect matching by augmenting paths.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

MAX_ROWS = 1000


def pair_rows(count: int, agrees: Callable[[int], NDArray[np.bool_]], sure: bool) -> tuple[int, int] | None:
    """None if all `count` rows pair up, else an expected row and a returned row that stay alone.

    `agrees(i)` tells which returned rows agree with expected row i. `sure` says that a cheaper look already paired
    them all. Beyond `MAX_ROWS` rows pairing is first fit.
    """
    if sure:
        return None
    options = [np.flatnonzero(agrees(row)) for row in range(count)]
    owner: dict[int, int] = {}
    alone = [row for row in range(count) if not _place(row, options, owner, augment=count <= MAX_ROWS)]
    if not alone:
        return None
    return alone[0], next(row for row in range(count) if row not in owner)


def _place(row: int, options: list[NDArray[np.intp]], owner: dict[int, int], augment: bool) -> bool:
    """Give `row` a free returned row, moving earlier ones along a breadth-first augmenting path if needed."""
    reached_from: dict[int, int] = {}
    frontier = [row]
    for current in frontier:
        for option in map(int, options[current]):
            if option in reached_from:
                continue
            reached_from[option] = current
            if option not in owner:
                _shift(option, row, reached_from, owner)
                return True
            if augment:
                frontier.append(owner[option])
    return False


def _shift(free: int, start: int, reached_from: dict[int, int], owner: dict[int, int]) -> None:
    """Walk the path back from the `free` returned row to `start`, handing each row on."""
    held = {row: option for option, row in owner.items()}
    option = free
    while True:
        row = reached_from[option]
        owner[option] = row
        if row == start:
            return
        option = held[row]
