"""The database's news: heard at once, by every listener, and after the connection was lost everything is looked at."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import empty_database
from workers_yard import on_postgresql_only

from app.db import Database
from app.news import Listener, conninfo, tell

WITHIN_S = 20.0


class Heard:
    """What was heard, in order; None where some may have been missed."""

    def __init__(self) -> None:
        self.said: list[str | None] = []
        self._more = threading.Condition()

    def __call__(self, payload: str | None) -> None:
        with self._more:
            self.said.append(payload)
            self._more.notify_all()

    def wait_for(self, *said: str | None) -> None:
        with self._more:
            assert self._more.wait_for(lambda: self.said == list(said), WITHIN_S), self.said


class Stage:
    def __init__(self, url: str) -> None:
        self.db = Database(url)
        self.listener = Listener(url)

    def tell(self, *payloads: str, channel: str = "bell") -> None:
        with self.db.engine.begin() as connection:
            for payload in payloads:
                tell(connection, channel, payload)

    def cut(self) -> None:
        with self.db.engine.begin() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(empty_database(tmp_path))
    yield made
    made.listener.close()
    made.db.close()


@on_postgresql_only
def test_news_are_heard_in_order_once_they_are_committed(stage: Stage) -> None:
    heard, others = Heard(), Heard()
    stage.listener.on("bell", heard)
    stage.listener.on("bell", others)
    stage.listener.start()
    heard.wait_for(None)
    stage.tell("one", "two")
    with pytest.raises(ZeroDivisionError), stage.db.engine.begin() as connection:
        tell(connection, "bell", str(1 // 0))
    stage.tell("three")
    stage.tell("unheard", channel="another")
    heard.wait_for(None, "one", "two", "three")
    others.wait_for(None, "one", "two", "three")


@on_postgresql_only
def test_channel_may_be_added_while_it_listens(stage: Stage) -> None:
    stage.listener.start()
    assert stage.listener.wait(WITHIN_S)
    heard = Heard()
    stage.listener.on("Bell, with a 'name'", heard)
    heard.wait_for(None)
    stage.tell("one", channel="Bell, with a 'name'")
    heard.wait_for(None, "one")


@on_postgresql_only
def test_after_the_connection_was_lost_everything_is_looked_at(stage: Stage) -> None:
    heard = Heard()
    stage.listener.on("bell", heard)
    stage.listener.start()
    heard.wait_for(None)
    stage.cut()
    heard.wait_for(None, None)
    stage.tell("one")
    heard.wait_for(None, None, "one")


@on_postgresql_only
def test_listener_that_raises_keeps_none_from_hearing(stage: Stage) -> None:
    heard = Heard()
    stage.listener.on("bell", lambda payload: {}[payload])
    stage.listener.on("bell", heard)
    stage.listener.start()
    stage.tell("one") if stage.listener.wait(WITHIN_S) else None
    heard.wait_for(None, "one")


def test_closing_ends_the_wait_for_a_server_that_is_not_there() -> None:
    listener = Listener("postgresql+psycopg://nobody@127.0.0.1:1/nothing?connect_timeout=2")
    listener.start()
    assert not listener.wait(0.05)
    listener.close()
    assert not listener._thread.is_alive()


def test_address_is_told_as_the_driver_takes_it() -> None:
    url = "postgresql+psycopg://ada:p%40ss@db.example:5433/whetstone?sslmode=require"
    assert conninfo(url) == "postgresql://ada:p%40ss@db.example:5433/whetstone?sslmode=require"
