"""`whetstone bank status|pull|push`: the folder and the database brought together by hand, or in CI."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from app import clock
from app.authoring.conflicts import CONFLICTS, UnsoundText, clash, take_ours, take_theirs
from app.authoring.copies import Sight, standings_of_copy
from app.authoring.folder import Folder, Look
from app.authoring.sync import Standing, Step, standings
from app.authoring.sync_steps import pull as take_over
from app.authoring.sync_steps import push as write_out
from app.commands import BROKEN, FAILED, OK
from app.db import Database
from app.settings import SettingsError, from_env
from app.turns import Kind, turn


@dataclass
class _Both:
    """The two sides. `chosen` are the questions that were named, none for all."""

    db: Database
    folder: Folder
    look: Look
    chosen: frozenset[str]

    def differing(self) -> list[Standing]:
        with self.db.read() as connection:
            found = [it for it in self.all(connection) if it.step is not Step.in_sync]
        return [it for it in found if not self.chosen or it.question_id in self.chosen]

    def all(self, connection: Connection) -> list[Standing]:
        """Where there are several folders, this one may be an older copy, and is not meant to undo what others did.

        Unless a question is named: then this folder's text is what is wanted.
        """
        if self.db.is_postgresql and not self.chosen:
            return standings_of_copy(connection, self.look, Sight())
        return standings(connection, self.look)


def status(options: argparse.Namespace) -> int:
    """What differs, a line a question."""
    with _both(options) as both:
        return _report(both, both.differing(), [], options)


def pull(options: argparse.Namespace) -> int:
    """Take over what the folder has changed."""
    with _both(options) as both:
        _resolve(both, options)
        pulled = take_over(both.db, both.folder, both.look, both.differing(), clock.now())
        left = [it for it in both.differing() if it.step not in (Step.push, Step.behind)]
        return _report(both, left, [("pulled", it) for it in pulled.taken + pulled.retired], options)


def push(options: argparse.Namespace) -> int:
    """Write to the folder what the database has changed."""
    with _both(options) as both:
        _resolve(both, options)
        pushed = write_out(both.db, both.folder, both.look, both.differing(), clock.now())
        both.look = both.folder.look()
        left = [it for it in both.differing() if it.step in (Step.push, Step.behind, *CONFLICTS)]
        done = [("pushed", it) for it in pushed.written]
        refused = [(f"not written: {why}", it) for it, why in pushed.refused]
        return max(_report(both, left, [*done, *refused], options), BROKEN if refused else OK)


@contextmanager
def _both(options: argparse.Namespace) -> Iterator[_Both]:
    settings = from_env()
    db = Database(settings.database_url)
    db.migrate()
    folder = Folder(settings.questions_dir, settings.data_dir / "cache")
    try:
        with turn(db, Kind.folder, 0):  # no server that runs reads or writes it meanwhile
            yield _known(_Both(db, folder, folder.look(), frozenset(options.questions)))
    finally:
        db.close()


def _known(both: _Both) -> _Both:
    """The same. Raises SettingsError for a question that neither side knows."""
    known = set(both.look.texts) | set(both.look.bank.questions)
    with both.db.read() as connection:
        known |= {it.question_id for it in both.all(connection)}
    if unknown := sorted(both.chosen - known):
        raise SettingsError(f"there is no question named {unknown[0]}; whetstone questions lists them")
    return both


def _resolve(both: _Both, options: argparse.Namespace) -> None:
    """Decide the conflicts that were named, or all, for one side."""
    if not options.resolve:
        return
    for it in both.differing():
        if it.step not in CONFLICTS:
            continue
        try:
            with both.db.write() as connection:
                found = clash(connection, both.folder, both.all(connection), it.question_id)
                if options.resolve == "folder":
                    take_theirs(connection, both.look.bank, found, None, clock.now())
                else:
                    take_ours(connection, found, None, clock.now())
        except UnsoundText as error:
            faults = "; ".join(finding.message for finding in error.findings)
            raise SettingsError(f"{it.question_id}: the folder's text has faults: {faults}") from None


def _report(both: _Both, left: Sequence[Standing], done: Sequence[tuple[str, str]], options: argparse.Namespace) -> int:
    rows = [{"question": name, "state": what, "place": ""} for what, name in done]
    rows += [{"question": it.question_id, "state": it.step.value, "place": _place(both, it)} for it in left]
    if options.json:
        faults = [str(finding) for finding in both.look.findings]
        print(json.dumps({"questions": rows, "findings": faults}, ensure_ascii=False, indent=1))
    else:
        for row in rows:
            print("\t".join(row.values()).rstrip())
        for finding in both.look.findings:
            print(finding)
        if not left:
            print("The folder and the database agree." if not both.chosen else "They agree on these questions.")
    return FAILED if left else OK


def _place(both: _Both, it: Standing) -> str:
    return f"{it.folder.path.relative_to(both.folder.root)}:{it.folder.start + 1}" if it.folder else ""
