"""The keepers' list of questions as a page: who may see it, what it shows, and that it needs no script."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from list_cast import MAY_NOT, cast, put
from sqlalchemy import select
from tight_interview import leave_only, offer

from app.accounts.audit import events
from app.authoring.revisions import history
from app.authoring.single import tidy
from app.bank.chunks import chunks
from app.settings import Settings

CARD = tidy(
    "id: fresh-card\nkind: flashcard\ndifficulty: 2\nminutes: 1\nstatus: draft\ntags: [boxes]\n"
    "prompt: {en: 'Why <b>anchors</b>?', zh: 锚框为何}\nanswer: {en: a, zh: 甲}\nsources: [A book]\n"
)


@pytest.fixture
def people(settings: Settings, clock: Any) -> Iterator[dict[str, TestClient]]:
    with cast(settings, clock) as made:
        yield made


def listed(html: str) -> list[str]:
    return re.findall(r'href="/admin/questions/([a-z0-9-]+)/edit"', html)


def total(html: str) -> str:
    found = re.search(r'class="found soft" role="status">\s*(.*?)\s*<', html, re.S)
    assert found
    return found[1]


@pytest.mark.parametrize("who", ["stranger", "learner", "editor", "admin"])
def test_only_keepers_see_the_list(people: dict[str, TestClient], who: str) -> None:
    assert people[who].get("/admin/questions").status_code == MAY_NOT.get(who, 200)


def test_page_shows_fifty_and_the_pages_together_show_all_once(client: TestClient) -> None:
    seen: list[str] = []
    href: str | None = "/admin/questions?area=detection"
    first = client.get(href).text
    while href:
        page = client.get(unescape(href)).text
        assert len(listed(page)) <= 50
        seen += listed(page)
        further = re.search(r'rel="next" href="([^"]+)"', page)
        href = further[1] if further else None
    assert total(first) == f"{len(seen)} questions"
    assert len(set(seen)) == len(seen) > 100


def test_two_chinese_characters_find_a_draft_of_the_database(client: TestClient) -> None:
    put(client, "fresh-card", CARD)
    page = client.get("/admin/questions", params={"q": "锚框为何"}).text
    assert listed(page) == ["fresh-card"]
    assert "Draft" in page
    assert 'href="/q/fresh-card"' not in page


def test_text_of_a_draft_is_shown_as_text(client: TestClient) -> None:
    put(client, "fresh-card", CARD.replace("<b>", "<script>alert(1)</script><b>").replace("[boxes]", '["<i>x"]'))
    page = client.get("/admin/questions", params={"q": "fresh-card"}).text
    assert "<script>alert" not in page
    assert "<i>x" not in page
    assert listed(page) == ["fresh-card"]


def test_published_question_links_to_its_places(client: TestClient) -> None:
    put(client, "iou-of-unions", CARD.replace("fresh-card", "iou-of-unions"))
    page = client.get("/admin/questions", params={"q": "iou"}).text
    for href in ("/code/iou", "/admin/questions/iou/edit", "/admin/statistics/iou", "/admin/questions/new",
                 "/admin/questions/iou-of-unions/history"):  # fmt: skip
        assert f'href="{href}"' in page


def test_filters_stand_in_the_form_again(client: TestClient) -> None:
    page = client.get("/admin/questions?area=detection&kind=code&difficulty=2&status=published&tag=boxes").text
    for value in ("detection", "code", "2", "published"):
        assert re.search(rf'<option value="{value}"\s+selected', page)
    assert re.search(r'name="tag"[^>]*value="boxes"', page)
    assert "iou" in listed(page)
    assert listed(client.get("/admin/questions?area=detection&kind=flashcard").text) != listed(page)


def test_unknown_filter_finds_nothing_and_says_what_to_do(client: TestClient) -> None:
    page = client.get("/admin/questions?topic=nowhere").text
    assert listed(page) == []
    assert "Show all questions" in page


@pytest.mark.parametrize("query", ["difficulty=9", "page=0", "page=x", "q=" + "x" * 101])
def test_query_out_of_bounds_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/admin/questions?{query}").status_code == 422


def test_sort_links_turn_round_when_followed_twice(client: TestClient) -> None:
    page = client.get("/admin/questions?area=detection").text
    links = dict(re.findall(r'<a href="(/admin/questions\?[^"]*sort=([a-z-]+))"', page))
    by_id = next(href for href, sort in links.items() if sort == "id")
    upwards = client.get(unescape(by_id)).text
    assert listed(upwards) == sorted(listed(upwards))
    assert 'sort=-id"' in upwards
    assert "(upwards)" in upwards
    downwards = client.get("/admin/questions?area=detection&sort=-id").text
    assert listed(downwards) == sorted(listed(downwards), reverse=True)
    assert "(downwards)" in downwards


def test_script_gets_the_rows_alone(client: TestClient) -> None:
    page = client.get("/admin/questions?q=iou", headers={"hx-request": "true"}).text
    assert "<html" not in page
    assert "iou" in listed(page)


def test_list_is_in_chinese_for_who_reads_chinese(client: TestClient) -> None:
    page = client.get("/admin/questions?q=iou", headers={"accept-language": "zh"}).text
    for phrase in ("新建题目", "已发布", "排序", "默认顺序", "试做"):
        assert phrase in page


def revision(client: TestClient, question_id: str) -> Any:
    services = client.app.state.services  # type: ignore[attr-defined]  # Starlette's app
    with services.db.read() as connection:
        return history(connection, question_id)[0]


def audited(client: TestClient) -> list[Any]:
    services = client.app.state.services  # type: ignore[attr-defined]  # Starlette's app
    with services.db.read() as connection:
        return list(connection.execute(select(events).where(events.c.action == "question.bulk")).mappings())


def confirm(client: TestClient, page: str) -> Any:
    fields = dict(re.findall(r'name="(action|value|chosen)"\s+value="([^"]*)"', page.partition("bulk/apply")[2]))
    return client.post("/admin/questions/bulk/apply", data=fields)


def test_bulk_edit_is_shown_first_and_done_when_confirmed(client: TestClient) -> None:
    put(client, "fresh-card", CARD)
    put(client, "second-card", CARD.replace("fresh-card", "second-card"))
    put(client, "third-card", "{")
    form = {"action": "difficulty", "bulk-difficulty": "5", "ids": ["fresh-card", "second-card", "third-card"]}
    shown = client.post("/admin/questions/bulk", data=form)
    assert shown.status_code == 200
    assert "2 questions change:" in shown.text
    assert "1 question stays as it is" in shown.text
    assert revision(client, "fresh-card").number == 1
    assert confirm(client, shown.text).status_code == 303
    made = revision(client, "fresh-card")
    assert (made.number, made.note, made.status) == (2, "bulk: difficulty 5", "draft")
    assert made.yaml == CARD.replace("difficulty: 2", "difficulty: 5")
    (event,) = audited(client)
    assert event["details"] == {"change": "difficulty", "value": "5", "ids": ["fresh-card", "second-card"]}


def test_bulk_edit_of_a_published_question_is_seen_at_once(client: TestClient) -> None:
    services = client.app.state.services  # type: ignore[attr-defined]  # Starlette's app
    bank = services.bank
    name = next(it.question.id for it in bank.of_topic("iou") if it.question.kind == "single-choice")
    entry = bank.questions[name]
    before = revision(client, name).number
    shown = client.post("/admin/questions/bulk", data={"action": "add-tag", "bulk-tag": "x-y", "ids": [name]}).text
    assert "learners see it at once" in shown
    assert confirm(client, shown).status_code == 303
    now = services.bank.questions[name]
    assert "x-y" in now.question.tags
    assert (now.meaning_hash, now.path) == (entry.meaning_hash, entry.path)
    assert (revision(client, name).status, revision(client, name).number) == ("published", before + 1)


@pytest.mark.parametrize(
    "change", [("status", "retired"), ("topic", "nms"), ("difficulty", "5")], ids=["retire", "move", "level"]
)
def test_bulk_edit_that_would_take_an_interview_away_is_told_and_refused(
    client: TestClient, change: tuple[str, str]
) -> None:
    services = client.app.state.services  # type: ignore[attr-defined]  # Starlette's app
    names = offer(services)
    if change[0] == "difficulty":
        asks = services.blueprints["tight"]
        section = asks.sections[0].model_copy(update={"levels": (1, 2, 3, 4)})
        services.shelf.blueprints = {"tight": asks.model_copy(update={"sections": (section,)})}
    form = {"action": change[0], f"bulk-{change[0]}": change[1], "ids": names}
    shown = client.post("/admin/questions/bulk", data=form).text
    assert "interview could no longer be drawn" in shown
    assert "A tight one" in shown
    assert not re.search(r"Change \d+ question", shown)
    refused = confirm(client, shown)
    assert refused.status_code == 409
    assert "A tight one" in refused.text
    assert {revision(client, name).number for name in names} == {1}
    fewer = client.post("/admin/questions/bulk", data=form | {"ids": names[1:]}).text
    assert "A tight one" not in fewer
    assert confirm(client, fewer).status_code == 303


def test_last_question_of_an_interview_is_not_retired(client: TestClient) -> None:
    services = client.app.state.services  # type: ignore[attr-defined]  # Starlette's app
    names = offer(services)
    name = leave_only(services, names)
    refused = client.post(f"/api/admin/questions/{name}/retire", json={})
    assert refused.status_code == 409
    assert "tight" in refused.json()["detail"]
    assert revision(client, name).status == "published"
    services.bank_sync.catch_up()
    assert client.post(f"/api/admin/questions/{name}/retire", json={}).status_code == 200


def test_all_that_was_found_means_the_filters_of_the_list(client: TestClient) -> None:
    put(client, "fresh-card", CARD)
    put(client, "other-card", CARD.replace("fresh-card", "other-card").replace("锚框", "别的"))
    form = {"action": "add-tag", "bulk-tag": "x", "all": "yes", "q": "锚框为何", "status": "draft"}
    page = client.post("/admin/questions/bulk", data=form).text
    assert "1 question changes:" in page
    assert "fresh-card" in page
    assert "other-card" not in page


def test_change_by_somebody_else_meanwhile_changes_nothing_and_is_shown(client: TestClient) -> None:
    put(client, "fresh-card", CARD)
    put(client, "second-card", CARD.replace("fresh-card", "second-card"))
    form = {"action": "difficulty", "bulk-difficulty": "5", "ids": ["fresh-card", "second-card"]}
    shown = client.post("/admin/questions/bulk", data=form).text
    put(client, "second-card", CARD.replace("fresh-card", "second-card").replace("锚框", "新"))
    again = confirm(client, shown)
    assert again.status_code == 409
    assert "changed by somebody else" in again.text
    assert "second-card:2" in again.text
    assert revision(client, "fresh-card").number == 1
    assert audited(client) == []
    assert confirm(client, again.text).status_code == 303
    assert revision(client, "second-card").number == 3


@pytest.mark.parametrize(
    "form",
    [
        {"action": "publish", "ids": "fresh-card"},
        {"action": "add-tag", "bulk-tag": "No Tag", "ids": "fresh-card"},
        {"action": "topic", "bulk-topic": "nowhere", "ids": "fresh-card"},
        {"action": "difficulty", "bulk-difficulty": "6", "ids": "fresh-card"},
        {"action": "status", "bulk-status": "published", "ids": "fresh-card"},
        {"action": "difficulty", "bulk-difficulty": "3"},
        {"action": "difficulty", "bulk-difficulty": "3", "all": "yes"},
    ],
)
def test_senseless_bulk_edit_is_refused(client: TestClient, form: dict[str, str]) -> None:
    put(client, "fresh-card", CARD)
    assert client.post("/admin/questions/bulk", data=form).status_code == 422
    assert revision(client, "fresh-card").number == 1


@pytest.mark.parametrize("path", ["/admin/questions/bulk", "/admin/questions/bulk/apply"])
@pytest.mark.parametrize("who", ["stranger", "learner", "editor", "admin"])
def test_only_keepers_edit_in_bulk(people: dict[str, TestClient], path: str, who: str) -> None:
    put(people["admin"], "fresh-card", CARD)
    form = {"action": "difficulty", "value": "5", "bulk-difficulty": "5", "ids": "fresh-card", "chosen": "fresh-card:1"}
    answered = people[who].post(path, data=form)
    done = 303 if path.endswith("apply") else 200
    assert answered.status_code == MAY_NOT.get(who, done)
    allowed = who in ("editor", "admin") and path.endswith("apply")
    assert revision(people["admin"], "fresh-card").number == (2 if allowed else 1)


@pytest.mark.parametrize("who", ["stranger", "learner", "editor", "admin"])
def test_only_keepers_export(people: dict[str, TestClient], who: str) -> None:
    put(people["admin"], "fresh-card", CARD)
    answered = people[who].post("/admin/questions/export", data={"format": "yaml", "ids": "fresh-card"})
    assert answered.status_code == MAY_NOT.get(who, 200)
    assert ("anchors" in answered.text) == (who in ("editor", "admin"))


def test_export_of_one_topic_is_a_topic_file_that_imports_again(client: TestClient) -> None:
    put(client, "fresh-card", CARD)
    answered = client.post("/admin/questions/export", data={"format": "yaml", "ids": ["fresh-card", "iou"]})
    assert answered.headers["content-disposition"] == 'attachment; filename="iou.yaml"'
    assert answered.text.startswith("topic: iou\nquestions:\n- ")
    texts = {chunk.question_id: chunk.text for chunk in chunks(answered.text)}
    assert texts["fresh-card"] == CARD
    assert set(texts) == {"fresh-card", "iou"}


def test_export_of_what_was_found_is_a_zip_by_area(client: TestClient) -> None:
    answered = client.post("/admin/questions/export", data={"format": "yaml", "all": "yes", "area": "detection"})
    names = zipfile.ZipFile(io.BytesIO(answered.content)).namelist()
    assert "detection/iou.yaml" in names
    assert all(name.startswith("detection/") for name in names)


def test_export_as_json_says_what_the_text_says(client: TestClient) -> None:
    put(client, "fresh-card", CARD)
    (made,) = client.post("/admin/questions/export", data={"format": "json", "ids": "fresh-card"}).json()
    assert (made["id"], made["topic"], made["prompt"]["zh"]) == ("fresh-card", "iou", "锚框为何")
