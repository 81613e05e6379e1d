"""The database's own news (PostgreSQL's LISTEN and NOTIFY): what one process tells, every process hears at once.

News say only that something is to be looked at; what it is stands in the tables. For news can be lost: while the
connection is down nobody hears any, so every callback is called with None once it is back: look at everything.
"""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

log = logging.getLogger(__name__)

LOOK_S = 0.5  # after which a listener sees that it is to close, or that somebody wants another channel
SILENCE_S = 10.0  # after which it asks whether the server is there still
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
CLOSING_S = 5.0
# A server that vanished without a word is found out within half a minute.
PATIENT: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}

# Hears the payload of a piece of news; None when any may have been missed. Called in the listener's thread: be quick.
Callback = Callable[[str | None], None]


def tell(connection: Connection, channel: str, payload: str = "") -> None:
    """Tell whoever listens, once this transaction is committed. At most 7,999 bytes; the same thing only once."""
    connection.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})


def conninfo(url: str) -> str:
    """SQLAlchemy's URL of a PostgreSQL database as libpq takes it. It holds the password: not for the log."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


class Listener:
    """One connection and one thread that listen for this process. Callbacks may be added before and after the start."""

    def __init__(self, url: str) -> None:
        self._conninfo = conninfo(url)
        self._callbacks: dict[str, list[Callback]] = defaultdict(list)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._hears = threading.Event()
        self._thread = threading.Thread(target=self._work, name="news", daemon=True)

    def on(self, channel: str, callback: Callback) -> None:
        """Call back on every piece of news of this channel from now on."""
        with self._lock:
            self._callbacks[channel].append(callback)

    def start(self) -> None:
        self._thread.start()

    @property
    def hears(self) -> bool:
        """Whether the connection stands."""
        return self._hears.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until the connection stands; whether it does."""
        return self._hears.wait(seconds)

    def close(self) -> None:
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=CLOSING_S)

    def _work(self) -> None:
        """Listen, and begin again whenever the connection is lost."""
        pause_s = FIRST_PAUSE_S
        while not self._closing.is_set():
            try:
                with psycopg.connect(self._conninfo, autocommit=True, **PATIENT) as connection:
                    pause_s = FIRST_PAUSE_S
                    self._listen(connection)
            except psycopg.Error as error:
                if pause_s == FIRST_PAUSE_S and not self._closing.is_set():
                    log.warning("the database's news are not heard just now: %s", type(error).__name__)
            except Exception:
                log.exception("listening for the database's news broke")
            self._hears.clear()
            self._closing.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        subscribed: set[str] = set()
        silent_s = 0.0
        while not self._closing.is_set():
            subscribed |= self._subscribe(connection, subscribed)
            self._hears.set()
            heard = False
            for news in connection.notifies(timeout=LOOK_S, stop_after=1):
                heard = True
                self._call(news.channel, news.payload)
            silent_s = 0.0 if heard else silent_s + LOOK_S
            if silent_s >= SILENCE_S:
                connection.execute("SELECT 1")
                silent_s = 0.0

    def _subscribe(self, connection: psycopg.Connection[Any], subscribed: set[str]) -> set[str]:
        """Listen to the channels that are new on this connection, and have everything looked at that they may tell."""
        with self._lock:
            fresh = set(self._callbacks) - subscribed
        for channel in fresh:
            connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        for channel in fresh:
            self._call(channel, None)
        return fresh

    def _call(self, channel: str, payload: str | None) -> None:
        with self._lock:
            callbacks = list(self._callbacks.get(channel, ()))
        for callback in callbacks:
            try:
                callback(payload)
            except Exception:  # one listener's fault must not stop the others
                log.exception("a listener broke on news of %s", channel)
