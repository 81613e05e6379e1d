"""Many at once, made sure of: they all run against a lock before any of them may go on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from processes import eventually
from sqlalchemy import text

from app.db import Database

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


def at_once(db: Database, lock: str, calls: Sequence[Callable[[], object]]) -> list[object]:
    """What they return or raise. Each of them has to come to wait, for `lock` or for one another."""
    ended: list[object] = []

    def run(call: Callable[[], object]) -> None:
        try:
            ended.append(call())
        except Exception as error:
            ended.append(error)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    with db.beside() as holder:
        holder.execute(text(lock))
        for thread in threads:
            thread.start()
        with db.outside() as looking:
            eventually(lambda: looking.execute(WAITING).scalar_one() >= len(calls), lambda: ended)
    for thread in threads:
        thread.join()
    return ended
