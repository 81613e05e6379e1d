"""Workers as processes over a database of the test's own, submissions for them, and what became of these."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from databases import new_database, on_postgresql
from made_questions import code_question
from sqlalchemy import insert, select

from app.accounts.models import Account
from app.accounts.service import accounts
from app.authoring import graded
from app.bank.schema import Lib
from app.db import Database
from app.grading import jobs
from app.grading.models import Submission
from app.meters import Meters
from app.practice import frozen
from app.practice.coding import keep_report, submissions
from app.settings import ROOT

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WITHIN_S = 30.0
RIGHT = "def double(x):\n    return x + x\n"
HASHES: dict[Lib, str] = {"numpy": "n" * 64, "torch": "t" * 64}
on_postgresql_only = pytest.mark.postgresql


def eventually(condition: Callable[[], object], what: Callable[[], object] = lambda: None) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.01)


class Yard:
    """Submissions are named by numbers, which are their seeds too: the workers write down what they begin."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        assert url or on_postgresql()
        self.folder = folder
        self.url = url or new_database(folder)
        self.db = Database(self.url)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._people: dict[str, int] = {}
        bodies = {HASHES[lib]: code_question(lib=lib).model_dump(mode="json", exclude_defaults=True) for lib in HASHES}
        with self.db.write() as connection:
            frozen.keep(connection, bodies)

    def person(self, name: str) -> int:
        if name not in self._people:
            row = Account(name=name, created_at=NOW).model_dump(exclude={"id"})
            with self.db.write() as connection:
                made = connection.execute(insert(accounts).values(row).returning(accounts.c.id))
                self._people[name] = made.scalar_one()
        return self._people[name]

    def send(
        self,
        number: int,
        code: str = RIGHT,
        *,
        person: str = "ada",
        lib: Lib = "numpy",
        and_then: Callable[[], object] = int,
    ) -> None:
        """Store it and give it to the workers; `and_then` happens before that is committed."""
        account_id = self.person(person)
        row = Submission(
            id=str(number), account_id=account_id, question_id="made", question_hash=HASHES[lib], code=code,
            mode="submit", seed=number, created_at=NOW,
        ).model_dump()  # fmt: skip
        with self.db.write(account_id) as connection:
            connection.execute(insert(submissions).values(row))
            jobs.enqueue(connection, str(number), str(account_id), account_id, lib)
            and_then()

    def cancel(self, number: int) -> None:
        with self.db.write() as connection:
            keep_report(connection, str(number), None, NOW)
            jobs.drop(connection, str(number))

    def hire(self, name: str, *options: str, through: Sequence[str] = (), **env: str) -> None:
        """Start a worker and see it at work."""
        self.start(name, *options, through=through, **env)
        eventually(lambda: name in self.at_work(), lambda: self.said(name))

    def start(self, name: str, *options: str, through: Sequence[str] = (), **env: str) -> None:
        """`through` is a command that arranges something and then becomes the worker."""
        variables = {key: value for key, value in os.environ.items() if not key.startswith("WHETSTONE_")}
        variables |= {
            "WHETSTONE_DATABASE_URL": self.url,
            "YARD": str(self.folder),
            "NAME": name,
            "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}",
            **env,
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*through, sys.executable, "-m", "eager_worker", *options],
                cwd=self.folder,  # nothing of the bank is there
                env=variables,
                stdout=log,
                stderr=log,
            )

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def kill(self, name: str) -> None:
        """As a power cut would."""
        self.processes[name].send_signal(signal.SIGKILL)
        self.processes.pop(name).wait(WITHIN_S)

    def stop(self, name: str) -> int:
        """Ask it to stop; its exit code."""
        self.processes[name].send_signal(signal.SIGTERM)
        return self.processes.pop(name).wait(WITHIN_S)

    def open(self, name: str) -> None:
        """Let go on what is held by that name."""
        (self.folder / name).touch()

    def at_work(self) -> set[str]:
        with self.db.read() as connection:
            rows = connection.exec_driver_sql(
                "SELECT name FROM grading_worker WHERE seen_at > now() - interval '2 seconds'"
            )
            return set(rows.scalars())

    def begun(self) -> list[tuple[str, int]]:
        """Who began which, in order."""
        file = self.folder / "begun"
        lines = file.read_text().splitlines() if file.exists() else []
        return [(line.split()[0], int(line.split()[1])) for line in lines]

    def wait_until_begun(self, number: int, times: int = 1) -> None:
        eventually(lambda: [it for _, it in self.begun()].count(number) >= times, self.describe)

    def ends(self) -> dict[int, str]:
        """What became of each: its verdict, or its status while it has none."""
        with self.db.read() as connection:
            query = select(submissions.c.seed, submissions.c.verdict, submissions.c.status)
            return {row.seed: row.verdict or row.status for row in connection.execute(query)}

    def wait_for(self, ends: dict[int, str]) -> None:
        eventually(lambda: {number: self.ends().get(number) for number in ends} == ends, self.describe)

    def line(self) -> list[str]:
        """The ids of submissions that are in the line, begun or not, as the jobs say."""
        with self.db.read() as connection:
            rows = connection.exec_driver_sql(
                "SELECT args->>'submission_id' FROM procrastinate_jobs ORDER BY priority DESC, id"
            )
            return list(rows.scalars())

    @contextmanager
    def without_room(self, **statements: str) -> Iterator[None]:
        """The server has no room for what these statements do to these tables, as on a full disk."""
        with self.db.engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE OR REPLACE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE 'no space left on device' USING ERRCODE = 'disk_full'; END $$"
            )
            for table, statement in statements.items():
                connection.exec_driver_sql(
                    f"CREATE TRIGGER no_room BEFORE {statement} ON {table} FOR EACH ROW EXECUTE FUNCTION no_room()"
                )
        yield
        with self.db.engine.begin() as connection:
            connection.exec_driver_sql("DROP FUNCTION no_room() CASCADE")

    def tend(self) -> None:
        graded.tend(self.db, lambda: NOW, Meters())

    def describe(self) -> object:
        return self.ends(), self.begun(), self.line(), {name: self.said(name) for name in self.processes}

    def close(self) -> None:
        for process in self.processes.values():
            process.kill()
            process.wait(WITHIN_S)
        self.db.close()


@contextmanager
def yard_in(folder: Path, url: str | None = None) -> Iterator[Yard]:
    made = Yard(folder, url)
    try:
        yield made
    finally:
        made.close()
