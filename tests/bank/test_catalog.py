"""The bank in memory: finding questions, and what counts as the same question."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.bank.catalog import Bank
from app.bank.loader import load_bank


def ids(bank: Bank, text: str) -> list[str]:
    return [entry.question.id for entry in bank.search(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("every-flashcard", ["every-flashcard"]),
        ("single choice", ["every-single-choice"]),
        ("排序", ["every-ordering"]),
        ("配", ["every-matching"]),
        ("ＯＲＤＥＲ", ["every-ordering"]),
        ("warm-up", ["every-code"]),
        ("特征图 步幅", ["every-numeric"]),
        ("特征图 排序", []),
        ("", []),
        ("   ", []),
    ],
)
def test_search_finds_words_in_either_language(bank: Bank, text: str, found: list[str]) -> None:
    assert ids(bank, text) == found


def test_search_by_topic_finds_all_of_it(bank: Bank) -> None:
    assert len(ids(bank, "池化")) == len(ids(bank, "pooling layers")) == 9


def test_search_ranks_ids_before_titles_before_prompts(folder: Path) -> None:
    path = folder / "cnn" / "pooling.yaml"
    text = path.read_text(encoding="utf-8").replace("Explain.", "Explain the code and cloze.")
    path.write_text(text, encoding="utf-8")
    bank, _ = load_bank(folder, None)
    assert ids(bank, "code") == ["every-code", "every-open"]
    assert ids(bank, "cloze") == ["every-cloze", "every-open"]


def test_only_published_questions_are_found_and_listed(folder: Path) -> None:
    path = folder / "cnn" / "pooling.yaml"
    text = path.read_text(encoding="utf-8").replace("kind: open", "kind: open\n  status: draft")
    path.write_text(text, encoding="utf-8")
    bank, _ = load_bank(folder, None)
    assert "every-open" in bank.questions
    assert not bank.questions["every-open"].is_published
    assert "every-open" not in [entry.question.id for entry in bank.published]
    assert ids(bank, "every-open") == []
    assert len(bank.of_topic("pooling")) == 9
    assert bank.area("cnn").title.zh == "卷积基础"


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("SECRET slip @{m}", "another slip @{m}", {"every-numeric": "cosmetic"}),
        ("minutes: 10", "minutes: 12", {"every-code": "cosmetic"}),
        ("tags: [warm-up]", "tags: [numpy]", {"every-code": "cosmetic"}),
        (
            '{en: "Explain.", zh: "请解释。"}',
            "\n    en: >\n      Explain.\n    zh: 请解释。",
            {"every-open": "cosmetic"},
        ),
        ('en: "Order these."', 'en: "Order those."', {"every-ordering": "meaning"}),
        ("SECRET kernel size", "SECRET stride", {"every-flashcard": "meaning"}),
        ("range: [8, 64]", "range: [8, 65]", {"every-numeric": "meaning"}),
        ("tags: [warm-up]", "tags: [warm-up]\n  lib: numpy\n  status: published", {}),
    ],
)
def test_a_cosmetic_edit_keeps_the_meaning(folder: Path, old: str, new: str, changed: dict[str, str]) -> None:
    before, _ = load_bank(folder, None)
    path = folder / "cnn" / "pooling.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    after, findings = load_bank(folder, None)
    assert findings == []
    found = {}
    for name, entry in after.questions.items():
        if entry.hash != before.questions[name].hash:
            same = entry.meaning_hash == before.questions[name].meaning_hash
            found[name] = "cosmetic" if same else "meaning"
    assert found == changed
    assert (after.hash == before.hash) == (not changed)
