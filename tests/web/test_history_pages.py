"""A question's history as pages: revisions, changes, who wrote what, and bringing an old text back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from list_cast import MAY_NOT, cast, put

from app.authoring.revisions import head, version
from app.authoring.single import tidy
from app.settings import Settings

CARD = tidy(
    "id: fresh-card\nkind: flashcard\ndifficulty: 2\nminutes: 1\nstatus: draft\n"
    "prompt: {en: Why big anchors?, zh: 锚框为何}\nanswer: {en: a, zh: 甲}\nsources: [A book]\n"
)
SMALL = CARD.replace("big", "<i>small</i>")
AT = "/admin/questions/fresh-card"


@pytest.fixture
def people(settings: Settings, clock: Any) -> Iterator[dict[str, TestClient]]:
    with cast(settings, clock) as made:
        yield made


@pytest.fixture
def two(client: TestClient) -> TestClient:
    put(client, "fresh-card", CARD, note="first <b>try</b>")
    put(client, "fresh-card", SMALL)
    return client


@pytest.mark.parametrize("path", ["history", "diff", "blame", "history/1/preview"])
@pytest.mark.parametrize("who", ["stranger", "learner", "editor", "admin"])
def test_only_keepers_see_a_history(people: dict[str, TestClient], path: str, who: str) -> None:
    put(people["admin"], "fresh-card", CARD)
    assert people[who].get(f"{AT}/{path}").status_code == MAY_NOT.get(who, 200)


@pytest.mark.parametrize("who", ["stranger", "learner", "editor", "admin"])
def test_only_keepers_bring_a_text_back(people: dict[str, TestClient], who: str) -> None:
    put(people["admin"], "fresh-card", CARD)
    put(people["admin"], "fresh-card", SMALL)
    answered = people[who].post(f"{AT}/restore", data={"number": "1", "base": "2"})
    assert answered.status_code == MAY_NOT.get(who, 303)
    assert newest(people["admin"]) == (3 if who in ("editor", "admin") else 2)


def newest(client: TestClient) -> int:
    services = client.app.state.services  # type: ignore[attr-defined]  # Starlette's app
    with services.db.read() as connection:
        found = head(connection, "fresh-card")
        return found.head_number if found else 0


def test_history_tells_the_newest_first_with_notes_as_text(two: TestClient) -> None:
    page = two.get(f"{AT}/history").text
    assert re.findall(r'<li class="history-revision" value="(\d)">', page) == ["2", "1"]
    assert "first &lt;b&gt;try&lt;/b&gt;" in page
    assert f'href="{AT}/diff?from=1&amp;to=2"' in page


def test_changes_are_marked_for_eyes_and_ears_and_escaped(two: TestClient) -> None:
    page = two.get(f"{AT}/diff?from=1&to=2").text
    assert re.search(r'<del><span class="visually-hidden">taken out:\s*</span><code>', page)
    assert re.search(r'<ins><span class="visually-hidden">put in:\s*</span><code>', page)
    assert "<mark>big</mark>" in page
    assert "<i>small" not in page
    assert "&lt;" in page
    assert page.count("history/1/preview?preview_lang=en") == page.count("history/2/preview?preview_lang=en") == 2


def test_rendered_side_speaks_the_language_that_was_chosen(two: TestClient) -> None:
    assert "history/1/preview?preview_lang=zh" in two.get(f"{AT}/diff?from=1&to=2&lang=zh").text
    shown = two.get(f"{AT}/history/1/preview?preview_lang=zh").text
    assert "锚框为何" in shown
    assert "big anchors" in two.get(f"{AT}/history/1/preview?preview_lang=en").text


def test_newest_change_is_shown_where_none_is_named(two: TestClient) -> None:
    assert two.get(f"{AT}/diff").text.count("<mark>") >= 1
    assert "The texts are the same" in two.get(f"{AT}/diff?from=2&to=2").text


def test_blame_names_the_revision_of_each_line(two: TestClient) -> None:
    page = two.get(f"{AT}/blame").text
    assert re.findall(r'diff\?to=(\d)"', page) == ["1", "2", "1"]


def test_old_text_comes_back_as_a_draft_on_top(two: TestClient) -> None:
    answered = two.post(f"{AT}/restore", data={"number": "1", "base": "2"})
    assert answered.headers["location"] == f"{AT}/edit"
    services = two.app.state.services  # type: ignore[attr-defined]  # Starlette's app
    with services.db.read() as connection:
        made = version(connection, "fresh-card", 3)
    assert "big anchors" in made.yaml
    assert made.status == "draft"


def test_restore_from_a_page_that_is_out_of_date_changes_nothing(two: TestClient) -> None:
    assert two.post(f"{AT}/restore", data={"number": "1", "base": "1"}).status_code == 409
    assert newest(two) == 2


@pytest.mark.parametrize("path", ["history", "diff", "blame", "history/1/preview"])
def test_question_without_history_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(f"/admin/questions/no-such/{path}").status_code == 404


@pytest.mark.parametrize("query", ["from=9&to=1", "from=1&to=9"])
def test_revision_that_is_not_there_is_not_found(two: TestClient, query: str) -> None:
    assert two.get(f"{AT}/diff?{query}").status_code == 404
