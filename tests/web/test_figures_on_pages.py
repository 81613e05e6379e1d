"""A figure stands with its question, another with the answer, and programs and decks get at least its words."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.bank.catalog import Bank
from app.bank.loader import load_bank
from app.bank.present import present, reveal
from app.interop.anki_card import back_html, front_html
from app.main import create_app
from app.settings import Settings

EVERY_KIND = (Path(__file__).parent.parent / "bank" / "every-kind.yaml").read_text(encoding="utf-8")
FIGURE = """\
  {field}:
    alt: {{en: "{en} & more", zh: "{zh}"}}
    panels:
    - kind: plot
      x: {{range: [0, 1]}}
      y: {{range: [0, 1]}}
      curves: [{{label: {{en: line, zh: 直线}}, points: [[0, 0], [1, 0.875]]}}]
"""
BOTH = FIGURE.format(field="figure", en="Before", zh="答前") + FIGURE.format(
    field="answer_figure", en="After", zh="答后"
)
KINDS = ("flashcard", "single-choice", "multi-choice", "numeric", "cloze", "ordering", "matching", "open")
ANSWERS: dict[str, dict[str, object]] = {
    "single-choice": {"choice": "A"}, "multi-choice": {"choices": ["A"]}, "numeric": {"value": "1"},
    "ordering": {"order": ["A", "B", "C"]}, "open": {"text": "x"}, "flashcard": {}, "cloze": {}, "matching": {},
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A bank whose every question but the code ones has both figures."""
    root = tmp_path / "questions"
    (root / "cnn").mkdir(parents=True)
    topics = "areas: [{id: cnn, title: {en: CNN, zh: 卷积}}]\ntopics:\n" + "".join(
        f"- {{id: {name}, area: cnn, title: {{en: {name}, zh: 池化}}, kinds: [flashcard], facts: {{f1: a, f2: b}}}}\n"
        for name in ("conv", "pooling")
    )
    (root / "topics.yaml").write_text(topics, encoding="utf-8")
    errata = "- {id: e001, says: a, right: b, source: c, severity: wrong, topics: [pooling]}\n"
    (root / "errata.yaml").write_text(errata, encoding="utf-8")
    text = re.sub(r"^(  kind: (?!code).*\n)", rf"\1{BOTH}", EVERY_KIND, flags=re.M)
    (root / "cnn" / "pooling.yaml").write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def bank(folder: Path) -> Bank:
    made, findings = load_bank(folder, None)
    assert [str(finding) for finding in findings] == []
    return made


@pytest.fixture
def drawn(settings: Settings, folder: Path) -> TestClient:
    app = create_app(replace(settings, questions_dir=folder))
    return TestClient(app, base_url="http://127.0.0.1:8000")


def titles(html: str) -> list[str]:
    return re.findall(r'<svg[^>]* role="img"[^>]*><title>([^<]*)</title>', html)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("lang", "before", "after"),
    [("en", "Before &amp; more", "After &amp; more"), ("zh", "答前", "答后")],
)
def test_each_figure_stands_on_its_side(drawn: TestClient, kind: str, lang: str, before: str, after: str) -> None:
    with drawn as client:
        client.headers["accept-language"] = lang
        asked = client.get(f"/q/every-{kind}")
        assert titles(asked.text) == [before]
        seed = re.search(r'name="seed" value="(\d+)"', asked.text)
        assert seed
        filled = dict.fromkeys(re.findall(r'name="((?:blank|pair)-\w+)"', asked.text), "A")
        answer = {"seed": seed[1], "shown_ms": "9"} | filled | ANSWERS[kind]
        answered = client.post(f"/q/every-{kind}/answer", data=answer)
        assert titles(answered.text) == [before, after]
        assert "0.875" in answered.text, "the numbers behind it"


def test_programs_get_the_figure_of_the_question_and_not_the_answers(drawn: TestClient) -> None:
    with drawn as client:
        shown = client.get("/api/questions/every-flashcard").json()
    assert shown["figure"]["alt"] == "Before & more"
    assert titles(shown["figure"]["html"]) == ["Before &amp; more"]
    assert "After" not in str(shown)


@pytest.mark.parametrize("kind", KINDS)
def test_a_deck_tells_figures_in_words(bank: Bank, kind: str) -> None:
    entry = bank.questions[f"every-{kind}"]
    question = present(entry, "en", 0)
    front, back = front_html(question), back_html(question, reveal(entry, "en", 0))
    assert "<svg" not in front + back
    assert "Before &amp; more" in front
    assert "After" not in front
    assert "After &amp; more" in back


def test_a_change_of_the_answers_figure_keeps_the_memory(folder: Path, bank: Bank) -> None:
    path = folder / "cnn" / "pooling.yaml"
    text = path.read_text(encoding="utf-8")
    meaning = {name: entry.meaning_hash for name, entry in bank.questions.items()}
    path.write_text(text.replace("After &", "Afterwards &"), encoding="utf-8")
    assert {name: entry.meaning_hash for name, entry in load_bank(folder, None)[0].questions.items()} == meaning
    path.write_text(text.replace("Before &", "Ahead &"), encoding="utf-8")
    changed = load_bank(folder, None)[0]
    assert all(
        (entry.meaning_hash == meaning[name]) == (entry.question.kind == "code")
        for name, entry in changed.questions.items()
    )
