"""Many learners at once, from one event loop: keep-alive connections, an answer after the other, each timed.

It speaks as much HTTP as the servers under test do, and no more, so that the client costs less than what it measures.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import uvloop

KINDS = ("single-choice", "numeric")
NOOP = json.dumps({"card_id": 1, "seed": 1, "answer": {"choice": "A"}, "seconds": 3}).encode()
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Learner:
    """Somebody who is logged in and has a practice session under way."""

    cookie: str
    session_id: int


@dataclass
class Stretch:
    """What was done in a while. `answer_s` times the answers' own requests; a cycle is: next card, answer, rating."""

    wall_s: float = 0.0
    done: int = 0
    answer_s: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    client_cpu_s: float = 0.0

    @property
    def per_s(self) -> float:
        return self.done / self.wall_s

    @property
    def client_share(self) -> float:
        """Of one processor."""
        return self.client_cpu_s / self.wall_s


class HttpError(Exception):
    """A request that was refused."""


class Connection:
    """One keep-alive connection."""

    def __init__(self, url: str) -> None:
        split = urlsplit(url)
        self._host, self._port = split.hostname or "", split.port or 80
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def open(self) -> None:
        self._streams = await asyncio.open_connection(self._host, self._port)

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def ask(self, method: str, path: str, body: bytes = b"", cookie: str = "") -> bytes:
        """The response's content. HttpError if it is refused, OSError or EOFError if the connection breaks."""
        reader = await self._send(method, path, body, cookie)
        async with asyncio.timeout(PATIENCE_S):
            status, head = await _head(reader)
            content = await reader.readexactly(_length(head))
        if status >= 400:
            raise HttpError(f"{method} {path}: {status} {content[:200]!r}")
        return content

    async def follow(self, path: str, cookie: str) -> None:
        """Read server-sent events until the last."""
        reader = await self._send("GET", path, b"", cookie)
        status, head = await _head(reader)
        if status >= 400:
            raise HttpError(f"GET {path}: {status} {await reader.readexactly(_length(head))!r}")
        while (line := await reader.readuntil(b"\n")) != b"0\r\n":
            if line == b"":
                raise EOFError(path)
        await reader.readexactly(2)

    async def _send(self, method: str, path: str, body: bytes, cookie: str) -> asyncio.StreamReader:
        if self._streams is None:
            await self.open()
        assert self._streams is not None
        reader, writer = self._streams
        head = f"{method} {path} HTTP/1.1\r\nhost: {self._host}:{self._port}\r\n"
        if cookie:
            head += f"cookie: whetstone_login={cookie}\r\n"
        if body:
            head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        writer.write(head.encode() + b"\r\n" + body)
        return reader


async def _head(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    return int(head[9:12]), head


def _length(head: bytes) -> int:
    _, found, rest = head.partition(b"content-length:")
    return int(rest[: rest.index(b"\r")]) if found else 0


class Pool:
    """Learners who wait for their turn to practise; one who is through with a session begins another."""

    def __init__(self, learners: Sequence[Learner]) -> None:
        self._waiting = deque(learners)

    def take(self) -> Learner:
        return self._waiting.popleft()

    def give_back(self, learner: Learner) -> None:
        """At the front: a session is finished before the next is begun."""
        self._waiting.appendleft(learner)

    def retire(self, learner: Learner) -> None:
        self._waiting.append(learner)


async def answer_one(connection: Connection, learner: Learner) -> float | None:
    """Fetch the next card, answer it, rate it; the seconds that the answer took, None when the session is over."""
    card = json.loads(
        await connection.ask("GET", f"/api/practice/sessions/{learner.session_id}/next", b"", learner.cookie)
    )
    if card["card_id"] is None:
        return None
    kind = card["question"]["kind"]
    given: dict[str, Any] = {"value": "1"} if kind == "numeric" else {"choice": "A"}
    body = {"card_id": card["card_id"], "seed": card["seed"], "answer": given, "seconds": 3}
    began = time.perf_counter()
    await connection.ask("POST", "/api/practice/answers", json.dumps(body).encode(), learner.cookie)
    took_s = time.perf_counter() - began
    rating = json.dumps({"card_id": card["card_id"], "rating": 3}).encode()
    await connection.ask("POST", "/api/practice/reviews", rating, learner.cookie)
    return took_s


async def begin_again(connection: Connection, learner: Learner) -> Learner:
    """A new session for somebody whose last one is over."""
    body = json.dumps({"mode": "more", "kinds": list(KINDS), "limit": 60}).encode()
    made = json.loads(await connection.ask("POST", "/api/practice/sessions", body, learner.cookie))
    return Learner(learner.cookie, made["id"])


def answers(urls: Sequence[str], pool: Pool, users: int, lead_s: float, seconds: float) -> Stretch:
    """`users` answer as fast as they are answered, spread over `urls`. What the first `lead_s` bring does not count."""

    async def use(place: int, is_over: Callable[[], bool], note: Callable[[float], None]) -> None:
        connection = Connection(urls[place % len(urls)])
        learner = pool.take()
        try:
            while not is_over():
                took_s = await answer_one(connection, learner)
                if took_s is not None:
                    note(took_s)
                    continue
                pool.retire(learner)
                learner = pool.take()
                card = await connection.ask(
                    "GET", f"/api/practice/sessions/{learner.session_id}/next", b"", learner.cookie
                )
                if json.loads(card)["card_id"] is None:
                    learner = await begin_again(connection, learner)
        finally:
            pool.give_back(learner)
            await connection.close()

    return together(use, users, lead_s, seconds)


def noops(url: str, users: int, lead_s: float, seconds: float) -> Stretch:
    """As `answers`, of single requests that do nothing."""

    async def use(place: int, is_over: Callable[[], bool], note: Callable[[float], None]) -> None:  # noqa: ARG001
        connection = Connection(url)
        try:
            while not is_over():
                began = time.perf_counter()
                await connection.ask("POST", "/noop", NOOP)
                note(time.perf_counter() - began)
        finally:
            await connection.close()

    return together(use, users, lead_s, seconds)


Use = Callable[[int, Callable[[], bool], Callable[[float], None]], Awaitable[None]]


def together(use: Use, users: int, lead_s: float, seconds: float) -> Stretch:
    """Run `use` for every place until the time is over, and note what was done in it."""
    stretch = Stretch(wall_s=seconds)

    async def run() -> None:
        start = time.perf_counter() + lead_s
        end = start + seconds

        def note(took_s: float) -> None:
            if start <= time.perf_counter() < end:
                stretch.done += 1
                stretch.answer_s.append(took_s)

        async def one(place: int) -> None:
            try:
                await use(place, lambda: time.perf_counter() >= end, note)
            except (HttpError, OSError, EOFError, TimeoutError) as error:
                stretch.failed.append(f"{type(error).__name__}: {error}")

        async def watch() -> None:
            await asyncio.sleep(lead_s)
            before = time.process_time()
            await asyncio.sleep(seconds)
            stretch.client_cpu_s = time.process_time() - before

        await asyncio.gather(watch(), *(one(place) for place in range(users)))

    run_loop(run())
    return stretch


def run_loop(work: Any) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


def think_s(rng: random.Random, mean_s: float) -> float:
    """Between two answers: from half the mean to one and a half times."""
    return rng.uniform(0.5 * mean_s, 1.5 * mean_s)
