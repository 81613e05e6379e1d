"""The bank as it stands now, while its questions change under a running server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.bank.catalog import Bank
from app.bank.schema.blueprint import Blueprint


class Shelf:
    """Holds one immutable bank, replaced whole, and the blueprints by id, shortest first.

    Whoever needs the bank to hold still takes `bank` once and keeps that.
    """

    def __init__(self, bank: Bank, blueprints: Iterable[Blueprint] = ()) -> None:
        self.bank = bank
        self.blueprints: Mapping[str, Blueprint] = {blueprint.id: blueprint for blueprint in blueprints}
