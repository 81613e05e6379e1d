"""Server-sent events of submissions: word of each change, to those who may see it, until the submission has ended.

Each look is a visit of its own, so whoever is logged out meanwhile hears no more. Pages and programs that cannot use a
stream, or whose proxy holds it back, ask for the submission instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from app.errors import N_, Problem, TooManyRequests
from app.web.services import Visit

EVENTS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}}}
STILL_S = 10.0  # of silence, after which the stream shows that it lives, and who it is for is looked at again
LOOK_S = 1.0  # how often it is looked whether the server is to stop
LONGEST_S = 600.0  # then whoever listens still has to come back
MOST_OF_ONE = 12  # open streams of one person in this process; a browser opens six
_LINE_END = re.compile(r"\r\n|\n|\r")  # and no others: JSON may have U+2028 as it is
_open: Counter[int] = Counter()  # by account; touched by the event loop alone


@dataclass(frozen=True)
class Seen:
    """What there is to say, and whether there will be no more."""

    data: str
    is_last: bool


Look = Callable[[Visit], Seen]


async def follow(visit: Visit, submission_id: str, look: Look) -> Response:
    """A stream of what `look` sees, each time that it sees something else. Raises what the first look raises."""
    await run_in_threadpool(look, visit)
    if _open[visit.me.id] >= MOST_OF_ONE:
        raise TooManyRequests(N_("Too many pages of yours wait for results at once."))
    headers = {"x-accel-buffering": "no"}  # a proxy is not to keep it until it is whole
    return StreamingResponse(_events(visit, submission_id, look), media_type="text/event-stream", headers=headers)


async def _events(visit: Visit, submission_id: str, look: Look) -> AsyncIterator[str]:
    account_id, until, said = visit.me.id, time.monotonic() + LONGEST_S, ""
    _open[account_id] += 1
    try:
        with visit.services.grading.listening(submission_id) as news:
            while time.monotonic() < until and not visit.services.stopping.is_set():  # or it would hold up the stop
                news.clear()
                try:
                    seen = await run_in_threadpool(look, Visit(visit.request))
                except Problem:  # logged out, or it was deleted
                    return
                if seen.is_last:
                    yield _event("end", seen.data)
                    return
                yield _event("progress", seen.data) if seen.data != said else _event("still", "")
                said = seen.data
                if not await _news_or_silence(visit, news):
                    return
    finally:
        _open[account_id] -= 1
        if not _open[account_id]:
            del _open[account_id]


async def _news_or_silence(visit: Visit, news: asyncio.Event) -> bool:
    """Wait for news, or until it was silent for long; False when the server is to stop."""
    silent_until = time.monotonic() + STILL_S
    while not news.is_set() and time.monotonic() < silent_until:
        if visit.services.stopping.is_set():
            return False
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(news.wait(), min(LOOK_S, STILL_S))
    return not visit.services.stopping.is_set()


def _event(name: str, data: str) -> str:
    lines = "".join(f"data: {line}\n" for line in _LINE_END.split(data))
    return f"event: {name}\n{lines}\n"
