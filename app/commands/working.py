"""`whetstone worker`."""

from __future__ import annotations

import argparse
import os
from typing import get_args

from prometheus_client import start_http_server

from app import clock, logs
from app.bank.schema import Lib
from app.commands import OK
from app.db import Database
from app.grading.gauges import SandboxGauges
from app.meters import Meters
from app.sandbox import Sandbox
from app.settings import SettingsError, for_worker, parse_port
from app.worker import LIBS, SPARES, CannotGradeError, Skills, Worker, proven


def worker(options: argparse.Namespace) -> int:
    """Grade until stopped. Refuses to begin where the sandbox does not run what is asked for."""
    settings = for_worker()
    logs.configure(settings.log)
    places = options.concurrency or os.cpu_count() or 1
    if places < 1:
        raise SettingsError(f"--concurrency {places}: it takes a number from 1")
    asked = None if options.libs is None else _libs(options.libs)
    metrics = None if options.metrics is None else _address(options.metrics)
    db = Database(settings.database_url)
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
            meters.registry.register(SandboxGauges(sandbox))
            if metrics is not None:
                _show(meters, *metrics)
            Worker(db, settings.database_url, sandbox, Skills(options.name, libs, places), clock.now, meters).run()
    finally:
        db.close()
    return OK


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host or "127.0.0.1", parse_port(port)


def _show(meters: Meters, host: str, port: int) -> None:
    """Let Prometheus ask, at any path. Nothing in it is of a person."""
    try:
        start_http_server(port, host, meters.registry)
    except OSError as error:
        raise SettingsError(f"--metrics {host}:{port}: cannot listen there ({error.strerror or error})") from None


def _libs(text: str) -> tuple[Lib, ...]:
    named = tuple(dict.fromkeys(text.split(",")))
    if not set(named) <= set(get_args(Lib)):
        raise SettingsError(f"--libs {text}: it takes {' and '.join(get_args(Lib))}, with a comma between them")
    return tuple(lib for lib in LIBS if lib in named)
