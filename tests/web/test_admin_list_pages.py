"""The keepers' list of questions as a page: who may see it, what it shows, and that it needs no script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from fastapi.testclient import TestClient
from list_cast import MAY_NOT, cast, put

from app.authoring.single import tidy
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
        assert f'<option value="{value}" selected>' in page
    assert 'value="boxes">' in page
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
    for phrase in ("新建题目", "已发布", "排序", "知识图谱顺序", "试做"):
        assert phrase in page
