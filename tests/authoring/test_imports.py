"""Imports: what becomes a draft, what does not and why, with its row or line; nothing of either is lost."""

from __future__ import annotations

import pytest

from app.authoring.import_table import TableKind, as_csv, decoded, from_table, guessed, table
from app.authoring.imports import Candidate, fresh_id, from_yaml
from app.bank.catalog import Bank
from app.bank.loader import load_bank
from app.errors import Invalid
from app.settings import ROOT

CARD = """\
# why this card
id: fresh-card
kind: flashcard
difficulty: 2
minutes: 1
prompt: {en: Why anchors?, zh: 锚框为何}  # short
answer: {en: a, zh: 甲}
sources: [A book]
"""


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return load_bank(ROOT / "questions", tmp_path_factory.mktemp("cache"))[0]


def item(text: str) -> str:
    return "- " + text.replace("\n", "\n  ").rstrip() + "\n"


def rows(text: str, kind: TableKind, bank: Bank) -> list[Candidate]:
    found = table(text)
    return from_table(found, kind, guessed(found.header, kind), "iou", bank, set())


def test_single_question_keeps_its_text_to_the_letter(bank: Bank) -> None:
    (made,) = from_yaml(CARD, "iou", bank, set())
    assert (made.faults, made.question_id, made.topic_id, made.yaml) == ((), "fresh-card", "iou", CARD)
    assert made.hash


def test_list_and_topic_file_give_each_question_with_its_line(bank: Bank) -> None:
    card = CARD.removeprefix("# why this card\n")
    both = item(card) + "\n" + item(card.replace("fresh-card", "second"))
    listed = from_yaml(both, "iou", bank, set())
    assert [(it.question_id, it.place, it.faults) for it in listed] == [("fresh-card", 1, ()), ("second", 9, ())]
    whole = from_yaml("topic: nms\nquestions:\n" + both, "iou", bank, set())
    assert [(it.question_id, it.topic_id, it.place) for it in whole] == [
        ("fresh-card", "nms", 3),
        ("second", "nms", 11),
    ]


def test_fault_names_its_line_and_the_others_stay_sound(bank: Bank) -> None:
    card = CARD.removeprefix("# why this card\n")
    bad = card.replace("fresh-card", "bad").replace("difficulty: 2", "difficulty: 9")
    made = from_yaml(item(card) + item(bad), "iou", bank, set())
    assert made[0].faults == ()
    assert [fault.partition(": ")[0] for fault in made[1].faults] == ["line 10"]
    assert "difficulty" in made[1].faults[0]


def test_id_that_somebody_has_is_refused_and_a_missing_one_is_made(bank: Bank) -> None:
    (made,) = from_yaml(CARD, "iou", bank, {"fresh-card"})
    assert made.faults == ("the id 'fresh-card' is taken",)
    (made,) = from_yaml(CARD.replace("id: fresh-card\n", ""), "iou", bank, set())
    assert (made.question_id, made.faults) == ("iou-why-anchors", ())
    assert made.yaml.startswith("id: iou-why-anchors\n")


def test_made_ids_differ_and_fit_whatever_the_text_is() -> None:
    used = {"iou-why"}
    assert fresh_id("iou", "Why?", used) == "iou-why-2"
    assert fresh_id("iou", "锚框", set()) != fresh_id("iou", "卷积", set())
    assert len(fresh_id("t" * 80, "x" * 500, set())) <= 80


@pytest.mark.parametrize("text", ["{", "- [", "a: &x 1\nb: *x\n", "!!python/object:os.system {}", "just words"])
def test_text_that_is_no_question_says_so(bank: Bank, text: str) -> None:
    made = from_yaml(text, "iou", bank, set())
    assert all(it.faults for it in made)


@pytest.mark.parametrize("text", ["", "  \n", "# only a comment\n"])
def test_nothing_to_import_is_refused(bank: Bank, text: str) -> None:
    with pytest.raises(Invalid, match="nothing to import"):
        from_yaml(text, "iou", bank, set())


def test_too_much_is_refused(bank: Bank) -> None:
    with pytest.raises(Invalid, match="At most 2000"):
        from_yaml("- a: 1\n" * 2001, "iou", bank, set())
    with pytest.raises(Invalid, match="2 MiB"):
        from_yaml("锚" * 700_000, "iou", bank, set())
    with pytest.raises(Invalid, match="At most 2000"):
        table("a\n" + "1\n" * 2001)


def test_cards_of_a_table_become_drafts_in_both_languages(bank: Bank) -> None:
    made = rows(
        "prompt,prompt-zh,answer,tags\nWhat is IoU?,什么是交并比？,Overlap,boxes;x\nOnly English?,,Yes,\n",
        "flashcard",
        bank,
    )
    assert [it.faults for it in made] == [(), ()]
    assert [it.place for it in made] == [2, 3]
    assert "zh: 什么是交并比？" in made[0].yaml
    assert "zh: Only English?" in made[1].yaml


@pytest.mark.parametrize("correct", ["b", "B", "2", "It is 1"])
def test_right_option_is_named_by_letter_number_or_text(bank: Bank, correct: str) -> None:
    header = "prompt,option a,option b,correct,why\n"
    (made,) = rows(header + f"IoU of equal boxes?,It is 0,It is 1,{correct},All overlaps\n", "single-choice", bank)
    assert made.faults == ()
    assert made.yaml.index("It is 1") < made.yaml.index("correct: true")
    assert made.yaml.index("It is 0") < made.yaml.index("It is 1")
    assert made.yaml.count("correct: true") == 1


def test_row_that_fails_says_why_and_keeps_its_cells(bank: Bank) -> None:
    header = "prompt,option a,option b,correct,why\n"
    (made,) = rows(header + "Which?,One,Two,Z,\n", "single-choice", bank)
    assert made.faults == ("'why' is empty", "'Z' names none of the options: write its letter, number or text")
    assert made.given == ("Which?", "One", "Two", "Z", "")


def test_row_with_a_difficulty_that_is_none_fails(bank: Bank) -> None:
    made = rows("prompt,answer,difficulty\na?,b,hard\nc?,d,9\n", "flashcard", bank)
    assert all("difficulty" in it.faults[0] for it in made)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(delimiter: str) -> None:
    assert table(delimiter.join("abc") + "\n" + delimiter.join("123") + "\n").rows == (("1", "2", "3"),)


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [("题目".encode(), "UTF-8"), ("题目".encode("utf-8-sig"), "UTF-8 (BOM)"), ("题目".encode("gb18030"), "GB18030")],
)
def test_encoding_is_found(raw: bytes, encoding: str) -> None:
    assert decoded(raw) == ("题目", encoding)


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00\x01", b"PK\x03\x04\x00\x00"])
def test_file_that_is_no_text_is_refused(raw: bytes) -> None:
    with pytest.raises(Invalid):
        decoded(raw)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_cell_is_never_a_formula(cell: str) -> None:
    assert f"'{cell}" in as_csv(["a"], [[cell]])
