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
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from benchmarks import crowd, learners, measured, postgres, proc
from benchmarks.cluster_report import USERS, WORKERS, Cost, Found, as_json, failures, tell
from benchmarks.crowd import Connection, Learner, Pool, Stretch
from benchmarks.database_costs import commits, connections, row_bytes
from benchmarks.grading_load import PLACES, Spent, Watch, codes_of, grade, write_bank
from benchmarks.machines import Machine, Network, network
from benchmarks.open_sessions import hold
from benchmarks.postgres import Postgres
from benchmarks.server import SERVE, Server, peer, program, running

ROUNDS = 3
LEAD_S, SECONDS = 0.7, 3.0
VERDICT_S = 5.0
REST_S = 2.5  # also, so that the web processes have looked who works
SAVERS = 16
WORKER = [sys.executable, "-c", "from app.cli import main; main()", "worker"]


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
        found.connections["web"] = (connections(cluster.postgres) - 1) / len(cluster.webs)
        found.commits_per_s = commits(cluster.postgres)
        measure_verdicts(cluster, net, found, watch)
        found.row_bytes = row_bytes(cluster.postgres)
        found.lock_share = watch.held_share
        held = hold(cluster.postgres.url, folder / "web1", cluster.webs, cluster.idle)
        tell(cluster.postgres.version, net, found)
        held.tell("PostgreSQL, two web processes together")
        measured.put("cluster", as_json(cluster.postgres.version, net, found, held), save="--save" in sys.argv)
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
    before = cluster.web_cpu_s(), cluster.postgres.cpu_s(), cluster.postgres.wal_bytes()
    busy, began = proc.busy_s(), time.perf_counter()
    stretch = work()
    wall_s = time.perf_counter() - began
    own_s = cluster.web_cpu_s() + cluster.postgres.cpu_s() - before[0] - before[1]
    cost.others.append((proc.busy_s() - busy - own_s) / wall_s)
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
            rest = spent.at_rest(REST_S)
            found.rest.setdefault(number, []).append(rest)
            noop = crowd.noops(cluster.idle.url, USERS, 0.2, 0.8).per_s
            for into, codes in ((found.mix[number], mix), (found.waiting[number], waiting)):
                into.noop_per_s.append(noop)
                grade(into, cluster.urls, cluster.people, codes, spent, rest, VERDICT_S)
            if number == max(WORKERS):
                webs = 1 + len(cluster.webs) * found.connections["web"]
                found.connections["worker"] = (connections(cluster.postgres) - webs) / number


def start_worker(cluster: Cluster, machine: Machine, working: ExitStack) -> tuple[int, ExitStack]:
    own = working.enter_context(ExitStack())
    said = own.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (the stack is its context)
    command = [*machine.enter, *WORKER, "--name", machine.name, "--libs", "numpy", "--concurrency", str(PLACES)]
    return own.enter_context(program(command, environment(cluster.postgres), said)).pid, own


def until_known(cluster: Cluster, number: int) -> None:
    """Until so many workers have signed on."""
    until = time.monotonic() + 60
    while cluster.postgres.ask("SELECT count(*) FROM grading_worker") != number:
        if time.monotonic() > until:
            raise RuntimeError(f"{number} workers were to be there within a minute")
        time.sleep(0.1)
    time.sleep(0.5)


if __name__ == "__main__":
    sys.exit(main())
