"""Server time of the keepers' list over 20,000 questions: shown, searched, filtered, after a change; against a no-op.

Questions of the bank are copied until there are so many; every tenth has a newer draft, and one in twenty is a draft
that only the database has. The page is made in this process, so that nothing but the server's own work is measured.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import Connection, insert

from app.authoring.models import Origin
from app.authoring.revisions import Fresh, heads, revisions, save
from app.bank.catalog import Bank, Entry
from app.bank.chunks import chunks
from app.main import create_app
from app.settings import ROOT, Settings

QUESTIONS = 20_000
ROUNDS = 15
TARGET_MS = 100
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PAGES = {
    "list": "/admin/questions",
    "page 200": "/admin/questions?page=200&sort=id",
    "newest changes": "/admin/questions?sort=-changed",
    "search, English": "/admin/questions?q=learning+rate",
    "search, two characters": "/admin/questions?q=卷积",
    "search, one of each": "/admin/questions?q=感受野+layer",
    "filter": "/admin/questions?area=detection&kind=numeric&difficulty=3",
    "filter and search": "/admin/questions?status=draft&q=softmax",
}


def main() -> None:
    """Print medians and their ratios to a page that does nothing."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        settings = Settings(data, ROOT / "questions", f"sqlite:///{data / 'bank.sqlite3'}", "127.0.0.1", 8000)
        with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
            services = client.app.state.services  # type: ignore[attr-defined]  # Starlette's app
            with services.db.write() as connection:
                services.shelf.bank = grown(connection, services.shelf.bank)
            measure(client, lambda: change(client))


def measure(client: TestClient, changed: Callable[[], None]) -> None:
    """Each page in turn, so that a busy moment of the machine meets them all."""
    print(f"first list, made from nothing    {took(client, PAGES['list']):8.1f} ms")
    print(f"first search                     {took(client, PAGES['search, English']):8.1f} ms")
    times: dict[str, list[float]] = {name: [] for name in ("no-op", *PAGES, "list after a change")}
    for _ in range(ROUNDS):
        times["no-op"].append(took(client, "/healthz"))
        for name, path in PAGES.items():
            times[name].append(took(client, path))
        changed()
        times["list after a change"].append(took(client, PAGES["list"]))
    floor = statistics.median(times["no-op"])
    for name, found in times.items():
        median = statistics.median(found)
        print(
            f"{name:32} {median:8.1f} ms {median / floor:6.1f} x"
            + ("" if name == "no-op" else f"   (target {TARGET_MS} ms)")
        )


def took(client: TestClient, path: str) -> float:
    """Milliseconds from request to answer."""
    begun = time.perf_counter()
    response = client.get(path)
    spent = (time.perf_counter() - begun) * 1000
    if response.status_code != 200:
        raise RuntimeError(f"{path}: {response.status_code}")
    return spent


def change(client: TestClient) -> None:
    """Somebody saves a draft."""
    services = client.app.state.services  # type: ignore[attr-defined]  # Starlette's app
    with services.db.write() as connection:
        name = f"draft-{time.perf_counter_ns()}"
        text = f"id: {name}\nkind: flashcard\ndifficulty: 2\nprompt: {{en: Why, zh: 为何}}\n"
        save(
            connection,
            Fresh(name, "iou", "draft", text, None, Origin.browser),
            None,
            NOW,
            base_number=None,
            publish=False,
        )


def grown(connection: Connection, bank: Bank) -> Bank:
    """Copies of the bank's questions with their heads and revisions in the database."""
    texts: dict[str, str] = {}
    for path in {entry.path for entry in bank.questions.values()}:
        texts |= {chunk.question_id: chunk.text for chunk in chunks(path.read_text(encoding="utf-8"))}
    entries: dict[str, Entry | None] = {}
    rows: list[dict[str, object]] = []
    numbers: list[dict[str, object]] = []
    originals = [entry for entry in bank.questions.values() if entry.question.kind != "code"]
    for place in range(QUESTIONS - len(bank.questions)):
        entry = originals[place % len(originals)]
        name = f"{entry.question.id[:60]}-copy-{place}"
        text = texts[entry.question.id].replace(f"id: {entry.question.id}", f"id: {name}", 1)
        only_draft, newer = place % 20 == 0, place % 10 == 1
        if not only_draft:
            entries[name] = replace(entry, question=entry.question.model_copy(update={"id": name}))
        status = "draft" if only_draft or newer else "published"
        at = NOW + timedelta(seconds=place)
        base = {"question_id": name, "topic_id": entry.topic.id, "status": status}
        numbers.append(
            base | {"head_number": 1 + newer, "published_number": None if only_draft else 1, "updated_at": at}
        )
        revision = base | {"yaml": text, "author": "ada", "origin": "folder", "created_at": at, "note": ""}
        rows += [revision | {"number": number} for number in range(1, 2 + newer)]
    connection.execute(insert(heads), numbers)
    connection.execute(insert(revisions), rows)
    return bank.with_changes(entries)


if __name__ == "__main__":
    main()
