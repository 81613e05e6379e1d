"""New questions begin as drafts of one's own, from an example that the gate refuses, or from another question."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from keepers import log_in, revised, school, services

from app.authoring import revisions
from app.authoring.single import laid_out, read_single
from app.authoring.starters import left_over, starter
from app.bank.checks import static_findings
from app.bank.schema import KINDS, Kind
from app.settings import Settings


@pytest.fixture
def held(settings: Settings, clock: Any) -> Iterator[TestClient]:
    with school(settings, clock) as made:
        revised(made, "nms-true-statements")
        log_in(made, "eve")
        yield made


@pytest.mark.parametrize("kind", KINDS)
def test_new_question_is_sound_but_its_texts_are_to_be_written(held: TestClient, kind: Kind) -> None:
    begun = held.post("/admin/questions/new", data={"question_id": "a-new-one", "kind": kind, "topic": "iou"})
    assert (begun.status_code, begun.headers["location"]) == (303, "/admin/questions/a-new-one/edit")
    assert "New, not saved yet" in held.get("/admin/questions/a-new-one/edit").text
    bank = services(held).bank
    with laid_out(starter(kind, "a-new-one"), bank.topics["iou"], bank) as single:
        assert single.entry is not None
        assert [*single.findings, *static_findings(single.entry)] == []
        assert list(left_over(single.entry))
    yaml = starter(kind, "a-new-one")
    refused = held.post("/admin/questions/a-new-one/edit", data={"yaml": yaml, "base_number": "", "action": "ready"})
    assert refused.status_code == 422
    assert "still the example" in refused.text
    kept = held.post("/admin/questions/a-new-one/edit", data={"yaml": yaml, "base_number": "", "action": "draft"})
    assert kept.status_code == 303
    with services(held).db.read() as connection:
        assert revisions.version(connection, "a-new-one", 1).status == "draft"
    assert "a-new-one" not in services(held).bank.questions


def test_published_questions_hold_no_word_of_the_examples(held: TestClient) -> None:
    bank = services(held).bank
    assert [name for name, entry in bank.questions.items() if list(left_over(entry))] == []


@pytest.mark.parametrize("name", ["", "Upper", "two--hyphens", "a/b", "<b>", "x" * 81, "nms-true-statements"])
def test_name_that_is_none_or_taken_is_refused(held: TestClient, name: str) -> None:
    refused = held.post("/admin/questions/new", data={"question_id": name, "kind": "open", "topic": "iou"})
    assert refused.status_code in (409, 422)
    assert "<b>" not in refused.text


def test_copy_has_the_text_under_another_name(held: TestClient) -> None:
    at = "/admin/questions/nms-true-statements/duplicate"
    assert held.get(at).status_code == 200
    assert held.post(at, data={"question_id": "nms-again"}).status_code == 303
    page = held.get("/admin/questions/nms-again/edit?show=yaml").text
    assert "id: nms-again" in page
    assert "id: nms-true-statements" not in page


def test_only_editors_begin_questions_and_only_admins_topics(held: TestClient) -> None:
    topic = {"id": "nms", "area": "detection", "title_en": "x", "title_zh": "x", "facts": ""}  # taken, so never written
    for name, question, add in ((None, 303, 303), ("ada", 403, 403), ("eve", 200, 403), ("root", 200, 409)):
        log_in(held, name)
        assert held.get("/admin/questions/new").status_code == question
        assert held.post("/admin/topics/new", data=topic | {"id": "iou"}).status_code == add


def test_new_topic_stands_at_the_end_of_the_map_and_takes_questions(settings: Settings, clock: Any) -> None:
    folder = settings.data_dir / "bank"
    shutil.copytree(settings.questions_dir, folder)
    before = (folder / "topics.yaml").read_text(encoding="utf-8")
    with school(replace(settings, questions_dir=folder), clock) as made:
        log_in(made, "root")
        form = {
            "id": "new-topic",
            "area": "detection",
            "title_en": 'A "new" one',
            "title_zh": "新主题",
            "facts": "One: $x$\n\nTwo",
        }
        added = made.post("/admin/topics/new", data=form)
        assert added.headers["location"] == "/admin/questions/new?topic=new-topic", added.text
        after = (folder / "topics.yaml").read_text(encoding="utf-8")
        assert after.startswith(before.rstrip("\n"))
        topic = services(made).bank.topics["new-topic"]
        assert (topic.title.en, topic.facts) == ('A "new" one', {"f1": "One: $x$", "f2": "Two"})
        broken = made.post("/admin/topics/new", data=form | {"id": "other", "title_en": ""})
        assert broken.status_code == 422
        assert (folder / "topics.yaml").read_text(encoding="utf-8") == after
        begun = made.post("/admin/questions/new", data={"question_id": "a-1", "kind": "open", "topic": "new-topic"})
        assert begun.status_code == 303
        bank = services(made).bank
        assert read_single(starter("open", "a-1"), topic, bank).entry is not None
