"""A worker cut off from the database in the middle of a job: another grades it, once; its late report is nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import workers_yard
from cluster import WITHIN_S
from postgres_server import PostgresServer
from sqlalchemy import select
from sqlalchemy.engine import make_url
from wires import Wire, namespace_wire, proxy_wire
from workers_yard import RIGHT, Yard, eventually, yard_in

from app.db import Database
from app.grading import jobs
from app.practice.coding import submissions

HELD = "# hold go\n" + RIGHT


@pytest.fixture(params=["namespace", "proxy"])
def wire(request: pytest.FixtureRequest) -> Iterator[Wire]:
    with ExitStack() as stack:
        made = stack.enter_context(namespace_wire() if request.param == "namespace" else proxy_wire())
        if made is None:
            pytest.skip("no network namespaces here; a proxy cuts it off instead")
        yield made


@pytest.fixture
def postgres(wire: Wire) -> Iterator[str]:
    """The address of a database of this test's own, which listens at the wire as well."""
    server = PostgresServer(beside=wire.here)
    url = server.start()
    db = Database(url)
    db.migrate()
    db.close()
    yield url
    server.end()


@pytest.fixture
def yard(tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yard]:
    monkeypatch.setattr(jobs, "DEAD_AFTER_S", 2.0)  # as the workers here have it
    monkeypatch.setattr(workers_yard, "WITHIN_S", WITHIN_S)  # TCP itself takes a while to notice
    with yard_in(tmp_path, postgres) as made:
        yield made


def kept(yard: Yard, number: int) -> dict[str, object]:
    with yard.db.read() as connection:
        return {**connection.execute(select(submissions).where(submissions.c.seed == number)).mappings().one()}


def test_its_job_is_graded_by_another_once_and_its_late_report_changes_nothing(yard: Yard, wire: Wire) -> None:
    url = make_url(yard.url)
    assert url.port is not None
    host, port = wire.connect(url.port)
    far = url.set(host=host, port=port).render_as_string(hide_password=False)
    yard.hire("far", "--concurrency", "1", through=wire.through, WHETSTONE_DATABASE_URL=far)
    yard.send(1, HELD)
    yard.wait_until_begun(1)
    wire.cut()
    eventually(lambda: "far" not in yard.at_work(), yard.describe)
    yard.hire("near", "--concurrency", "1")
    yard.wait_until_begun(1, times=2)
    yard.open("go")  # now both of them have a verdict
    yard.wait_for({1: "accepted"})
    assert yard.begun() == [("far", 1), ("near", 1)]
    graded = kept(yard, 1)
    wire.mend()
    eventually(lambda: "far" in yard.at_work(), yard.describe)
    yard.stop("near")
    yard.send(2)
    yard.wait_for({2: "accepted"})
    assert yard.begun() == [("far", 1), ("near", 1), ("far", 2)]
    assert kept(yard, 1) == graded
    eventually(lambda: yard.line() == [], yard.describe)
    assert yard.stop("far") == 0
