"""Workers as real processes on one PostgreSQL: each submission is graded once, whichever of them dies or stops."""

from __future__ import annotations

import os
import signal
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from whetstone_server import free_port
from workers_yard import NOW, RIGHT, Yard, eventually, on_postgresql_only, yard_in

from app.grading import jobs
from app.grading.models import Submission
from app.practice.coding import submissions

pytestmark = on_postgresql_only
HELD = "# hold go\n" + RIGHT


@pytest.fixture
def yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yard]:
    monkeypatch.setattr(jobs, "DEAD_AFTER_S", 2.0)  # as the workers here have it
    with yard_in(tmp_path) as made:
        yield made


def test_two_workers_grade_each_submission_once(yard: Yard) -> None:
    for number in range(20):
        yard.send(number, person=f"person-{number % 3}")
    yard.hire("one", "--concurrency", "2")
    yard.hire("two", "--concurrency", "2")
    for number in range(20, 60):
        yard.send(number, person=f"person-{number % 3}")
    yard.wait_for(dict.fromkeys(range(60), "accepted"))
    assert sorted(number for _, number in yard.begun()) == list(range(60))
    eventually(lambda: yard.line() == [], yard.describe)


def test_submission_of_a_killed_worker_is_graded_by_another_once(yard: Yard) -> None:
    yard.hire("one", "--concurrency", "1")
    yard.send(1, HELD)
    yard.wait_until_begun(1)
    yard.hire("two", "--concurrency", "1")
    yard.kill("one")
    yard.open("go")
    yard.wait_for({1: "accepted"})
    assert yard.begun() == [("one", 1), ("two", 1)]
    eventually(lambda: yard.line() == [], yard.describe)


def test_report_of_a_worker_that_was_taken_for_dead_is_not_counted_twice(yard: Yard) -> None:
    yard.hire("one", "--concurrency", "1")
    yard.send(1, HELD)
    yard.wait_until_begun(1)
    stopped = yard.processes["one"]
    stopped.send_signal(signal.SIGSTOP)
    yard.hire("two", "--concurrency", "1")
    yard.wait_until_begun(1, times=2)
    yard.open("go")
    yard.wait_for({1: "accepted"})
    stopped.send_signal(signal.SIGCONT)
    eventually(lambda: "one" in yard.at_work(), yard.describe)
    yard.send(2)
    yard.send(3)
    yard.wait_for({2: "accepted", 3: "accepted"})
    yard.stop("two")
    yard.send(4)  # the one that was stopped works on
    yard.wait_for({4: "accepted"})
    assert yard.begun()[-1] == ("one", 4)


def test_submission_that_kills_its_workers_ends_as_our_fault(yard: Yard) -> None:
    yard.send(1, "# die\n" + RIGHT)
    for attempt in range(1, 4):
        yard.start(f"victim-{attempt}", "--concurrency", "1")
        assert yard.processes.pop(f"victim-{attempt}").wait(60) == -signal.SIGKILL
        assert len(yard.begun()) == attempt
    yard.hire("heir", "--concurrency", "1")
    yard.wait_for({1: "internal_error"})
    assert len(yard.begun()) == 3
    assert yard.line() == []
    yard.send(2)
    yard.wait_for({2: "accepted"})
    with yard.db.read() as connection:
        report = connection.execute(select(submissions.c.report).where(submissions.c.seed == 1)).scalar_one()
    assert report["verdict"] == "internal_error"


def test_any_process_ends_what_kills_its_workers(yard: Yard) -> None:
    yard.send(1, "# die\n" + RIGHT)
    for attempt in range(3):
        yard.start(f"victim-{attempt}", "--concurrency", "1")
        assert yard.processes.pop(f"victim-{attempt}").wait(60) == -signal.SIGKILL

    def ended() -> bool:
        yard.tend()
        return yard.ends() == {1: "internal_error"}

    eventually(ended, yard.describe)
    assert yard.line() == []


def test_grading_that_breaks_ends_as_our_fault_and_the_worker_lives(yard: Yard) -> None:
    yard.hire("one", "--concurrency", "1")
    yard.send(1, "# refuse\n" + RIGHT)
    yard.send(2)
    yard.wait_for({1: "internal_error", 2: "accepted"})


