"""Importing in the browser: upload, columns, dry run, drafts; what fails can be taken home again."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from list_cast import MAY_NOT, cast
from sqlalchemy import select

from app.accounts.audit import events
from app.authoring.revisions import history
from app.bank.loader import load_bank
from app.interop.anki_export import export_anki
from app.settings import ROOT, Settings

CSV = "题目,prompt,answer,note\n锚,What is an anchor?,A box,=1+1\n框,,Nothing,x\n"
CARD = (
    "id: fresh-card\nkind: flashcard\ndifficulty: 2\nminutes: 1\n"
    "prompt: {en: Why, zh: 为何}\nanswer: {en: a, zh: 甲}\nsources: [A book]\n"
)
TABLE = {"format": "flashcard", "topic": "iou", "text": CSV, "name": "cards.csv"}
COLUMNS = {"col-prompt-en": "1", "col-prompt-zh": "1", "col-answer-en": "2"}


@pytest.fixture
def people(settings: Settings, clock: Any) -> Iterator[dict[str, TestClient]]:
    with cast(settings, clock) as made:
        yield made


def newest(client: TestClient, question_id: str) -> Any:
    services = client.app.state.services  # type: ignore[attr-defined]  # Starlette's app
    with services.db.read() as connection:
        found = history(connection, question_id)
        return found[0] if found else None


def imported(client: TestClient) -> list[str]:
    services = client.app.state.services  # type: ignore[attr-defined]  # Starlette's app
    with services.db.read() as connection:
        query = select(events.c.details).where(events.c.action == "question.import")
        return [name for details in connection.execute(query).scalars() for name in details["ids"]]


def kept(page: str) -> str:
    found = re.search(r'<textarea name="text"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert found
    return html.unescape(found[1])


@pytest.mark.parametrize("who", ["stranger", "learner", "editor", "admin"])
def test_only_keepers_import(people: dict[str, TestClient], who: str) -> None:
    form = {"format": "yaml", "topic": "iou", "text": CARD}
    assert people[who].get("/admin/import").status_code == MAY_NOT.get(who, 200)
    for path, done in (("", 200), ("/check", 200), ("/failing", 200), ("/confirm", 303)):
        assert people[who].post(f"/admin/import{path}", data=form).status_code == MAY_NOT.get(who, done)
    assert imported(people["admin"]) == (["fresh-card"] if who in ("editor", "admin") else [])


def test_table_goes_from_upload_through_its_columns_to_drafts(client: TestClient) -> None:
    sent = {"format": "flashcard", "topic": "iou"}
    columns = client.post("/admin/import", data=sent, files={"file": ("cards.csv", CSV.encode("gb18030"))}).text
    assert "GB18030" in columns
    assert "What is an anchor?" in columns
    assert re.search(r'name="col-prompt-en">.*?value="1"\s+selected', columns, re.S)
    assert kept(columns) == CSV
    shown = client.post("/admin/import/check", data=TABLE | COLUMNS).text
    assert "1 becomes a draft" in shown
    assert "&#39;prompt&#39; is empty" in shown
    assert imported(client) == []
    assert client.post("/admin/import/confirm", data=TABLE | COLUMNS).status_code == 303
    assert imported(client) == ["iou-what-is-an-anchor"]
    made = newest(client, "iou-what-is-an-anchor")
    assert (made.status, made.origin, made.note) == ("draft", "imported", "import: cards.csv")
    assert client.get("/q/iou-what-is-an-anchor").status_code == 404


def test_failing_rows_come_back_as_a_table_with_the_reason_and_no_formulas(client: TestClient) -> None:
    text = CSV.replace("框,,Nothing,x", "框,,Nothing,=cmd()")
    answered = client.post("/admin/import/failing", data=TABLE | COLUMNS | {"text": text})
    lines = answered.content.decode("utf-8-sig").splitlines()
    assert lines == ["题目,prompt,answer,note,error", "框,,Nothing,'=cmd(),'prompt' is empty"]
    assert answered.headers["content-type"].startswith("text/csv")


def test_failing_yaml_comes_back_with_the_reason_in_comments(client: TestClient) -> None:
    bad = CARD.replace("difficulty: 2", "difficulty: 9  # mine")
    form = {"format": "yaml", "topic": "iou", "text": bad}
    body = client.post("/admin/import/failing", data=form).text
    assert body.startswith("# error: line 3: difficulty")
    assert "  difficulty: 9  # mine" in body


def test_pasted_text_of_a_hostile_kind_is_shown_as_text(client: TestClient) -> None:
    form = {"format": "yaml", "topic": "iou", "text": CARD.replace("Why", "</textarea><script>alert(1)</script>")}
    page = client.post("/admin/import", data=form).text
    assert "<script>alert" not in page
    assert kept(page) == form["text"]


def test_id_of_the_bank_is_not_imported_over(client: TestClient) -> None:
    form = {"format": "yaml", "topic": "iou", "text": CARD.replace("fresh-card", "iou")}
    assert "the id &#39;iou&#39; is taken" in client.post("/admin/import/check", data=form).text
    assert client.post("/admin/import/confirm", data=form).status_code == 422


def test_two_imports_of_one_id_make_one_draft(client: TestClient) -> None:
    form = {"format": "yaml", "topic": "iou", "text": CARD}
    assert client.post("/admin/import/confirm", data=form).status_code == 303
    assert client.post("/admin/import/confirm", data=form).status_code == 422
    assert newest(client, "fresh-card").number == 1


def test_deck_becomes_flashcards(client: TestClient, tmp_path: Path, clock: Any) -> None:
    bank, _ = load_bank(ROOT / "questions", tmp_path / "cache")
    cards = [entry for entry in bank.published if entry.question.kind == "flashcard"][:3]
    export_anki(cards, tmp_path / "deck.apkg", "en", clock())
    sent = {"format": "apkg", "topic": "iou"}
    page = client.post(
        "/admin/import", data=sent, files={"file": ("d.apkg", (tmp_path / "deck.apkg").read_bytes())}
    ).text
    assert "1 becomes a draft" in page
    assert page.count("which a question can&#39;t carry") >= 2  # formulas as MathML, told note by note
    form = {"format": "yaml", "topic": "iou", "name": "d.apkg", "text": kept(page)}
    assert client.post("/admin/import/confirm", data=form).status_code == 303
    assert len(imported(client)) == 1
    failing = client.post("/admin/import/failing", data=form).text
    assert failing.count("# left out: note ") == 2


@pytest.mark.parametrize(
    ("form", "file"),
    [
        ({"format": "apkg", "topic": "iou"}, b"no zip"),
        ({"format": "yaml", "topic": "iou"}, b"\xff\xfe\x00"),
        ({"format": "flashcard", "topic": "iou"}, b"one line"),
        ({"format": "other", "topic": "iou"}, b"x"),
        ({"format": "yaml", "topic": "iou"}, b""),
    ],
)
def test_file_that_can_not_be_read_says_so_on_the_form(client: TestClient, form: dict[str, str], file: bytes) -> None:
    answered = client.post("/admin/import", data=form, files={"file": ("f", file)})
    assert answered.status_code == 422
    assert 'role="alert"' in answered.text
    assert 'enctype="multipart/form-data"' in answered.text


def test_columns_out_of_the_table_count_as_none(client: TestClient) -> None:
    page = client.post("/admin/import/check", data=TABLE | {"col-prompt-en": "99", "col-answer-en": "-1"}).text
    assert "2 fail" in page
