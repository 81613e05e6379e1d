"""PostgreSQL killed under a serving app: it says so, keeps what it acknowledged, and is back by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from postgres_server import PostgresServer
from small_bank import write_bank

from app.db import Database
from app.main import create_app
from app.settings import Settings

pytestmark = pytest.mark.postgresql


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    """One of the test's own, since others need theirs alive."""
    made = PostgresServer()
    yield made
    made.end()


@pytest.mark.parametrize(
    ("state", "says"), [("53100", "The server's disk is full"), ("25006", "The database takes no changes")]
)
def test_submission_that_the_server_has_no_room_for_is_refused_in_plain_words(
    client: TestClient, settings: Settings, state: str, says: str
) -> None:
    """A trigger raises what PostgreSQL raises itself when its disk is full, or when it has become a standby."""
    database = Database(settings.database_url)
    with database.write() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '{state}'; END $$"
        )
        connection.exec_driver_sql("CREATE TRIGGER refuse BEFORE INSERT ON submission EXECUTE FUNCTION refuse()")
    body = {"question_id": "iou", "code": "x = 1", "mode": "submit"}
    refused = client.post("/api/submissions", json=body)
    assert refused.status_code == 503
    assert says in refused.json()["detail"]
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER refuse ON submission")
        assert connection.exec_driver_sql("SELECT count(*) FROM submission").scalar() == 0
    assert client.post("/api/submissions", json=body).status_code == 202
    database.close()


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
