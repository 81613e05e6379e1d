"""PostgreSQL with two web processes and one, two, three workers, each on a machine of its own (a network namespace).

Answers per second over one web process and over two; what a save in a mock interview costs; verdicts per second as
workers are added; a thousand open sessions; what each row takes on the disk. As ratios to an endpoint of the same
framework that does nothing, in turns with it. Usage: python -m benchmarks.load_cluster [--save]
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from benchmarks import crowd, learners, measured, postgres, proc
from benchmarks.crowd import Connection, Learner, Pool, Stretch, percentile
from benchmarks.grading_load import (
    AT_ONCE,
    MIX,
    PLACES,
    WAIT_S,
    Graded,
    Spent,
    Watch,
    codes_of,
    grade,
    write_bank,
)
from benchmarks.machines import Machine, Network, network
from benchmarks.open_sessions import Held, hold
from benchmarks.postgres import Postgres
from benchmarks.server import SERVE, Server, peer, program, running

ROUNDS = 3
USERS = 16
LEAD_S, SECONDS = 0.7, 3.0
VERDICT_S = 5.0
WORKERS = (1, 2, 3)
SAVERS = 16
WORKER = [sys.executable, "-c", "from app.cli import main; main()", "worker"]
TABLES = ("card", "review", "practice_session", "practice_item", "submission", "interview", "interview_slot", "account")


@dataclass
class Cost:
    """Of one thing that learners do: how often a second, and what it takes."""

    stretches: list[Stretch] = field(default_factory=list)
    web_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)
    wal_bytes: list[float] = field(default_factory=list)

    @property
    def per_s(self) -> float:
        return statistics.median(it.per_s for it in self.stretches)

    @property
    def p99_ms(self) -> float:
        return 1000 * percentile([s for it in self.stretches for s in it.answer_s], 0.99)

    def as_json(self) -> dict[str, float]:
        middle = {name: statistics.median(getattr(self, name)) for name in ("web_ms", "database_ms", "wal_bytes")}
        return middle | {"per_s": self.per_s, "p99_ms": self.p99_ms}


@dataclass
class Found:
    """All that a run measures."""

    one_web: Cost = field(default_factory=Cost)
    two_webs: Cost = field(default_factory=Cost)
    saves: Cost = field(default_factory=Cost)
    noops: list[Stretch] = field(default_factory=list)
    mix: dict[int, Graded] = field(default_factory=lambda: {number: Graded() for number in WORKERS})
    waiting: dict[int, Graded] = field(default_factory=lambda: {number: Graded() for number in WORKERS})
    row_bytes: dict[str, float] = field(default_factory=dict)
    lock_share: float = 0.0
    client_share: float = 0.0

    @property
    def noop_per_s(self) -> float:
        return statistics.median(it.per_s for it in self.noops)


@dataclass(frozen=True)
class Cluster:
    """The parts that run all the time."""

    postgres: Postgres
    webs: list[Server]
    idle: Server
    people: list[Learner]

    @property
    def urls(self) -> list[str]:
        return [web.url for web in self.webs]

    def web_cpu_s(self) -> float:
        return sum(proc.cpu_s(web.pid) for web in self.webs)


def main() -> int:
    """Print the tables; exit 1 if a request failed."""
    signal.signal(signal.SIGTERM, _stop)
    with tempfile.TemporaryDirectory() as made, ExitStack() as stack:
        folder = Path(made)
        net = stack.enter_context(network(["web1", "web2", *(f"worker{number}" for number in WORKERS)]))
        cluster = start(stack, net, folder)
        found = Found()
        watch = Watch(cluster.postgres)
        stack.callback(watch.close)
        pool = Pool(cluster.people)
        measure_answers(cluster, pool, found)
        measure_saves(cluster, found)
        measure_verdicts(cluster, net, found, watch)
        found.row_bytes = row_bytes(cluster.postgres)
        found.lock_share = watch.held_share
        held = hold(cluster.postgres.url, folder / "web1", cluster.webs, cluster.idle)
        tell(cluster, net, found)
        held.tell("PostgreSQL, two web processes together")
        measured.put("cluster", as_json(cluster, net, found, held), save="--save" in sys.argv)
    failed = failures(found) + held.failed
    print(f"failed requests {len(failed)}", *failed[:3])
    return int(bool(failed))


def _stop(_number: int, _frame: object) -> NoReturn:
    raise SystemExit(1)  # so that everything is cleared away


def start(stack: ExitStack, net: Network, folder: Path) -> Cluster:
    """The database on this machine, the two web processes on theirs, the peer here."""
    database = stack.enter_context(postgres.serving(folder / "postgres", net.here))
    bank_dir = write_bank(folder / "questions", learners.bank())
    data_dirs = [folder / "web1", folder / "web2"]
    people = learners.make(database.url, data_dirs[0], 400)
    data_dirs[1].mkdir()
    shutil.copy(data_dirs[0] / "secret.key", data_dirs[1])
    webs = []
    for data_dir in data_dirs:
        machine = net.machines[data_dir.name]
        own_bank = Path(shutil.copytree(bank_dir, folder / f"questions-{data_dir.name}"))
        env = environment(database) | {
            "WHETSTONE_DATA_DIR": str(data_dir),
            "WHETSTONE_QUESTIONS_DIR": str(own_bank),
            "WHETSTONE_HOST": machine.address,
            "PORT": str(machine.port),
        }
        webs.append(stack.enter_context(running([*machine.enter, *SERVE], env, machine.url, "/healthz")))
    return Cluster(database, webs, stack.enter_context(peer()), people)


def environment(database: Postgres) -> dict[str, str]:
    return dict(os.environ) | {"WHETSTONE_DATABASE_URL": database.url, "PYTHONPATH": str(Path.cwd())}


def measure_answers(cluster: Cluster, pool: Pool, found: Found) -> None:
    crowd.answers(cluster.urls, pool, USERS, 0.5, 1.0)  # warm-up
    for _ in range(ROUNDS):
        found.noops.append(crowd.noops(cluster.idle.url, USERS, 0.2, 0.8))
        for cost, urls in ((found.one_web, cluster.urls[:1]), (found.two_webs, cluster.urls)):
            stretch = spending(cluster, cost, lambda urls=urls: crowd.answers(urls, pool, USERS, LEAD_S, SECONDS))  # type: ignore[misc]
            found.client_share = max(found.client_share, stretch.client_share)


def spending(cluster: Cluster, cost: Cost, work: Callable[[], Stretch]) -> Stretch:
    """Do it, and note what it took; shares of the lead before are put by the same measure, time."""
    before = cluster.web_cpu_s(), cluster.postgres.cpu_s(), cluster.postgres.wal_bytes(), time.perf_counter()
    stretch = work()
    wall_s = time.perf_counter() - before[3]
    done = max(stretch.per_s * wall_s, 1.0)
    cost.stretches.append(stretch)
    cost.web_ms.append(1000 * (cluster.web_cpu_s() - before[0]) / done)
    cost.database_ms.append(1000 * (cluster.postgres.cpu_s() - before[1]) / done)
    cost.wal_bytes.append((cluster.postgres.wal_bytes() - before[2]) / done)
    return stretch


def measure_saves(cluster: Cluster, found: Found) -> None:
    """Answers of a mock interview, saved as fast as they are taken."""
    savers = cluster.people[-SAVERS:]

    async def begin() -> list[tuple[int, int]]:
        begun = []
        for who in savers:
            connection = Connection(cluster.urls[0])
            made = await connection.ask("POST", "/api/interviews", b'{"blueprint": "load"}', who.cookie)
            sitting = json.loads(made)
            numeric = sitting["sections"][0]["questions"][0]["question"]["kind"] == "numeric"
            begun.append((sitting["id"], int(numeric)))
            await connection.close()
        return begun

    begun = crowd.run_loop(begin())

    async def use(place: int, is_over: Callable[[], bool], note: Callable[[float], None]) -> None:
        connection = Connection(cluster.urls[place % 2])
        sitting, numeric = begun[place]
        turn = 0
        while not is_over():
            turn += 1
            answer: dict[str, Any] = {"value": str(turn)} if numeric else {"choice": "AB"[turn % 2]}
            sent = time.perf_counter()
            path = f"/api/interviews/{sitting}/answers/1"
            await connection.ask("PUT", path, json.dumps({"answer": answer}).encode(), savers[place].cookie)
            note(time.perf_counter() - sent)
        await connection.close()

    for _ in range(2):
        spending(cluster, found.saves, lambda: crowd.together(use, SAVERS, 0.3, 2.0))


def measure_verdicts(cluster: Cluster, net: Network, found: Found, watch: Watch) -> None:
    """One worker more, and one more; then one less, and one less: what changes with time falls on all alike."""
    mix, waiting = codes_of(learners.bank())
    with ExitStack() as working:
        workers: list[tuple[int, ExitStack]] = []
        spent = Spent(
            workers=lambda: sum(proc.tree_cpu_s(pid) for pid, _ in workers),
            webs=cluster.web_cpu_s,
            database=cluster.postgres.cpu_s,
            wal=cluster.postgres.wal_bytes,
            news=lambda: watch.news,
        )
        for number in (*WORKERS, *reversed(WORKERS)):
            while len(workers) < number:
                workers.append(start_worker(cluster, net.machines[f"worker{len(workers) + 1}"], working))
            while len(workers) > number:
                workers.pop()[1].close()
            until_known(cluster, number)
            noop = crowd.noops(cluster.idle.url, USERS, 0.2, 0.8).per_s
            for into, codes in ((found.mix[number], mix), (found.waiting[number], waiting)):
                into.noop_per_s.append(noop)
                grade(into, cluster.urls, cluster.people, codes, spent, VERDICT_S)


def start_worker(cluster: Cluster, machine: Machine, working: ExitStack) -> tuple[int, ExitStack]:
    own = working.enter_context(ExitStack())
    said = own.enter_context(tempfile.TemporaryFile())
    command = [*machine.enter, *WORKER, "--name", machine.name, "--libs", "numpy", "--concurrency", str(PLACES)]
    return own.enter_context(program(command, environment(cluster.postgres), said)).pid, own


def until_known(cluster: Cluster, number: int) -> None:
    """Until so many workers have signed on and the web processes have looked."""
    until = time.monotonic() + 60
    while cluster.postgres.ask("SELECT count(*) FROM grading_worker") != number:
        if time.monotonic() > until:
            raise RuntimeError(f"{number} workers were to be there within a minute")
        time.sleep(0.1)
    time.sleep(2.5)


def row_bytes(database: Postgres) -> dict[str, float]:
    """With indexes, and with what updates have left behind."""
    return {
        table: float(database.ask(f"SELECT pg_total_relation_size('{table}') / greatest(count(*), 1) FROM {table}"))
        for table in TABLES
    }


def tell(cluster: Cluster, net: Network, found: Found) -> None:
    print(f"{measured.conditions()}, {cluster.postgres.version}")
    apart = "each on a machine of its own (network namespace)" if net.why_none is None else "NOT apart"
    print(f"two web processes, up to {len(WORKERS)} workers: {apart}{f': {net.why_none}' if net.why_none else ''}\n")
    noop = found.noop_per_s
    print(f"{USERS} learners at once           per s  to no-op   p99 ms   web ms  database ms  WAL bytes (each)")
    print(f"  no-op                {noop:12.0f} {1.0:9.3f}")
    for name, cost in (
        ("answers, one web", found.one_web),
        ("answers, two webs", found.two_webs),
        ("saves in a mock", found.saves),
    ):
        it = cost.as_json()
        print(
            f"  {name:20s} {it['per_s']:12.1f} {it['per_s'] / noop:9.3f} {it['p99_ms']:8.1f} {it['web_ms']:8.2f}"
            f" {it['database_ms']:12.2f} {it['wal_bytes']:10.0f}"
        )
    print(
        f"  two webs over one {found.two_webs.per_s / found.one_web.per_s:.2f}; client at most {found.client_share:.2f} processors"
    )
    for name, graded in (
        (f"verdicts on {', '.join(MIX)}", found.mix),
        (f"verdicts that wait {WAIT_S} s", found.waiting),
    ):
        print(f"\n{name}; {AT_ONCE} senders, {PLACES} at a time a worker")
        print("  workers   per s  to one  to no-op   worker ms  web ms  database ms  per CPU s  WAL bytes  news (each)")
        for number, it in graded.items():
            worker, web, base = (statistics.median(ms) for ms in (it.worker_ms, it.web_ms, it.database_ms))
            print(
                f"  {number:7d} {it.per_s:7.1f} {it.per_s / graded[1].per_s:7.2f} {it.per_s / statistics.median(it.noop_per_s):9.4f}"
                f" {worker:11.1f} {web:7.1f} {base:12.1f} {1000 / (worker + web + base):10.1f}"
                f" {statistics.median(it.wal_bytes):10.0f} {statistics.median(it.news):6.1f}"
            )
    print(f"\nthe whole instance's lock was held for {found.lock_share:.1%} of the looks")
    print("bytes a row, with indexes:", ", ".join(f"{table} {size:.0f}" for table, size in found.row_bytes.items()))


def as_json(cluster: Cluster, net: Network, found: Found, held: Held) -> dict[str, Any]:
    def graded(it: Graded) -> dict[str, float]:
        names = ("noop_per_s", "worker_ms", "web_ms", "database_ms", "wal_bytes", "news")
        return {"per_s": it.per_s} | {name: statistics.median(getattr(it, name)) for name in names}

    return {
        "conditions": f"{measured.conditions()}, {cluster.postgres.version}",
        "apart": net.why_none is None,
        "noop_per_s": found.noop_per_s,
        "one_web": found.one_web.as_json(),
        "two_webs": found.two_webs.as_json(),
        "saves": found.saves.as_json(),
        "verdicts": {str(number): graded(it) for number, it in found.mix.items()},
        "waiting": {str(number): graded(it) for number, it in found.waiting.items()},
        "wait_s": WAIT_S,
        "places": PLACES,
        "lock_share": found.lock_share,
        "row_bytes": found.row_bytes,
        "open_sessions": held.as_json(),
    }


def failures(found: Found) -> list[str]:
    stretches = [*found.noops, *(it for cost in (found.one_web, found.two_webs, found.saves) for it in cost.stretches)]
    stretches += [it for graded in (*found.mix.values(), *found.waiting.values()) for it in graded.verdicts]
    return [why for it in stretches for why in it.failed]


if __name__ == "__main__":
    sys.exit(main())
