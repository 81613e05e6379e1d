"""What a PostgreSQL gives and takes by itself: connections, small commits a second, bytes a row."""

from __future__ import annotations

import statistics
import threading
import time

from benchmarks.postgres import Postgres

ROUNDS = 3
TABLES = ("card", "review", "practice_session", "practice_item", "submission", "interview", "interview_slot", "account")
_ROW_BYTES = "SELECT pg_total_relation_size('{table}') / greatest(count(*), 1) FROM {table}"


def connections(database: Postgres) -> float:
    """To the database, but the one that asks."""
    return float(database.ask("SELECT count(*) - 1 FROM pg_stat_activity WHERE datname = current_database()"))


def commits(database: Postgres) -> dict[str, float]:
    """Small transactions a second over eight connections: such as tell no news, and such as do, which take turns."""
    with database.connect() as connection:
        connection.execute("CREATE TABLE small (number int)")
    plain, telling = "INSERT INTO small VALUES (1)", "INSERT INTO small SELECT 1 FROM pg_notify('small', '1')"
    found: dict[str, list[float]] = {"plain": [], "telling": []}
    for _ in range(ROUNDS):
        for name, statement in (("plain", plain), ("telling", telling)):
            found[name].append(_commits_of(database, statement, 1.0))
    with database.connect() as connection:
        connection.execute("DROP TABLE small")
    return {name: statistics.median(rates) for name, rates in found.items()}


def _commits_of(database: Postgres, statement: str, seconds: float) -> float:
    done = [0] * 8

    def work(place: int) -> None:
        with database.connect() as connection:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                connection.execute(statement)
                done[place] += 1

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(done))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


def row_bytes(database: Postgres) -> dict[str, float]:
    """With indexes, and with what updates have left behind."""
    return {table: float(database.ask(_ROW_BYTES.format(table=table))) for table in TABLES}