def test_worker_that_is_stopped_lets_what_runs_finish(yard: Yard) -> None:
    yard.hire("one", "--concurrency", "1")
    yard.send(1, HELD)
    yard.wait_until_begun(1)
    yard.send(2)
    yard.processes["one"].send_signal(signal.SIGTERM)
    eventually(lambda: "worker stops" in yard.said("one"))
    yard.open("go")
    assert yard.processes.pop("one").wait(60) == 0
    assert yard.ends() == {1: "accepted", 2: "queued"}
    assert yard.begun() == [("one", 1)]
    assert yard.at_work() == set()
    yard.hire("two", "--concurrency", "1")
    yard.wait_for({2: "accepted"})


def test_worker_that_is_stopped_gives_back_what_does_not_finish(yard: Yard) -> None:
    for name in ("one", "two", "three", "four"):  # more often than a submission may kill its worker
        yard.hire(name, "--concurrency", "1", DRAIN_S="0.1")
        if name == "one":
            yard.send(1, HELD)
        yard.wait_until_begun(1, times=len(yard.begun()) or 1)
        eventually(lambda name=name: yard.begun()[-1][0] == name, yard.describe)
        assert yard.stop(name) == 0
        assert yard.ends() == {1: "queued"}
        assert yard.line() == ["1"]
    yard.hire("five", "--concurrency", "1")
    yard.open("go")
    yard.wait_for({1: "accepted"})


def test_cancelled_submission_stops_on_its_worker(yard: Yard) -> None:
    yard.hire("one", "--concurrency", "1")
    yard.send(1, HELD)
    yard.wait_until_begun(1)
    yard.cancel(1)
    yard.send(2)
    yard.wait_for({1: "cancelled", 2: "accepted"})
    eventually(lambda: yard.line() == [], yard.describe)


def test_torch_waits_for_the_worker_that_declares_it(yard: Yard) -> None:
    yard.send(1, lib="torch")
    yard.hire("plain", "--libs", "numpy", "--concurrency", "1")
    yard.send(2)
    yard.wait_for({1: "queued", 2: "accepted"})
    yard.hire("heavy", "--libs", "torch", "--concurrency", "1")
    yard.send(3)
    yard.wait_for({1: "accepted", 3: "accepted"})
    assert sorted(yard.begun()) == [("heavy", 1), ("plain", 2), ("plain", 3)]


def test_worker_declares_what_is_installed_and_refuses_to_declare_more(yard: Yard) -> None:
    yard.hire("modest", "--concurrency", "1", INSTALLED="numpy")
    with yard.db.read() as connection:
        assert not jobs.crew(connection).runs("torch")
        assert jobs.crew(connection).runs("numpy")
    yard.start("boaster", "--libs", "numpy,torch", INSTALLED="numpy")
    assert yard.processes.pop("boaster").wait(60) == 2
    assert yard.said("boaster").startswith("whetstone: torch is not installed here")


