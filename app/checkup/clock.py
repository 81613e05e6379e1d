"""The machine's clock: does it keep pace, agree with the database, and follow a time server."""

from __future__ import annotations

import ctypes
import sys
import time
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, text

from app import clock
from app.checkup.finding import Finding, fault, good, notice
from app.db import Database
from app.interview.store import newest_known_at

AREA = "clock"
_MOST_APART_S = 2.0  # dues are in minutes, but a minute's deadline is felt
_NTP = "let it follow a time server: timedatectl set-ntp true, or chrony; in a container the machine below"
_SYNCHRONISED = Path("/run/systemd/timesync/synchronized")
_TIME_ERROR = 5  # what adjtimex says while nothing sets the clock
_STA_UNSYNC = 0x40


def examine(db: Database | None) -> list[Finding]:
    """`db`: one of this release's schema; without it, the machine alone."""
    found = [_pace(), _synchronised()]
    if db is not None:
        with db.read() as connection:
            if connection.dialect.name == "postgresql":
                found.append(_agrees(connection))
            found.append(_after_what_was_seen(newest_known_at(connection), clock.now()))
    return found


def _pace() -> Finding:
    wall, steady = time.time(), time.monotonic()
    time.sleep(0.1)
    apart_s = abs((time.time() - wall) - (time.monotonic() - steady))
    if apart_s > 0.25:  # a busy machine takes its time between two looks
        return notice(AREA, "pace", f"it was moved by {apart_s:.2f} s just now", _NTP)
    return good(AREA, "pace", "it runs as the steady clock does")


def _synchronised() -> Finding:
    if _SYNCHRONISED.exists() or _kernel_says_synchronised():
        return good(AREA, "time server", "the system says that it follows one")
    return notice(AREA, "time server", "the system does not say that it follows one", _NTP)


def _kernel_says_synchronised() -> bool:
    """What adjtimex(2) tells anybody; False too where it is not allowed."""
    if sys.platform != "linux":
        return False
    room = ctypes.create_string_buffer(512)  # struct timex, all zero: a question that changes nothing
    state = ctypes.CDLL(None, use_errno=True).adjtimex(room)
    status = int.from_bytes(room.raw[40:44], sys.byteorder)  # after modes, offset, freq, maxerror and esterror
    return 0 <= state < _TIME_ERROR and not status & _STA_UNSYNC


def _agrees(connection: Connection) -> Finding:
    before = clock.now()
    theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    after = clock.now()
    apart_s = (theirs - before - (after - before) / 2).total_seconds()
    why = f"the database server's is {abs(apart_s):.3f} s {'ahead' if apart_s > 0 else 'behind'}"
    if abs(apart_s) > _MOST_APART_S:
        return fault(AREA, "agreement", why, f"on both machines, {_NTP}")
    return good(AREA, "agreement", why)


def _after_what_was_seen(newest: datetime | None, now: datetime) -> Finding:
    if newest is not None and (newest - now).total_seconds() > _MOST_APART_S:
        return fault(
            AREA, "direction", f"a mock interview has seen {newest:%Y-%m-%d %H:%M:%S} UTC already", f"set it; {_NTP}"
        )
    return good(AREA, "direction", "nothing under way has seen a later time")
