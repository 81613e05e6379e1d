import json
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import genanki
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.bank.loader import load_bank, load_file
from app.bank.markup import to_html, to_text
from app.interop import anki_import
from app.interop.anki_export import export_anki
from app.interop.anki_import import UnreadableDeckError, import_anki
from app.interop.anki_text import NotTextError, to_markdown

BASIC = genanki.BASIC_MODEL
QUESTIONS = Path(__file__).parents[2] / "questions"


def deck_of(path: Path, *notes: genanki.Note) -> Path:
    deck = genanki.Deck(1_500_000_000, "A deck")
    for note in notes:
        deck.add_note(note)
    with mock.patch.object(tempfile, "tempdir", str(path.parent)):  # genanki leaves its temporary database behind
        deck.write_to_file(path)
    return path


def note(front: str, back: str, guid: str | None = None) -> genanki.Note:
    return genanki.Note(model=BASIC, fields=[front, back], guid=guid or front)


def basic(path: Path, front: str = "What is IoU?", back: str = "Overlap over union.") -> Path:
    return deck_of(path, note(front, back))


def archive_with(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return path


def collection(tmp_path: Path, script: str) -> bytes:
    path = tmp_path / "made.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path.read_bytes()


def test_basic_notes_become_draft_flashcards_in_both_languages(tmp_path: Path) -> None:
    imported = import_anki(basic(tmp_path / "a.apkg"), "iou")
    (draft,) = imported.drafts
    assert imported.errors == ()
    assert draft["kind"] == "flashcard"
    assert draft["status"] == "draft"
    assert draft["prompt"] == {"en": "What is IoU?", "zh": "What is IoU?"}
    assert draft["answer"] == {"en": "Overlap over union.", "zh": "Overlap over union."}


def test_the_yaml_is_a_topic_file_that_the_loader_takes(tmp_path: Path) -> None:
    deck = deck_of(
        tmp_path / "a.apkg",
        note("A: b # c?<br>next 'line'", r"\(a &lt; b\) &amp; [[not a blank]] @{x} $5 *star*<pre>x = [1]\n</pre>"),
        note("交并比是什么？", "yes"),
        note("<div>- not a list</div>", "2. not one\teither"),
    )
    imported = import_anki(deck, "iou")
    path = tmp_path / "iou.yaml"
    path.write_text(imported.as_yaml(), encoding="utf-8")
    loaded = load_file(path)
    assert [str(it) for it in loaded.findings] == []
    assert len(loaded.questions) == 3
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["questions"] == list(imported.drafts)


def test_importing_again_gives_the_same_ids(tmp_path: Path) -> None:
    first = import_anki(basic(tmp_path / "a.apkg"), "iou")
    again = import_anki(deck_of(tmp_path / "b.apkg", note("Changed", "text", guid="What is IoU?")), "iou")
    assert first.drafts[0]["id"] == again.drafts[0]["id"]


def test_long_topics_leave_room_for_the_id(tmp_path: Path) -> None:
    topic = "-".join(["word"] * 15)
    assert import_anki(basic(tmp_path / "a.apkg"), topic).errors == ()


def test_reversed_and_typed_notes_are_imported_once(tmp_path: Path) -> None:
    deck = deck_of(
        tmp_path / "a.apkg",
        genanki.Note(model=genanki.BASIC_AND_REVERSED_CARD_MODEL, fields=["front", "back"]),
        genanki.Note(model=genanki.BASIC_TYPE_IN_THE_ANSWER_MODEL, fields=["typed front", "typed back"]),
    )
    drafts = import_anki(deck, "iou").drafts
    assert [(it["prompt"]["en"], it["answer"]["en"]) for it in drafts] == [
        ("front", "back"),
        ("typed front", "typed back"),
    ]


def test_notes_that_can_not_be_carried_are_left_out_with_the_reason(tmp_path: Path) -> None:
    deck = deck_of(
        tmp_path / "a.apkg",
        note("fine", "fine"),
        note("", "no question", guid="1"),
        note("no answer", "<div><br></div>"),
        note("picture", '<img src="../../etc/passwd">'),
        note("sound", "[sound:a.mp3]"),
        note("long", "x" * 9_000),
        note("longer", "x" * 200_000),
        genanki.Note(model=genanki.CLOZE_MODEL, fields=["{{c1::hidden}}", ""]),
    )
    imported = import_anki(deck, "iou")
    assert len(imported.drafts) == 1
    reasons = [it.message for it in imported.errors]
    expected = ["question is empty", "answer is empty", "<img>", "sound", "answer.en", "too long", "cloze"]
    assert len(reasons) == len(expected)
    assert all(part in reason for part, reason in zip(expected, reasons, strict=True))
    assert "('no answer')" in str(imported.errors[1]).replace(" ')", "')")


def test_a_decks_own_export_comes_back_where_it_has_no_math(tmp_path: Path) -> None:
    bank, _ = load_bank(QUESTIONS, None)
    export_anki(bank.published, tmp_path / "own.apkg", "en", datetime(2026, 3, 10, tzinfo=UTC))
    imported = import_anki(tmp_path / "own.apkg", "iou")
    assert len(imported.drafts) + len(imported.errors) == len(bank.published)
    assert imported.drafts
    assert all("<math>" in it.message or "string_too_long" in it.message for it in imported.errors)


def test_the_newest_format_says_how_to_export(tmp_path: Path) -> None:
    deck = archive_with(tmp_path / "a.apkg", collection__anki21b=b"zstd", collection__anki2=b"stub")
    with pytest.raises(UnreadableDeckError, match="Support older Anki versions"):
        import_anki(deck, "iou")


def test_of_two_collections_the_newer_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(basic(tmp_path / "a.apkg")) as archive:
        real = archive.read("collection.anki2")
    deck = archive_with(tmp_path / "b.apkg", collection__anki2=b"stub: please update", collection__anki21=real)
    assert len(import_anki(deck, "iou").drafts) == 1


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 torn"])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.apkg"
    path.write_bytes(content)
    with pytest.raises(UnreadableDeckError, match=r"no \.apkg file"):
        import_anki(path, "iou")


def test_a_damaged_or_strange_archive_is_refused(tmp_path: Path) -> None:
    deck = basic(tmp_path / "a.apkg")
    with zipfile.ZipFile(deck) as archive:
        real = archive.read("collection.anki2")
    packed = archive_with(tmp_path / "b.apkg", collection__anki2=real).read_bytes()
    (tmp_path / "c.apkg").write_bytes(packed[:100] + bytes(200) + packed[300:])
    with zipfile.ZipFile(tmp_path / "d.apkg", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("collection.anki2", real)
    for name in ("c.apkg", "d.apkg"):
        with pytest.raises(UnreadableDeckError, match=r"no \.apkg file"):
            import_anki(tmp_path / name, "iou")


def test_an_archive_without_collection_is_refused(tmp_path: Path) -> None:
    deck = archive_with(tmp_path / "a.apkg", media=b"{}")
    with pytest.raises(UnreadableDeckError, match="no Anki collection"):
        import_anki(deck, "iou")


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE other (x)",
        "CREATE TABLE notes (x); CREATE TABLE col (models); INSERT INTO col VALUES ('{}')",
        "CREATE TABLE notes (id, guid, mid, flds); CREATE TABLE col (models)",
        "CREATE TABLE notes (id, guid, mid, flds); CREATE TABLE col (models); INSERT INTO col VALUES ('[1]')",
        "CREATE TABLE notes (id, guid, mid, flds); CREATE TABLE col (models); INSERT INTO col VALUES ('{\"1\": {}}')",
        "CREATE TABLE notes (id, guid, mid, flds); CREATE TABLE col (models); INSERT INTO col VALUES ('{\"x\": {}}')",
        "CREATE TABLE notes (id, guid, mid, flds); CREATE TABLE col (models); INSERT INTO col VALUES (x'ff')",
        "CREATE TABLE notes (id, guid, mid, flds); CREATE TABLE col (models); INSERT INTO col VALUES ('{}');"
        "INSERT INTO notes VALUES ('x', 'y', 'z', NULL)",
        "CREATE TABLE col (models); CREATE VIEW notes AS WITH RECURSIVE n(x) AS "
        "(SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x AS id, '' AS guid, 1 AS mid, '' AS flds FROM n",
    ],
)
def test_a_collection_of_another_shape_is_refused(tmp_path: Path, script: str) -> None:
    deck = archive_with(tmp_path / "a.apkg", collection__anki2=collection(tmp_path, script))
    with pytest.raises(UnreadableDeckError, match="damaged or no Anki collection"):
        import_anki(deck, "iou")


