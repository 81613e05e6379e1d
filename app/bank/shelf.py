"""The bank as it stands now, while its questions change under a running server."""

from __future__ import annotations

from app.bank.catalog import Bank


class Shelf:
    """Holds one immutable bank, replaced whole. Whoever needs it to hold still takes `bank` once and keeps that."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
