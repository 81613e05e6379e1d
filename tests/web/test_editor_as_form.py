"""The editor as a form: switching loses nothing, rows move, and what is typed is kept, checked and saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from keepers import log_in, revised, school, services, text_in_folder
from test_question_forms import Fields
from test_templates import Outline

from app.authoring import desk, revisions
from app.bank.yaml_source import read
from app.settings import Settings

QUESTION = "nms-true-statements"
AT = f"/admin/questions/{QUESTION}"


@pytest.fixture
def held(settings: Settings, clock: Any) -> Iterator[TestClient]:
    """The school, with the question's first revision, and eve logged in."""
    with school(settings, clock) as made:
        revised(made, QUESTION)
        log_in(made, "eve")
        yield made


def sent_by(page: str) -> dict[str, list[str]]:
    """What the browser would send of the page's form, by no button."""
    return Fields(page).sent


def as_form(client: TestClient) -> dict[str, list[str]]:
    text = client.get(f"{AT}/edit").text
    page = client.post(f"{AT}/edit", data=sent_by(text) | {"show": ["form"]})
    assert page.status_code == 200
    assert Outline(page.text).faults == []
    return sent_by(page.text)


def data_of(yaml: str) -> Any:
    return read(yaml.encode()).data


def newest(client: TestClient) -> revisions.Version:
    with services(client).db.read() as connection:
        known = revisions.head(connection, QUESTION)
        assert known
        return revisions.version(connection, QUESTION, known.head_number)


def test_form_and_back_gives_the_same_text_and_saves_nothing(held: TestClient) -> None:
    fields = as_form(held)
    back = held.post(f"{AT}/edit", data=fields | {"show": ["yaml"], "note": ["why"]})
    assert sent_by(back.text)["yaml"][0].replace("\r\n", "\n") == text_in_folder(held, QUESTION)
    assert sent_by(back.text)["note"] == ["why"]
    assert newest(held).number == 1


def test_edit_in_the_form_is_saved_with_all_else_untouched(held: TestClient) -> None:
    fields = as_form(held)
    changed = fields | {"f.options.1.why.en": ["Since it is: so."], "action": ["draft"], "note": ["n"]}
    assert held.post(f"{AT}/edit", data=changed).status_code == 303
    before, after = data_of(text_in_folder(held, QUESTION)), data_of(newest(held).yaml)
    assert after["options"][1]["why"].pop("en") == "Since it is: so."
    del before["options"][1]["why"]["en"]
    assert {**after, "status": None} == {**before, "status": None}


def test_row_moves_by_its_button_and_is_kept_as_a_draft(held: TestClient) -> None:
    fields = as_form(held)
    page = held.post(f"{AT}/edit", data=fields | {"do": ["options.move.1.up"], "f.minutes": ["7"]})
    assert page.status_code == 200
    moved = sent_by(page.text)
    assert moved["f.options.0.text.en"] == fields["f.options.1.text.en"]
    assert moved["f.minutes"] == ["7"]
    assert 'role="status">Moved to place 1 of' in page.text
    with services(held).db.read() as connection:
        drafts = connection.execute(desk.drafts.select()).mappings().all()
    assert [data_of(draft["yaml"])["minutes"] for draft in drafts] == [7]


def test_form_can_be_linked_to(held: TestClient) -> None:
    fields = sent_by(held.get(f"{AT}/edit?show=form").text)
    assert fields["f.id"] == [QUESTION]


def test_fields_are_kept_and_checked_as_one_types(held: TestClient) -> None:
    fields = as_form(held) | {"f.minutes": ["soon"]}
    assert held.put(f"{AT}/draft", data=fields).status_code == 200
    assert data_of(sent_by(held.get(f"{AT}/edit").text)["yaml"][0])["minutes"] == "soon"
    checked = held.post(f"{AT}/check", data=fields, headers={"accept": "application/json"})
    assert "not a number" in checked.json()["findings"][0]["message"]


def test_refused_save_shows_the_form_again_with_the_fault_at_its_field(held: TestClient) -> None:
    fields = as_form(held) | {"f.minutes": ["soon"], "action": ["ready"]}
    page = held.post(f"{AT}/edit", data=fields)
    assert page.status_code == 422
    assert sent_by(page.text)["f.minutes"] == ["soon"]
    assert 'id="f-minutes-error"' in page.text
    assert newest(held).number == 1


def test_text_that_can_not_be_read_stays_as_yaml_and_says_so(held: TestClient) -> None:
    sent = {"yaml": "id: [\n", "base_number": "1", "show": "form"}
    page = held.post(f"{AT}/edit", data=sent)
    assert "it has no form" in page.text
    assert sent_by(page.text)["yaml"][0].startswith("id: [")


def test_yaml_field_that_can_not_be_read_is_refused_and_nothing_is_saved(held: TestClient) -> None:
    fields = as_form(held) | {"f.figure": ["a: ["], "action": ["draft"]}
    assert held.post(f"{AT}/edit", data=fields).status_code == 422
    assert newest(held).number == 1
