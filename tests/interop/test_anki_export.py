import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.bank.catalog import Bank, Entry
from app.bank.loader import load_bank
from app.bank.present import present, reveal
from app.bank.schema import KINDS, Lang
from app.interop.anki_card import back_html, front_html
from app.interop.anki_export import export_anki

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
QUESTIONS = Path(__file__).parents[2] / "questions"
VOID = {"br", "hr"}


@pytest.fixture(scope="module")
def bank() -> Bank:
    loaded, _ = load_bank(QUESTIONS, None)
    return loaded


@pytest.fixture(scope="module")
def one_of_each(bank: Bank) -> dict[str, Entry]:
    return {entry.question.kind: entry for entry in bank.published}


@contextmanager
def collection(deck: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with zipfile.ZipFile(deck) as archive:
        assert set(archive.namelist()) == {"collection.anki2", "media"}
        path = Path(archive.extract("collection.anki2", tmp_path))
    with closing(sqlite3.connect(path)) as connection:
        yield connection


class Nesting(HTMLParser):
    """Fails where a tag is closed that is not open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_every_kind_is_in_the_bank_that_these_tests_read(one_of_each: dict[str, Entry]) -> None:
    assert set(one_of_each) == set(KINDS)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_question_becomes_one_note_in_its_topics_deck(bank: Bank, tmp_path: Path, lang: Lang) -> None:
    deck = tmp_path / "bank.apkg"
    assert export_anki(bank.published, deck, lang, NOW) == len(bank.published)
    with collection(deck, tmp_path) as connection:
        decks = {
            int(key): it["name"]
            for key, it in json.loads(connection.execute("SELECT decks FROM col").fetchone()[0]).items()
        }
        rows = connection.execute("SELECT n.flds, n.tags, c.did FROM notes n JOIN cards c ON c.nid = n.id").fetchall()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert len(rows) == len(bank.published)
    for fields, tags, deck_id in rows:
        name, front, back = fields.split("\x1f")
        entry = bank.questions[name.removesuffix(f" ({lang})")]
        assert decks[deck_id] == f"Whetstone::{entry.area.title.in_(lang)}::{entry.topic.title.in_(lang)}"
        assert front == front_html(present(entry, lang, 0))
        assert back == back_html(present(entry, lang, 0), reveal(entry, lang, 0))
        assert {entry.area.id, entry.topic.id, entry.question.kind} <= set(tags.split())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_both_sides_are_well_formed_html(bank: Bank, lang: Lang) -> None:
    for entry in bank.published:
        question = present(entry, lang, 0)
        for side in (front_html(question), back_html(question, reveal(entry, lang, 0))):
            nesting = Nesting()
            nesting.feed(side)
            nesting.close()
            assert nesting.open == []


def test_the_same_question_keeps_its_identity_from_export_to_export(bank: Bank, tmp_path: Path) -> None:
    identities = []
    for number, (lang, now) in enumerate([("en", NOW), ("en", NOW.replace(year=2027)), ("zh", NOW)]):
        folder = tmp_path / str(number)
        folder.mkdir()
        export_anki(bank.published, folder / "bank.apkg", lang, now)
        with collection(folder / "bank.apkg", folder) as connection:
            identities.append(connection.execute("SELECT guid, flds, mod FROM notes ORDER BY guid").fetchall())
    first, later, chinese = identities
    assert [row[:2] for row in first] == [row[:2] for row in later]
    assert first[0][2] < later[0][2]  # Anki takes the newer of two notes with one identity
    assert not {row[0] for row in first} & {row[0] for row in chinese}


def test_math_stays_mathml(bank: Bank) -> None:
    sides = [front_html(present(entry, "en", 0)) for entry in bank.published]
    assert any("<math" in side for side in sides)


def test_the_front_gives_no_answer_away(one_of_each: dict[str, Entry]) -> None:
    for kind in ("single-choice", "multi-choice", "ordering", "matching", "cloze", "code"):
        entry = one_of_each[kind]
        front, answer = front_html(present(entry, "en", 0)), reveal(entry, "en", 0)
        assert "✓" not in front
        told = [it.why_html for it in (*answer.options, *answer.order, *answer.pairs, *answer.blanks)]
        assert not [why for why in told if why in front]
        assert not re.search(r"\[\[\w+\]\]", front)


def test_the_back_of_a_choice_names_what_is_right_and_why(one_of_each: dict[str, Entry]) -> None:
    entry = one_of_each["multi-choice"]
    answer = reveal(entry, "en", 0)
    back = back_html(present(entry, "en", 0), answer)
    assert f'<p class="right">{", ".join(it.key for it in answer.options if it.correct)}</p>' in back
    assert all(it.why_html in back for it in answer.options)


def test_the_back_of_a_cloze_is_the_prompt_filled(one_of_each: dict[str, Entry]) -> None:
    entry = one_of_each["cloze"]
    answer = reveal(entry, "zh", 0)
    back = back_html(present(entry, "zh", 0), answer)
    assert back.count('<span class="blank">') == len(answer.blanks)
    assert "＿＿" not in back


def test_code_is_shown_as_text_never_as_html(one_of_each: dict[str, Entry]) -> None:
    for entry in one_of_each.values():
        answer = reveal(entry, "en", 0).model_copy(update={"reference": "if a < b and b > '<b>':\n    pass"})
        assert "<pre><code>if a &lt; b and b &gt; &#x27;&lt;b&gt;&#x27;:\n    pass</code></pre>" in back_html(
            present(entry, "en", 0), answer
        )


def test_an_empty_choice_writes_an_empty_deck(tmp_path: Path) -> None:
    assert export_anki([], tmp_path / "none.apkg", "en", NOW) == 0
    with collection(tmp_path / "none.apkg", tmp_path) as connection:
        assert connection.execute("SELECT count(*) FROM notes").fetchone() == (0,)
