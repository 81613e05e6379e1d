"""`whetstone doctor`: what the instance stands on, how it is, and what to do about what is not well."""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Callable, Iterator

from sqlalchemy.exc import SQLAlchemyError

from app import clock
from app.checkup import clock as clock_checks
from app.checkup import database as database_checks
from app.checkup import disk as disk_checks
from app.checkup import queue as queue_checks
from app.checkup.finding import Finding, fault
from app.commands import FAILED, OK
from app.db import Database
from app.errors import Problem
from app.sandbox import examine as examine_walls
from app.settings import RestoreUnderWayError, Settings, SettingsError, from_env

_SANDBOX = "sandbox"


def doctor(options: argparse.Namespace) -> int:
    """Every finding; 1 where something that is required is not well."""
    findings = [*_machine(), *_walls()]
    if options.json:
        print(json.dumps([finding.__dict__ for finding in findings], indent=1))
    else:
        for area, found in itertools.groupby(findings, key=lambda finding: finding.area):
            print(area.capitalize())
            for finding in found:
                print(f"  {finding.name}: {_state(finding)} - {finding.why}")
                if finding.mend:
                    print(f"      {finding.mend}")
    return OK if all(finding.standing for finding in findings if finding.required) else FAILED


def _machine() -> Iterator[Finding]:
    """Everything but the sandbox."""
    try:
        settings = from_env(makes_folder=False)
    except RestoreUnderWayError as error:  # the database is not opened: SQLite would make an empty one
        yield fault(disk_checks.AREA, "restore", error.why, error.mend)
        return
    except SettingsError as error:
        yield fault("settings", "environment", str(error), "correct the variable, or leave it out")
        return
    db = Database(settings.database_url, patience_s=3)
    try:
        yield from _of(settings, db)
    finally:
        db.close()


def _of(settings: Settings, db: Database) -> Iterator[Finding]:
    yield from database_checks.examine(db)
    usable = db if database_checks.is_usable(db) else None
    if usable is not None:
        yield from _looked("queue", lambda: queue_checks.examine(usable, settings.graders, clock.now()))
    yield from disk_checks.examine(settings.data_dir, settings.questions_dir)
    yield from _looked("clock", lambda: clock_checks.examine(usable))


def _looked(area: str, look: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return look()
    except (Problem, SQLAlchemyError) as error:  # it answered a moment ago
        return [fault(area, "look", f"the database went away: {error}", "see to the database, then look again")]


def _walls() -> list[Finding]:
    return [Finding(_SANDBOX, it.name, it.standing, it.required, it.why, it.mend) for it in examine_walls()]


def _state(finding: Finding) -> str:
    if finding.area == _SANDBOX:  # walls stand
        return "standing" if finding.standing else "MISSING" if finding.required else "missing, not required"
    return "good" if finding.standing else "FAULT" if finding.required else "notice"
