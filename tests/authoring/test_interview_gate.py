"""The gate of blueprints: faults at their place, and sections that the bank cannot fill."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from app.authoring.interviews import Undrawable, interview_findings, require_drawable, taken_away
from app.bank.blueprints import blueprint_files
from app.bank.catalog import Bank, Entry
from app.bank.loader import load_bank
from app.bank.schema import Status
from app.bank.schema.blueprint import Blueprint
from app.settings import ROOT

SOUND = """id: short
title: {en: Short, zh: 短}
summary: {en: Short., zh: 短。}
minutes: 10
sections:
- title: {en: Quick, zh: 快}
  minutes: 10
  count: 4
  kinds: [single-choice]
  topics: {detection: 1}
  difficulty: {2: 2, 3: 2}
"""


@pytest.fixture(scope="module")
def bank() -> Bank:
    return load_bank(ROOT / "questions", None)[0]


def told(tmp_path: Path, bank: Bank, text: str, name: str = "short") -> list[str]:
    (tmp_path / "interviews").mkdir()
    (tmp_path / "interviews" / f"{name}.yaml").write_text(text)
    return [
        str(finding).rpartition("interviews/")[2]
        for finding in interview_findings(tmp_path, bank, blueprint_files(tmp_path))
    ]


def test_sound_blueprint_is_content(tmp_path: Path, bank: Bank) -> None:
    assert told(tmp_path, bank, SOUND) == []


def test_own_blueprints_are_content(bank: Bank) -> None:
    assert list(interview_findings(ROOT / "questions", bank, blueprint_files(ROOT / "questions"))) == []


@pytest.mark.parametrize(
    ("before", "after", "place", "said"),
    [
        ("count: 4", "count: 5", "short.yaml:6:", "'difficulty' names 4 questions, 'count' 5"),
        ("detection: 1", "detektion: 1", "short.yaml:10:", "did you mean 'detection'?"),
        ("detection: 1", "detection: 1, iou: 1", "short.yaml:10:", "'iou' lies in the area 'detection'"),
        ("minutes: 10\nsections", "minutes: 11\nsections", "short.yaml:1:", "the sections have 10 minutes together"),
        ("minutes: 10\nsections", "minutes: 9\nsections", "short.yaml:1:", "a section has 10 minutes, the whole 9"),
        ("  count: 4", "  count: 4\n  answer: 4", "short.yaml:6:", "'answer' is 4 of 4"),
        ("id: short", "id: other", "short.yaml:1:", "'id' is 'other' in a file named short.yaml"),
        ("kinds: [single-choice]", "kinds: [flashcard]", "short.yaml:9:", "flashcard"),
        ("title: {en: Quick, zh: 快}", "title: {en: Quick}", "short.yaml:6:", "zh"),
        ("  difficulty", "  colour: red\n  difficulty", "short.yaml:11:", "colour"),
        ("difficulty: {2: 2, 3: 2}", "levels: [2]\n  difficulty: {2: 2, 3: 2}", "short.yaml:6:", "two ways"),
    ],
)
def test_fault_is_told_at_its_place(tmp_path: Path, bank: Bank, before: str, after: str, place: str, said: str) -> None:
    assert before in SOUND
    findings = told(tmp_path, bank, SOUND.replace(before, after))
    assert any(finding.startswith(place) and said in finding for finding in findings), findings


def test_section_that_cannot_be_filled_is_named(tmp_path: Path, bank: Bank) -> None:
    many = SOUND.replace("count: 4", "count: 40").replace("{2: 2, 3: 2}", "{2: 20, 5: 20}")
    findings = told(tmp_path, bank, many)
    assert len(findings) == 1
    assert "section 1 (Quick): the bank cannot fill it" in findings[0]


def test_question_longer_than_its_share_is_not_asked(tmp_path: Path, bank: Bank) -> None:
    hasty = SOUND.replace("minutes: 10", "minutes: 0.5")
    assert "0 questions fit" in told(tmp_path, bank, hasty)[0]


def test_blueprints_that_were_not_asked_for_are_left_alone(tmp_path: Path, bank: Bank) -> None:
    assert told(tmp_path, bank, SOUND.replace("id: short", "id: other"))
    assert list(interview_findings(tmp_path, bank, [])) == []


def offered(bank: Bank) -> tuple[Blueprint, list[Entry]]:
    """A blueprint that asks two of a topic, and the three questions that it can ask."""
    text = SOUND.replace("count: 4", "count: 2").replace("difficulty: {2: 2, 3: 2}", "levels: [2, 3]")
    blueprint = Blueprint.model_validate_json(json.dumps(yaml.safe_load(text.replace("detection", "relu-family"))))
    return blueprint, [
        it for it in bank.of_topic("relu-family") if it.is_published and it.question.kind == "single-choice"
    ]


def with_(entry: Entry, **fields: object) -> Entry:
    return replace(entry, question=entry.question.model_copy(update=fields))


def test_change_that_takes_an_interview_away_is_refused_by_its_name(bank: Bank) -> None:
    blueprint, found = offered(bank)
    gone = {it.question.id: with_(it, status=Status.retired) for it in found}
    assert taken_away([blueprint], bank, gone) == (blueprint,)
    assert taken_away([blueprint], bank, dict.fromkeys(gone)) == (blueprint,)
    with pytest.raises(Undrawable, match="short"):
        require_drawable([blueprint], bank, gone)


@pytest.mark.parametrize(
    "fields", [{"difficulty": 5}, {"minutes": 60.0}, {"covers": ("f1",)}], ids=["level", "minutes", "facts"]
)
def test_change_of_what_a_draw_looks_at_can_take_it_away_too(bank: Bank, fields: dict[str, object]) -> None:
    blueprint, found = offered(bank)
    assert taken_away([blueprint], bank, {it.question.id: with_(it, **fields) for it in found}) == (blueprint,)


def test_move_to_another_topic_can_take_it_away_too(bank: Bank) -> None:
    blueprint, found = offered(bank)
    moved = {it.question.id: replace(it, topic=bank.topics["nms"]) for it in found}
    assert taken_away([blueprint], bank, moved) == (blueprint,)


def test_change_that_leaves_enough_or_bears_on_no_draw_is_not(bank: Bank) -> None:
    blueprint, found = offered(bank)
    one = found[0]
    assert taken_away([blueprint], bank, {one.question.id: None}) == ()
    assert taken_away([blueprint], bank, {one.question.id: with_(one, tags=("x",))}) == ()
    assert taken_away([blueprint], bank, {"unknown": None}) == ()


def test_interview_that_could_not_be_drawn_before_is_not_the_change_s_doing(bank: Bank) -> None:
    blueprint, found = offered(bank)
    already = bank.with_changes(dict.fromkeys(it.question.id for it in found[1:]))
    assert taken_away([blueprint], already, {found[0].question.id: None}) == ()
