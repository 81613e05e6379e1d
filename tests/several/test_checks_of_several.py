"""The publish gate where several processes have a desk: a run is at one of them, seen by all, and never left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import new_database
from sqlalchemy import text
from sync_stage import NOW, Stage, made

from app.accounts import service
from app.accounts.models import Role
from app.authoring import gate_runs
from app.authoring.gate import Asked, Progress
from app.authoring.gate_runs import Run
from app.bank.shelf import Shelf
from app.db import Database
from app.web import gate_desk
from app.web.gate_desk import GateDesk

WITHIN_S = 30.0


class Held:
    """Stands in for the gate: each run waits for `go_on` and tells how far it is whenever it is asked to."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.changed = threading.Condition()
        self.step = threading.Semaphore(0)

    def run(self, asked: Asked, _ground: object, _sandbox: object, on_progress: Any, *_: object) -> list[Any]:
        with self.changed:
            self.begun.append(threading.get_ident())
            self.changed.notify_all()
        for done in range(1, 4):
            assert self.step.acquire(timeout=WITHIN_S)
            on_progress(Progress("cases", done, 3))
        return []

    def wait_begun(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.begun) >= count, WITHIN_S)


@pytest.fixture
def stage(postgresql: None, tmp_path: Path) -> Iterator[Stage]:
    it = made(tmp_path)
    it.pull()
    with it.db.write() as connection:
        for name in ("eve", "ernie"):
            service.add(connection, name, "correct horse battery", Role.editor, NOW)
    yield it
    it.db.close()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Held:
    it = Held()
    monkeypatch.setattr(gate_desk.gate, "run", it.run)
    monkeypatch.setattr(gate_desk, "NOTE_S", 0.0)
    monkeypatch.setattr(gate_desk, "LOOK_AGAIN_S", 0.05)
    return it


@pytest.fixture
def desks(stage: Stage, held: Held, tmp_path: Path) -> Iterator[list[GateDesk]]:
    """Of two processes; they are not started."""
    shelf = Shelf(stage.folder.look().bank)
    dbs = [Database(new_database(tmp_path)) for _ in range(2)]
    desks = [GateDesk(db, shelf, stage.root, lambda: NOW, lambda: False) for db in dbs]
    yield desks
    for _ in range(20):
        held.step.release()
    for desk, db in zip(desks, dbs, strict=True):
        desk.close()
        db.close()


def ask(stage: Stage, who: str = "eve", more: str = "") -> Run:
    with stage.db.write() as connection:
        number = service.id_of(connection, who)
        assert number is not None
        by = service.learner(connection, number)
        topic = stage.folder.look().bank.topics["pooling"]
        return gate_runs.ask(connection, Asked("pool-kind", topic, stage_text(stage) + more), by, NOW)


def stage_text(stage: Stage) -> str:
    with stage.db.read() as connection:
        return connection.execute(text("SELECT yaml FROM revision WHERE question_id = 'pool-kind'")).scalar_one()


def state(desk: GateDesk, run: Run) -> tuple[str, int]:
    now = desk.state(run.id)
    return now.state, now.done


def wait_for(desk: GateDesk, run: Run, wanted: tuple[str, int]) -> None:
    """Nothing tells another process how far a run is but the database."""
    pause = threading.Event()
    for _ in range(int(WITHIN_S / 0.02)):
        if state(desk, run) == wanted:
            return
        pause.wait(0.02)
    raise AssertionError(state(desk, run))


def test_a_run_is_at_one_desk_and_all_see_how_far_it_is(stage: Stage, held: Held, desks: list[GateDesk]) -> None:
    run = ask(stage)
    for desk in desks:
        desk.start()
    held.wait_begun(1)
    held.step.release()
    for desk in desks:
        wait_for(desk, run, ("running", 1))
    assert len(held.begun) == 1
    held.step.release()
    held.step.release()
    for desk in desks:
        wait_for(desk, run, ("done", 3))
    assert len(held.begun) == 1


def test_two_runs_are_at_two_desks(stage: Stage, held: Held, desks: list[GateDesk]) -> None:
    ask(stage)
    ask(stage, "ernie", "# another text\n")
    for desk in desks:
        desk.start()
    held.wait_begun(2)
    assert len(set(held.begun)) == 2


def test_what_a_process_that_died_was_at_is_taken_up_by_another(
    stage: Stage, held: Held, desks: list[GateDesk]
) -> None:
    run = ask(stage)
    dying, other = desks
    with dying._taken() as taken:  # as a process that dies while it is at it
        assert taken is not None
        assert taken.id == run.id
        other.start()
        assert not held.begun
        with stage.db.beside() as connection:
            mine = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = :kind AND objid = :run"
            pid = connection.execute(text(mine), {"kind": 0x57485, "run": run.id}).scalar_one()
        with other._db.outside() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        held.wait_begun(1)
    for _ in range(3):
        held.step.release()
    wait_for(desks[0], run, ("done", 3))


def test_a_run_that_is_cancelled_in_another_process_stops(stage: Stage, held: Held, desks: list[GateDesk]) -> None:
    run = ask(stage)
    desks[0].start()
    held.wait_begun(1)
    held.step.release()
    wait_for(desks[1], run, ("running", 1))
    newer = ask(stage, more="# a newer text\n")  # which takes the place of the first
    held.step.release()
    held.wait_begun(2)
    assert desks[1].state(run.id).state == "cancelled"
    for _ in range(3):
        held.step.release()
    wait_for(desks[1], newer, ("done", 3))
