"""`whetstone worker`."""

from __future__ import annotations

import argparse
import os
from typing import get_args

from prometheus_client import start_http_server

from app import clock
from app.bank.schema import Lib
from app.commands import OK
from app.db import Database
from app.grading.gauges import SandboxGauges
from app.meters import Meters
from app.sandbox import Sandbox
from app.settings import SettingsError, parse_port, shared_database
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
            meters = Meters()
            if options.metrics is not None:
                _serve_metrics(options.metrics, meters, sandbox)
            Worker(db, url, sandbox, Skills(options.name, libs, places), clock.now, meters).run()
    finally:
        db.close()
    return OK


def _serve_metrics(where: str, meters: Meters, sandbox: Sandbox) -> None:
    host, _, port = where.rpartition(":")
    meters.registry.register(SandboxGauges(sandbox))
    try:
        start_http_server(parse_port(port), host or "127.0.0.1", meters.registry)
    except OSError as error:
        raise SettingsError(f"--metrics {where}: cannot listen there ({error.strerror})") from None


def _libs(text: str) -> tuple[Lib, ...]:
    named = tuple(dict.fromkeys(text.split(",")))
    if not set(named) <= set(get_args(Lib)):
        raise SettingsError(f"--libs {text}: it takes {' and '.join(get_args(Lib))}, with a comma between them")
    return tuple(lib for lib in LIBS if lib in named)
