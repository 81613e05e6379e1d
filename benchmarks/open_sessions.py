"""A thousand learners who are there at once: a connection each, mostly thinking, some of them waiting for results.

Part of `load_sqlite` and `load_cluster`. Told are memory and descriptors by session, and how long answers take. Those
who wait for results have an event stream open on a submission that nobody grades.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, select

from app import clock
from app.accounts.service import accounts
from app.db import Database
from app.grading.models import Submission
from app.practice import coding
from app.practice.frozen import freeze
from benchmarks import crowd, learners, proc
from benchmarks.crowd import Connection, HttpError, Learner, percentile
from benchmarks.server import Server

PEOPLE = 1000
WAITING = 300  # of them, for results
THINK_S = 20.0  # from one answer to the next, on the average
SECONDS = 40.0
QUESTION = "iou"


@dataclass
class Held:
    """What a thousand open sessions cost. By session: of all servers together."""

    people: int
    streams: int
    kib_a_session: float
    kib_a_stream: float
    descriptors_a_session: float
    answers_per_s: float
    p50_ms: float
    p99_ms: float
    noop_p50_ms: float
    noop_p99_ms: float
    servers_share: float  # of one processor, answers and streams together
    thinking_share: float  # of one processor, while nobody answers: the streams alone
    client_share: float
    failed: list[str]

    def tell(self, where: str) -> None:
        print(f"\n{self.people} open sessions ({where}), {self.streams} with a stream, an answer every {THINK_S:g} s")
        print(f"  memory {self.kib_a_session:.1f} KiB a connection, {self.kib_a_stream:.1f} KiB more with a stream")
        print(f"  descriptors {self.descriptors_a_session:.2f} a session")
        print(f"  answers/s {self.answers_per_s:.1f}, p50 {self.p50_ms:.1f} ms, p99 {self.p99_ms:.1f} ms")
        ratios = f"{self.p50_ms / self.noop_p50_ms:.1f} and {self.p99_ms / self.noop_p99_ms:.1f} times the no-op's"
        print(f"  no-op p50 {self.noop_p50_ms:.1f} ms, p99 {self.noop_p99_ms:.1f} ms: answers are {ratios}")
        print(
            f"  processors: servers {self.servers_share:.2f}, of it for streams at rest {self.thinking_share:.2f}; "
            f"client {self.client_share:.2f}"
        )

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if name != "failed"}


@dataclass
class _Crowd:
    answer_s: list[float]
    noop_s: list[float]
    failed: list[str]


def hold(url: str, data_dir: Path, servers: Sequence[Server], idle: Server) -> Held:
    """Let a thousand in, and see."""
    people = learners.make(url, data_dir, PEOPLE, cards=8, prefix="guest")
    waiting = submissions(url, WAITING)
    held: Held = crowd.run_loop(_hold(servers, idle, people, waiting))
    return held


async def _hold(servers: Sequence[Server], idle: Server, people: list[Learner], waiting: list[str]) -> Held:
    seen = _Crowd([], [], [])
    before_mib, before_fds = _memory(servers), _descriptors(servers)
    lines = [Connection(servers[place % len(servers)].url) for place in range(len(people))]
    for line, who in zip(lines, people, strict=True):  # each has asked once
        await line.ask("GET", f"/api/practice/sessions/{who.session_id}/next", b"", who.cookie)
    await asyncio.sleep(1.0)
    open_mib, fds = _memory(servers), _descriptors(servers)
    streams = [Connection(servers[place % len(servers)].url) for place in range(len(waiting))]
    following = [
        asyncio.create_task(_follow(stream, submission, who.cookie, seen))
        for stream, submission, who in zip(streams, waiting, people, strict=False)
    ]
    await asyncio.sleep(3.0)
    stream_mib = _memory(servers)
    cpu, began = _cpu_s(servers), time.perf_counter()
    await asyncio.sleep(5.0)
    thinking_share = (_cpu_s(servers) - cpu) / (time.perf_counter() - began)
    over = time.perf_counter() + SECONDS
    cpu, client, began = _cpu_s(servers), time.process_time(), time.perf_counter()
    rng = random.Random(2)
    practising = [
        _practise(line, who, random.Random(rng.random()), over, seen) for line, who in zip(lines, people, strict=True)
    ]
    await asyncio.gather(_beat(idle, over, seen), *practising)
    wall_s = time.perf_counter() - began
    client_share, share = (time.process_time() - client) / wall_s, (_cpu_s(servers) - cpu) / wall_s
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    for connection in (*lines, *streams):
        await connection.close()
    return Held(
        people=len(people),
        streams=len(waiting),
        kib_a_session=1024 * (open_mib - before_mib) / len(people),
        kib_a_stream=1024 * (stream_mib - open_mib) / len(waiting),
        descriptors_a_session=(fds - before_fds) / len(people),
        answers_per_s=len(seen.answer_s) / wall_s,
        p50_ms=1000 * percentile(seen.answer_s, 0.5),
        p99_ms=1000 * percentile(seen.answer_s, 0.99),
        noop_p50_ms=1000 * percentile(seen.noop_s, 0.5),
        noop_p99_ms=1000 * percentile(seen.noop_s, 0.99),
        servers_share=share,
        thinking_share=thinking_share,
        client_share=client_share,
        failed=seen.failed,
    )


async def _practise(line: Connection, who: Learner, rng: random.Random, over: float, seen: _Crowd) -> None:
    pause_s = rng.uniform(0, THINK_S)  # in the middle of a thought when it begins
    while time.perf_counter() + pause_s < over:
        await asyncio.sleep(pause_s)
        try:
            took_s = await crowd.answer_one(line, who)
        except (HttpError, OSError, EOFError, TimeoutError) as error:
            seen.failed.append(f"{type(error).__name__}: {error}")
            return
        if took_s is None:
            return
        seen.answer_s.append(took_s)
        pause_s = crowd.think_s(rng, THINK_S)


async def _beat(idle: Server, over: float, seen: _Crowd) -> None:
    """The peer under the same load, a request at a time."""
    connection = Connection(idle.url)
    while time.perf_counter() < over:
        began = time.perf_counter()
        await connection.ask("POST", "/noop", crowd.NOOP)
        seen.noop_s.append(time.perf_counter() - began)
        await asyncio.sleep(0.03)
    await connection.close()


async def _follow(stream: Connection, submission: str, cookie: str, seen: _Crowd) -> None:
    with suppress(asyncio.CancelledError):
        try:
            await stream.follow(f"/api/submissions/{submission}/events", cookie)
            seen.failed.append(f"the stream of {submission} ended")
        except (HttpError, OSError, EOFError) as error:
            seen.failed.append(f"{type(error).__name__}: {error}")


def submissions(url: str, number: int) -> list[str]:
    """One for each of the first guests, stored as waiting and handed to nobody."""
    db = Database(url)
    entry = learners.bank().questions[QUESTION]
    ids = [str(uuid4()) for _ in range(number)]
    with db.write() as connection:
        freeze(connection, [entry])
        guests = select(accounts.c.id).where(accounts.c.name.like("guest-0%")).order_by(accounts.c.id).limit(number)
        rows = [
            Submission(
                id=submission_id,
                account_id=account_id,
                question_id=QUESTION,
                question_hash=entry.hash,
                code="def iou(a, b): ...\n",
                mode="submit",
                seed=1,
                created_at=clock.now(),
            ).model_dump()
            for submission_id, account_id in zip(ids, connection.execute(guests).scalars().all(), strict=True)
        ]
        connection.execute(insert(coding.submissions), rows)
    db.close()
    return ids


def _memory(servers: Sequence[Server]) -> float:
    return sum(proc.rss_mib(server.pid) for server in servers)


def _descriptors(servers: Sequence[Server]) -> int:
    return sum(proc.descriptors(server.pid) for server in servers)


def _cpu_s(servers: Sequence[Server]) -> float:
    return sum(proc.cpu_s(server.pid) for server in servers)
