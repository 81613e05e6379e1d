"""PostgreSQL killed under a serving app: it says so, keeps what it acknowledged, and is back by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from postgres_server import PostgresServer
from small_bank import write_bank

from app.main import create_app
from app.settings import Settings

pytestmark = pytest.mark.postgresql


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """One of the test's own, since others need theirs alive."""
    made = PostgresServer()
    yield made
    made.end()


def test_app_says_so_keeps_what_it_acknowledged_and_recovers(server: PostgresServer, tmp_path: Path) -> None:
    url = server.start()
    app = create_app(Settings(tmp_path, write_bank(tmp_path / "questions"), url, "127.0.0.1", 8000))
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        started = client.post("/api/practice/sessions", json={"mode": "more", "limit": 3})
        assert started.status_code == 201, started.text
        server.kill()
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["checks"]["database"] == "The database does not answer."
        assert client.get("/healthz").status_code == 200
        refused = client.post("/api/practice/sessions", json={"mode": "more", "limit": 3})
        assert refused.status_code == 503
        assert refused.json()["detail"] == "The database does not answer."
        assert "数据库没有响应" in client.get("/", headers={"accept-language": "zh"}).text
        server.revive()
        assert client.get("/readyz").json()["checks"]["database"] == "ok"
        kept = client.get(f"/api/practice/sessions/{started.json()['id']}/next")
        assert kept.status_code == 200, kept.text
        assert client.post("/api/practice/sessions", json={"mode": "more", "limit": 3}).status_code == 201
