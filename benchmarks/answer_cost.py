"""CPU time of an answer request against a no-op request of the same shape, in the web process, interleaved.

An answer is graded, kept on disk and explained; the no-op is parsed and validated by the same framework, no more.
"""

from __future__ import annotations

import http.client
import json
import statistics
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.server import Server, peer, serving

ROUNDS = 6
PER_ROUND = 400


class Client:
    """One keep-alive connection."""

    def __init__(self, url: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc)

    def send(self, method: str, path: str, body: object = None) -> bytes:
        headers = {"content-type": "application/json"} if body is not None else {}
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        response = self.connection.getresponse()
        content = response.read()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status} {content[:200]!r}")
        return content


def main() -> None:
    """Print CPU milliseconds a request and their ratio."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server, peer() as idle:
        client, idle_client = Client(server.url), Client(idle.url)
        answer(server, client, 50)  # warm-up
        noop(idle, idle_client, 200)
        noop_ms, answer_ms = [], []
        for _ in range(ROUNDS):
            noop_ms.append(noop(idle, idle_client, PER_ROUND))
            answer_ms.append(answer(server, client, PER_ROUND // 4))
    floor, cost = statistics.median(noop_ms), statistics.median(answer_ms)
    print(f"no-op request    {floor:6.3f} ms CPU   1.0 x")
    print(f"answer request   {cost:6.3f} ms CPU {cost / floor:5.1f} x   (target 4 x)")


def noop(server: Server, client: Client, count: int) -> float:
    """CPU milliseconds a no-op request."""
    body = {"card_id": 1, "seed": 1, "answer": {"choice": "A"}, "seconds": 3}
    before = server.cpu_s()
    for _ in range(count):
        client.send("POST", "/noop", body)
    return (server.cpu_s() - before) / count * 1000


def answer(server: Server, client: Client, count: int) -> float:
    """CPU milliseconds an answer request; rating and undoing, so that it can be answered again, are not counted."""
    session = json.loads(client.send("POST", "/api/practice/sessions", {"kinds": ["single-choice"], "mode": "more"}))
    spent = 0.0
    for _ in range(count):
        card = json.loads(client.send("GET", f"/api/practice/sessions/{session['id']}/next"))
        body = {"card_id": card["card_id"], "seed": card["seed"], "answer": {"choice": "A"}, "seconds": 3}
        before = server.cpu_s()
        client.send("POST", "/api/practice/answers", body)
        spent += server.cpu_s() - before
        client.send("POST", "/api/practice/reviews", {"card_id": card["card_id"], "rating": 3})
        client.send("POST", "/api/practice/undo")
    return spent / count * 1000


if __name__ == "__main__":
    main()
