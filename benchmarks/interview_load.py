"""Two hundred people sit a mock interview at once, save every five seconds, and are all done at the same moment.

Half of them hand in at the last second, the others let the time run out. Told are: the time of a save against a no-op
request of the same framework under the same load, what was lost (nothing may be), and how long the graders took.
The papers' questions are the bank's, cut to minutes that fit a benchmark.
"""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from itsdangerous import Signer
from sqlalchemy import insert

from app import clock
from app.accounts import logins
from app.accounts import service as accounts
from app.accounts.models import Account
from app.bank.catalog import Entry
from app.bank.loader import load_bank
from app.db import Database
from app.main import secret_key
from app.settings import ROOT
from benchmarks import server as servers
from benchmarks.server import Server, peer

PEOPLE = 200
EVERY_S = 5.0
SECTION_MINUTES = 0.6
MINUTES = 0.25  # of each question
CODE = ("iou", "nms", "soft-nms", "roc-auc", "gaussian-2d-kernel", "kmeans")
GRADED_WITHIN_S = 300.0
BLUEPRINT = f"""id: load
title: {{en: Load, zh: 负载}}
summary: {{en: Load., zh: 负载。}}
minutes: {2 * SECTION_MINUTES}
sections:
- {{title: {{en: Quick, zh: 快}}, minutes: {SECTION_MINUTES}, count: 3, kinds: [single-choice, numeric]}}
- {{title: {{en: Code, zh: 代码}}, minutes: {SECTION_MINUTES}, count: 1, kinds: [code]}}
"""


@dataclass
class Person:
    """One learner with their connection, what the server acknowledged last for each question, and how long it took."""

    cookie: str
    connection: http.client.HTTPConnection
    interview: int = 0
    acknowledged: dict[int, Any] = field(default_factory=dict)
    save_ms: list[float] = field(default_factory=list)
    refused: int = 0
    failed: int = 0

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        headers = {"cookie": f"whetstone_login={self.cookie}", "content-type": "application/json"}
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = self.connection.getresponse()
        except (ConnectionError, http.client.HTTPException):  # closed while idle: browsers ask again, too
            self.connection.close()
            self.connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = self.connection.getresponse()
        content = response.read()
        return response.status, json.loads(content) if content else None


