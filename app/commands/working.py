"""`whetstone worker`."""

from __future__ import annotations

import argparse
import os
from typing import get_args

from app import clock
from app.bank.schema import Lib
from app.commands import OK
from app.db import Database
from app.sandbox import Sandbox
from app.settings import SettingsError, shared_database
from app.worker import LIBS, SPARES, CannotGradeError, Skills, Worker, proven


def worker(options: argparse.Namespace) -> int:
    """Grade until stopped. Refuses to begin where the sandbox does not run what is asked for."""
    url = shared_database()
    places = options.concurrency or os.cpu_count() or 1
    if places < 1:
        raise SettingsError(f"--concurrency {places}: it takes a number from 1")
    asked = None if options.libs is None else _libs(options.libs)
    db = Database(url)
    try:
        db.migrate()
        with Sandbox(libs=asked or LIBS, spares=SPARES, workers=places) as sandbox:
            try:
                libs = proven(sandbox, asked)
            except CannotGradeError as error:
                raise SettingsError(str(error)) from None
            print(
                f"Whetstone worker {options.name}: {', '.join(libs)}, {places} at a time (Ctrl+C stops it)", flush=True
            )
            Worker(db, url, sandbox, Skills(options.name, libs, places), clock.now).run()
    finally:
        db.close()
    return OK


def _libs(text: str) -> tuple[Lib, ...]:
    named = tuple(dict.fromkeys(text.split(",")))
    if not set(named) <= set(get_args(Lib)):
        raise SettingsError(f"--libs {text}: it takes {' and '.join(get_args(Lib))}, with a comma between them")
    return tuple(lib for lib in LIBS if lib in named)
