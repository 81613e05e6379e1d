"""Endurance: thousands of submissions in a row through a real server, and what they leave behind.

Memory, descriptors and processes are read when nothing goes on: after a warm-up, at every quarter, and at the end.
Exits 1 when the end is above the first quarter by more than the bounds. Usage: python -m benchmarks.endurance [COUNT]
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from app.bank.loader import load_bank
from app.bank.schema import Code
from benchmarks.server import Server, serving

COUNT = 5_000
WARM_UP = 200  # until every cache and every connection is there
QUIET_S = 0.3
# How far the end may be above the first quarter. The app's memory: what a heap of thousands of objects frays.
APP_MIB, PARENT_MIB, DESCRIPTORS, PROCESSES = 8.0, 1.0, 0, 0
BOUNDS = (APP_MIB, PARENT_MIB, DESCRIPTORS, PROCESSES)
QUESTION = "iou"


@dataclass(frozen=True)
class Reading:
    """`app_mib` and `parent_mib` resident; `descriptors` of the app; `processes` below it."""

    app_mib: float
    parent_mib: float
    descriptors: int
    processes: int


class Client:
    """One learner, who submits and waits for the verdict over one connection."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)

    def submit(self, code: str) -> str:
        """The verdict."""
        sent = json.loads(
            self._ask("POST", "/api/submissions", {"question_id": QUESTION, "code": code, "mode": "submit"})
        )
        while b'data-status="done"' not in self._ask("GET", f"/code/submissions/{sent['id']}?wait=1"):
            pass
        return str(json.loads(self._ask("GET", f"/api/submissions/{sent['id']}"))["verdict"])

    def _ask(self, method: str, path: str, body: object = None) -> bytes:
        headers = {"content-type": "application/json"} if body else {}
        self._connection.request(method, path, json.dumps(body) if body else None, headers)
        return self._connection.getresponse().read()


def below(pid: int) -> Iterator[int]:
    """The processes below `pid`, nearest first."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from below(child)


def resident_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def reading(server: Server) -> Reading:
    """Taken when nothing has come or gone for a while."""
    last: tuple[int, list[int]] | None = None
    since = time.monotonic()
    while time.monotonic() - since < QUIET_S:
        now = len(os.listdir(f"/proc/{server.pid}/fd")), list(below(server.pid))  # noqa: PTH208 (only counted)
        if now != last:
            last, since = now, time.monotonic()
        time.sleep(0.02)
    assert last is not None
    descriptors, processes = last
    parent = next(pid for pid in processes if "bwrap" not in Path(f"/proc/{pid}/comm").read_text())
    return Reading(resident_mib(server.pid), resident_mib(parent), descriptors, len(processes))


def endure(server: Server, count: int) -> dict[str, Reading]:
    """Submit `count` times and read five times."""
    question = load_bank(Path("questions"), None)[0].questions[QUESTION].question
    assert isinstance(question, Code)
    client = Client(server.url)

    def submit(first: int, last: int) -> None:
        for n in range(first, last):
            verdict = client.submit(f"{question.reference}# {n}\n")
            assert verdict == "accepted", verdict

    submit(-WARM_UP, 0)
    readings = {"start": reading(server)}
    for quarter, name in enumerate(("1/4", "1/2", "3/4", "end")):
        submit(count * quarter // 4, count * (quarter + 1) // 4)
        readings[name] = reading(server)
    return readings


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        began = time.monotonic()
        readings = endure(server, count)
        took_s = time.monotonic() - began
    names = [field.name for field in fields(Reading)]
    print(f"{count} submissions of {QUESTION} in a row, {1000 * took_s / (count + WARM_UP):.1f} ms each")
    print(f"  {'':6s}", *(f"{name:>12s}" for name in names))
    for name, read in readings.items():
        print(f"  {name:6s}", *(f"{value:12.1f}" for value in astuple(read)))
    growth = [end - before for end, before in zip(astuple(readings["end"]), astuple(readings["1/4"]), strict=True)]
    over = [name for name, more, bound in zip(names, growth, BOUNDS, strict=True) if more > bound]
    print(f"  end over 1/4, at most {BOUNDS}: {f'MISSED by {over}' if over else 'met'}")
    sys.exit(1 if over else 0)


if __name__ == "__main__":
    main()
