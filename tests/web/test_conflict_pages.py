"""The pages where folder and database disagree, and who may decide."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.accounts import audit
from app.accounts.models import Role
from app.authoring.revisions import Fresh, history, save
from app.authoring.sync import Step, standings
from app.main import create_app
from app.settings import ROOT, Settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "questions", tmp_path / "questions")
    return tmp_path / "questions" / "detection" / "iou.yaml"


@pytest.fixture
def client(settings: Settings, file: Path, clock: object) -> Iterator[TestClient]:
    """A server that writes to the folder but is told by hand when to look."""
    app = create_app(replace(settings, questions_dir=file.parent.parent), clock)  # type: ignore[arg-type]  # a clock
    with TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False) as made:
        made.app.state.services.bank_sync._writes = True  # type: ignore[attr-defined]  # starlette's
        yield made


def clash(client: TestClient, file: Path) -> str:
    """A question changed on both sides; its id."""
    services = client.app.state.services  # type: ignore[attr-defined]  # starlette's
    name = next(it.question.id for it in services.bank.of_topic("iou"))
    with services.db.write() as connection:
        last = history(connection, name)[0]
        yaml = re.sub(r"minutes: \S+", "minutes: 7", last.yaml)
        fresh = Fresh(name, "iou", "published", yaml, None)
        save(connection, fresh, None, services.clock(), base_number=1, publish=True)
    text = file.read_text(encoding="utf-8")
    begin = text.index(f"- id: {name}")
    file.write_text(text[:begin] + re.sub(r"minutes: \S+", "minutes: 8", text[begin:], count=1), encoding="utf-8")
    services.bank_sync.catch_up()
    return name


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w*)">', page))


def test_where_all_agree_the_page_says_so(client: TestClient) -> None:
    page = client.get("/admin/conflicts")
    assert page.status_code == 200
    assert "Both sides agree on every question." in page.text


@pytest.mark.parametrize(("choice", "minutes"), [("folder", 8), ("database", 7), ("merged", 9)])
def test_a_conflict_is_shown_with_both_texts_and_decided(
    client: TestClient, file: Path, choice: str, minutes: int
) -> None:
    name = clash(client, file)
    assert f'href="/admin/conflicts/{name}"' in client.get("/admin/conflicts").text
    page = client.get(f"/admin/conflicts/{name}").text
    assert "minutes: 7" in page
    assert "minutes: 8" in page
    services = client.app.state.services  # type: ignore[attr-defined]  # starlette's
    with services.db.read() as connection:
        merged = history(connection, name)[0].yaml.replace("minutes: 7", "minutes: 9")
    answer = client.post(f"/admin/conflicts/{name}", data=hidden(page) | {"choice": choice, "merged": merged})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/admin/conflicts?resolved={name}")
    assert services.bank.questions[name].question.minutes == minutes
    assert f"minutes: {minutes}" in file.read_text(encoding="utf-8")
    with services.db.read() as connection:
        assert standings(connection, services.bank_sync.look) == []
        query = select(audit.events.c.details).where(audit.events.c.action == "bank.resolve")
        assert connection.execute(query).scalars().all() == [{"taken": choice}]
    assert client.get(f"/admin/conflicts/{name}").status_code == 404


def test_a_merged_text_with_faults_comes_back_with_them(client: TestClient, file: Path) -> None:
    name = clash(client, file)
    fields = hidden(client.get(f"/admin/conflicts/{name}").text)
    answer = client.post(f"/admin/conflicts/{name}", data=fields | {"choice": "merged", "merged": "id: [<b>"})
    assert answer.status_code == 422
    assert "id: [&lt;b&gt;" in answer.text
    assert "nothing was saved" in answer.text


def test_a_decision_on_an_older_state_is_refused(client: TestClient, file: Path) -> None:
    name = clash(client, file)
    fields = hidden(client.get(f"/admin/conflicts/{name}").text) | {"head_number": "1"}
    assert client.post(f"/admin/conflicts/{name}", data=fields | {"choice": "folder"}).status_code == 409
    fields = hidden(client.get(f"/admin/conflicts/{name}").text)
    assert client.post(f"/admin/conflicts/{name}", data=fields | {"choice": "neither"}).status_code == 422
    services = client.app.state.services  # type: ignore[attr-defined]  # starlette's
    with services.db.read() as connection:
        (found,) = standings(connection, services.bank_sync.look)
    assert found.step is Step.conflict


def test_a_fault_in_the_folder_is_told_with_its_place_and_learners_keep_the_sound_text(
    client: TestClient, file: Path
) -> None:
    services = client.app.state.services  # type: ignore[attr-defined]  # starlette's
    before = set(services.bank.questions)
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"difficulty: \d", "difficulty: 9", text, count=1), encoding="utf-8")
    services.bank_sync.catch_up()
    assert re.search(r"<code>detection/iou\.yaml:\d+:\d+</code>", client.get("/admin/conflicts").text)
    assert set(services.bank.questions) == before


@pytest.mark.parametrize(("role", "status"), [(Role.learner, 403), (Role.editor, 200), (Role.admin, 200)])
def test_keepers_alone_see_and_decide(client: TestClient, file: Path, role: Role, status: int) -> None:
    name = clash(client, file)
    services = client.app.state.services  # type: ignore[attr-defined]  # starlette's
    from app.accounts.models import Account

    with services.db.write() as connection:
        connection.execute(update(Account.__table__).values(role=role.value))  # type: ignore[attr-defined]
    for path in ("/admin/conflicts", f"/admin/conflicts/{name}"):
        assert client.get(path).status_code == status
    decided = client.post(f"/admin/conflicts/{name}", data={"choice": "folder"})
    assert decided.status_code == (403 if status == 403 else 409)


def test_a_stranger_sees_nothing(client: TestClient) -> None:
    stranger = {"host": "elsewhere.example"}
    for path in ("/admin/conflicts", "/admin/conflicts/some"):
        assert client.get(path, headers=stranger).status_code in (303, 401)
    assert client.post("/admin/conflicts/some", headers=stranger).status_code in (303, 401)