def main() -> int:
    """Print the table; exit 1 if an acknowledged answer was lost or a paper was not graded."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        bank = write_bank(folder / "questions")
        cookies = people(folder / "data")
        with servers.serving(folder / "data", {"WHETSTONE_QUESTIONS_DIR": str(bank)}) as server, peer() as idle:
            return sit(server, idle, cookies)


def sit(server: Server, idle: Server, cookies: list[str]) -> int:
    """The whole interview, and what came of it."""
    crowd = [Person(cookie, http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=120)) for cookie in cookies]
    answers = dict(references())
    noop_ms: list[float] = []
    over = threading.Event()
    pulse = threading.Thread(target=beat, args=(idle, noop_ms, over))
    pulse.start()
    together(
        [lambda person=person, place=place: take_part(person, place, answers) for place, person in enumerate(crowd)]
    )
    over.set()
    pulse.join()
    ended = time.monotonic()
    reports = [graded(person, ended + GRADED_WITHIN_S) for person in crowd]
    took_s = time.monotonic() - ended
    lost = sum(lost_answers(person, report) for person, report in zip(crowd, reports, strict=True))
    final = sum(bool(report and report["final"]) for report in reports)
    right = sum(bool(report) and report["questions"][3]["state"] == "right" for report in reports)
    saves = sorted(ms for person in crowd for ms in person.save_ms)
    floor = statistics.median(noop_ms)
    print(f"people {PEOPLE}, saves acknowledged {len(saves)}, refused as late {sum(it.refused for it in crowd)}")
    print(f"no-op under the same load   median {floor:7.2f} ms    1.0 x")
    for name, share in (("median", 0.5), ("p95", 0.95), ("p99", 0.99)):
        ms = saves[int(share * (len(saves) - 1))]
        print(f"save {name:7}                      {ms:7.2f} ms {ms / floor:6.1f} x")
    print(f"failed requests {sum(it.failed for it in crowd)}, acknowledged answers lost {lost}")
    print(f"papers graded {final} of {PEOPLE} ({right} solutions accepted), all of them {took_s:.1f} s after the end")
    return int(lost > 0 or final < PEOPLE)


def take_part(person: Person, place: int, answers: dict[str, str]) -> None:
    """Start, save every five seconds until the time is over, and hand in or not."""
    time.sleep(place / PEOPLE)  # nobody clicks at the same microsecond
    status, sitting = person.ask("POST", "/api/interviews", {"blueprint": "load"})
    if status != 201:
        raise RuntimeError(f"{status}: {sitting}")
    person.interview = sitting["id"]
    began = time.monotonic()
    end = began + 2 * SECTION_MINUTES * 60
    turn = 0
    while (now := time.monotonic()) < end - 0.3:
        save(person, sitting, turn, in_code=now - began > SECTION_MINUTES * 60 + 0.5, answers=answers)
        turn += 1
        time.sleep(max(min(EVERY_S, end - 0.3 - time.monotonic()), 0.0))
    if place % 2:
        person.ask("POST", f"/api/interviews/{person.interview}/finish")
    time.sleep(max(end + 0.5 - time.monotonic(), 0.0))


def save(person: Person, sitting: dict[str, Any], turn: int, *, in_code: bool, answers: dict[str, str]) -> None:
    questions = [question for section in sitting["sections"] for question in section["questions"]]
    asked = questions[3] if in_code else questions[turn % 3]
    shown = asked["question"]
    if in_code:
        answer: dict[str, Any] = {"code": answers[shown["id"]] + f"\n# {turn}\n"}
    else:
        answer = {"value": str(turn)} if shown["kind"] == "numeric" else {"choice": "AB"[turn % 2]}
    began = time.perf_counter()
    try:
        status, _ = person.ask("PUT", f"/api/interviews/{person.interview}/answers/{asked['slot']}", {"answer": answer})
    except (OSError, http.client.HTTPException):
        person.failed += 1
        person.connection.close()
        return
    if status == 200:
        person.save_ms.append((time.perf_counter() - began) * 1000)
        person.acknowledged[asked["slot"]] = answer
    elif status == 409:
        person.refused += 1
    else:
        person.failed += 1


def beat(idle: Server, noop_ms: list[float], over: threading.Event) -> None:
    """A no-op request now and then, on the machine as loaded as it is."""
    connection = http.client.HTTPConnection(urlsplit(idle.url).netloc, timeout=60)
    body = json.dumps({"card_id": 1, "seed": 1, "answer": {"choice": "A"}})
    while not over.wait(0.1):
        began = time.perf_counter()
        connection.request("POST", "/noop", body, {"content-type": "application/json"})
        connection.getresponse().read()
        noop_ms.append((time.perf_counter() - began) * 1000)


def graded(person: Person, until: float) -> dict[str, Any] | None:
    """The report once it is final."""
    while time.monotonic() < until:
        status, report = person.ask("GET", f"/api/interviews/{person.interview}/report")
        if status == 200 and report["final"]:
            found: dict[str, Any] = report
            return found
        time.sleep(0.2)
    return None


def lost_answers(person: Person, report: dict[str, Any] | None) -> int:
    """Acknowledged answers that are not what was marked."""
    if report is None:
        return len(person.acknowledged)
    marked = {line["slot"]: line["answer"] for line in report["questions"]}
    return sum(marked[slot] != answer for slot, answer in person.acknowledged.items())


def together(work: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=it) for it in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def people(data_dir: Path) -> list[str]:
    """Accounts with a login each, made where the server will find them; their cookies."""
    data_dir.mkdir()
    db = Database(f"sqlite:///{data_dir / 'whetstone.sqlite3'}")
    db.migrate()
    now = clock.now()
    with db.write() as connection:
        names = [Account(name=f"person-{n}", created_at=now).model_dump(exclude={"id"}) for n in range(PEOPLE)]
        made = connection.execute(insert(accounts.accounts).returning(accounts.accounts.c.id), names).scalars().all()
        tokens = [logins.log_in(connection, account_id, now) for account_id in made]
    db.close()
    signer = Signer(secret_key(data_dir), salt="login")
    return [signer.sign(token).decode() for token in tokens]


def references() -> list[tuple[str, str]]:
    bank, _ = load_bank(ROOT / "questions", None)
    return [(name, getattr(bank.questions[name].question, "reference", "")) for name in CODE]


def write_bank(folder: Path) -> Path:
    """A bank of quick questions and some code, each with minutes that a benchmark has."""
    bank, _ = load_bank(ROOT / "questions", None)
    folder.mkdir()
    for name in ("topics.yaml", "errata.yaml"):
        (folder / name).write_bytes((ROOT / "questions" / name).read_bytes())
    chosen = [it for it in bank.published if it.question.kind in ("single-choice", "numeric")]
    chosen += [bank.questions[name] for name in CODE]
    by_topic: dict[str, list[Entry]] = {}
    for entry in chosen:
        by_topic.setdefault(entry.topic.id, []).append(entry)
    for topic, entries in by_topic.items():
        path = folder / entries[0].area.id / f"{topic}.yaml"
        path.parent.mkdir(exist_ok=True)
        rows = [
            entry.question.model_dump(mode="json", exclude_defaults=True) | {"minutes": MINUTES} for entry in entries
        ]
        path.write_text(json.dumps({"topic": topic, "questions": rows}, ensure_ascii=False), encoding="utf-8")
    (folder / "interviews").mkdir()
    (folder / "interviews" / "load.yaml").write_text(BLUEPRINT, encoding="utf-8")
    return folder


if __name__ == "__main__":
    sys.exit(main())