def test_a_torn_database_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(basic(tmp_path / "a.apkg")) as archive:
        real = archive.read("collection.anki2")
    for torn in (real[: len(real) // 2], real[:100] + b"\0" * 4000 + real[4100:], b"SQLite format 3\0"):
        deck = archive_with(tmp_path / "b.apkg", collection__anki2=torn)
        with pytest.raises(UnreadableDeckError):
            import_anki(deck, "iou")


def test_a_bomb_is_stopped_while_it_unpacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anki_import, "MAX_DATABASE_BYTES", 2**20)
    deck = archive_with(tmp_path / "a.apkg", collection__anki2=b"\0" * (3 * 2**20))
    with pytest.raises(UnreadableDeckError, match="larger than 1 MiB"):
        import_anki(deck, "iou")


def test_too_many_notes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(anki_import, "MAX_NOTES", 1)
    with pytest.raises(UnreadableDeckError, match="more than 1 notes"):
        import_anki(deck_of(tmp_path / "a.apkg", note("a", "b"), note("c", "d")), "iou")


def test_reading_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deck = basic(tmp_path / "a.apkg")
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    import_anki(deck, "iou")
    archive_with(deck, collection__anki2=b"broken")
    with pytest.raises(UnreadableDeckError):
        import_anki(deck, "iou")
    assert list(scratch.iterdir()) == []


def test_note_types_without_the_first_fields_are_read_by_their_templates(tmp_path: Path) -> None:
    model = genanki.Model(
        1_600_000_000,
        "Odd",
        fields=[{"name": "Id"}, {"name": "Note"}, {"name": "Question"}, {"name": "Answer"}],
        templates=[
            {
                "name": "Card",
                "qfmt": "{{#Question}}{{text:Question}}{{/Question}} {{Tags}}",
                "afmt": "{{FrontSide}}<hr>{{Answer}}<br>{{ Note }}",
            }
        ],
    )
    deck = deck_of(tmp_path / "a.apkg", genanki.Note(model=model, fields=["7", "remark", "asks", "tells"]))
    (draft,) = import_anki(deck, "iou").drafts
    assert draft["prompt"]["en"] == "asks"
    assert draft["answer"]["en"] == "tells\n\nremark"
    assert json.dumps(draft["sources"]).count("Odd") == 1


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("plain", "plain"),
        ("one<br>two", "one\n\ntwo"),
        ("<div>one</div><div>two</div>", "one\n\ntwo"),
        ("<b>bold</b> and <i>sloped </i>", "bold and sloped"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<code>a*b</code>", "`a*b`"),
        ("<code>a`b</code>", "`` a`b ``"),
        ("<pre>if x:<br>    y &lt; z</pre>", "```\nif x:\n    y < z\n```"),
        ("<pre><code>a ``` b</code></pre>", "````\na ``` b\n````"),
        (r"\(\frac{a}{b}\) and \[x_1\]", r"$\frac{a}{b}$ and $$x_1$$"),
        ("[$]x^2[/$] [$$]y[/$$]", "$x^2$ $$y$$"),
        ("<anki-mathjax>a_1</anki-mathjax>", "$a_1$"),
        ("a_b*c $5 [x]", r"a\_b\*c \$5 \[x\]"),
        ("AT&amp;T &amp;lt; &nbsp;x", r"AT&T \&lt; x"),
        ("# no heading", r"\# no heading"),
        ("1. no list", r"1\. no list"),
        ("<style>.x{}</style><script>alert(1)</script>text", "text"),
        ("<b>open", "open"),
        ("<code>open", "`open`"),
    ],
)
def test_field_html_becomes_markdown(html: str, markdown: str) -> None:
    assert to_markdown(html) == markdown


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60))
def test_plain_text_reads_the_same_after_import(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    try:
        shown = to_text(to_markdown(escaped))
    except NotTextError:
        return
    if "\\(" not in text and "\\[" not in text and "[$" not in text:
        assert shown == " ".join(text.split())


@given(st.text(max_size=200))
def test_any_field_is_read_or_refused_and_never_becomes_markup(field: str) -> None:
    try:
        assert "<script" not in to_html(to_markdown(field))
    except NotTextError:
        return
