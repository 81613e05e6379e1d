"""schemathesis over the whole API: whatever a program sends, the answer is a declared one, and never a 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from databases import new_database
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.schemas import APIOperation

from app.main import create_app
from app.settings import ROOT, Settings


def _settings(data_dir: Path) -> Settings:
    return Settings(data_dir, ROOT / "questions", new_database(data_dir), "127.0.0.1", 8000)


DESCRIPTION = create_app(_settings(Path("unused"))).openapi()
OPERATIONS = [found.ok() for found in schemathesis.openapi.from_dict(DESCRIPTION).get_all_operations()]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    app = create_app(_settings(tmp_path_factory.mktemp("api")))
    with TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False) as client:
        client.post("/api/practice/sessions", json={"limit": 50})
        client.post("/api/interviews", json={"blueprint": "warm-up-20"})
        yield client


def test_every_route_of_the_contract_is_described() -> None:
    assert {operation.label for operation in OPERATIONS} >= {
        "POST /api/practice/sessions",
        "GET /api/practice/sessions/{session_id}/next",
        "POST /api/practice/answers",
        "POST /api/practice/reviews",
        "POST /api/practice/undo",
        "POST /api/submissions",
        "GET /api/submissions/{submission_id}",
        "GET /api/submissions/{submission_id}/events",
        "GET /api/blueprints",
        "POST /api/interviews",
        "PUT /api/interviews/{interview_id}/answers/{slot}",
        "POST /api/interviews/{interview_id}/finish",
        "GET /api/interviews/{interview_id}/report",
        "GET /api/admin/questions/{question_id}",
        "PUT /api/admin/questions/{question_id}",
        "POST /api/admin/questions/{question_id}/publish",
    }


@pytest.mark.parametrize("operation", OPERATIONS, ids=[operation.label for operation in OPERATIONS])
def test_no_request_breaks_the_api(operation: APIOperation, api: TestClient) -> None:
    documented = {int(status) for status in operation.definition.raw["responses"]}

    @given(case=operation.as_strategy())
    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def send(case: schemathesis.Case) -> None:
        request = case.as_transport_kwargs(base_url="http://127.0.0.1:8000")
        request.pop("cookies")  # the API declares none
        response = api.request(**request)
        assert response.status_code < 500, response.text
        assert response.status_code in documented
        problem = response.status_code >= 400
        kind = response.headers["content-type"].partition(";")[0]
        assert kind in (["application/problem+json"] if problem else ["application/json", "text/event-stream"])

    send()