@pytest.mark.parametrize(
    ("options", "env", "says"),
    [
        (("--libs", "scipy"), {}, "whetstone: --libs scipy: it takes numpy and torch"),
        (("--concurrency", "-1"), {}, "whetstone: --concurrency -1: it takes a number from 1"),
        (
            (),
            {"WHETSTONE_DATABASE_URL": ""},
            "whetstone: WHETSTONE_DATABASE_URL: a worker needs its servers' PostgreSQL",
        ),
        ((), {"WHETSTONE_DATABASE_URL": "sqlite:///here.sqlite3"}, "whetstone: WHETSTONE_DATABASE_URL: a worker needs"),
        ((), {"WHETSTONE_DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "whetstone: The database does not answer"),
    ],
)
def test_worker_that_cannot_work_says_so_in_a_line(
    yard: Yard, options: tuple[str, ...], env: dict[str, str], says: str
) -> None:
    yard.start("one", *options, **env)
    assert yard.processes.pop("one").wait(60) == 2
    said = yard.said("one").splitlines()
    assert said[-1].startswith(says)
    assert not any("Traceback" in line for line in said)


def test_prometheus_may_ask_a_worker(yard: Yard) -> None:
    port = free_port()
    yard.hire("one", "--concurrency", "1", "--metrics", str(port))
    yard.send(1)
    yard.wait_for({1: "accepted"})

    def told() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
            return str(answer.read().decode())

    eventually(lambda: 'whetstone_verdicts_total{mode="submit",verdict="accepted"} 1.0' in told(), told)


def test_workers_go_on_after_the_server_has_ended_every_connection(yard: Yard) -> None:
    yard.hire("one", "--concurrency", "1")
    yard.send(1, HELD)
    yard.wait_until_begun(1)
    with yard.db.engine.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid()"
        )
    yard.open("go")
    yard.wait_for({1: "accepted"})
    yard.send(2)
    yard.wait_for({2: "accepted"})


def test_job_that_had_no_room_to_be_begun_nor_to_be_given_back_is_graded_once_there_is_room(yard: Yard) -> None:
    yard.hire("one", "--concurrency", "1")
    with yard.without_room(grading_job="UPDATE", procrastinate_jobs="UPDATE OF scheduled_at"):
        yard.send(1)
        eventually(lambda: "the end of a job cannot be written" in yard.said("one"), yard.describe)
    yard.send(2)
    yard.wait_for({1: "accepted", 2: "accepted"})
    assert sorted(yard.begun()) == [("one", 1), ("one", 2)]
    eventually(lambda: yard.line() == [], yard.describe)


def test_job_whose_end_had_no_room_is_over_once_there_is_room(yard: Yard) -> None:
    yard.hire("one", "--concurrency", "1")
    with yard.without_room(procrastinate_jobs="DELETE"):
        yard.send(1)
        yard.wait_for({1: "accepted"})
        eventually(lambda: "the end of a job cannot be written" in yard.said("one"), yard.describe)
        assert yard.line() == ["1"]
    eventually(lambda: yard.line() == [], yard.describe)
    yard.send(2)
    yard.wait_for({2: "accepted"})


def test_worker_that_is_stopped_while_there_is_no_room_leaves_its_job_to_others(yard: Yard) -> None:
    yard.hire("one", "--concurrency", "1")
    with yard.without_room(grading_job="UPDATE", procrastinate_jobs="UPDATE OF scheduled_at"):
        yard.send(1)
        eventually(lambda: "the end of a job cannot be written" in yard.said("one"), yard.describe)
        assert yard.stop("one") == 0
    yard.hire("two", "--concurrency", "1")
    yard.wait_for({1: "accepted"})
    assert yard.begun() == [("two", 1)]


def test_interview_and_first_gradings_come_before_code_that_is_graded_again(yard: Yard) -> None:
    account_id = yard.person("ada")
    yard.hire("one", "--concurrency", "1")
    yard.send(1, HELD)
    yard.wait_until_begun(1)
    again = Submission(
        id="2", account_id=account_id, question_id="made", question_hash="n" * 64, code=RIGHT, mode="submit",
        seed=2, created_at=NOW, status="regrade",
    ).model_dump()  # fmt: skip
    with yard.db.write() as connection:
        connection.execute(insert(submissions).values(again))
        jobs.enqueue(connection, "2", jobs.REGRADES, account_id, "numpy")
    for number in (3, 4):
        yard.send(number)
    yard.open("go")
    yard.wait_for({1: "accepted", 2: "accepted", 3: "accepted", 4: "accepted"})
    assert [number for _, number in yard.begun()] == [1, 3, 4, 2]


def test_worker_with_nothing_but_the_database_grades_in_its_sandbox(yard: Yard) -> None:
    yard.hire("real", "--libs", "numpy", "--concurrency", "2", SANDBOX="yes", WHETSTONE_DATA_DIR="/nowhere")
    yard.send(1)
    yard.send(2, "double = abs")
    yard.wait_for({1: "accepted", 2: "wrong_answer"})
    assert yard.stop("real") == 0
    assert not [name for name in os.listdir(yard.folder) if name not in ("begun", "real.log")]  # noqa: PTH208
