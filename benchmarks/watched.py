"""A server of `load_sqlite`'s that counts, beside serving, how long its writers wait, hold the lock and commit.

Run as a program it is `whetstone serve`. `WATCHED_COUNTS` names the file to which the counts go, ten times a second;
`WATCHED_SYNCHRONOUS=OFF` leaves out the waiting for the disk, to see what that costs: such a server keeps no promise.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event

from app import db as databases
from app.cli import main

EVERY_S = 0.1


class Counts:
    """Seconds since the start, summed over all writers."""

    def __init__(self, path: Path) -> None:
        self.waited_s = self.held_s = self.committed_s = 0.0
        self.writes = 0
        self._path = path

    def keep_telling(self) -> None:
        fresh = self._path.with_suffix(".new")
        while True:
            counts = {name: getattr(self, name) for name in ("waited_s", "held_s", "committed_s", "writes")}
            fresh.write_text(json.dumps(counts | {"at_s": time.perf_counter()}))
            fresh.replace(self._path)
            time.sleep(EVERY_S)


def watch(counts: Counts, synchronous: str | None) -> None:
    """Have every database that is opened from now on counted."""
    plain, turn_of = databases.Database.__init__, databases.Turns.of

    @contextmanager
    def timed_turn(self: databases.Turns, person: int | None) -> Iterator[None]:
        began = time.perf_counter()
        with turn_of(self, person):
            since = time.perf_counter()
            try:
                yield
            finally:  # one writer at a time changes the counts
                counts.waited_s += since - began
                counts.held_s += time.perf_counter() - since
                counts.writes += 1

    def opened(self: databases.Database, *arguments: Any, **named: Any) -> None:
        plain(self, *arguments, **named)
        commit = self.engine.dialect.do_commit

        def timed(connection: Any) -> None:
            began = time.perf_counter()
            commit(connection)
            counts.committed_s += time.perf_counter() - began

        self.engine.dialect.do_commit = timed  # type: ignore[method-assign, assignment]
        if synchronous is not None:
            event.listen(self.engine, "connect", lambda raw, _: raw.execute(f"PRAGMA synchronous={synchronous}"))

    databases.Turns.of = timed_turn  # type: ignore[method-assign]
    databases.Database.__init__ = opened  # type: ignore[method-assign]


if __name__ == "__main__":
    COUNTS = Counts(Path(os.environ["WATCHED_COUNTS"]))
    watch(COUNTS, os.environ.get("WATCHED_SYNCHRONOUS"))
    threading.Thread(target=COUNTS.keep_telling, daemon=True).start()
    sys.argv[1:] = ["serve"]
    sys.exit(main())
