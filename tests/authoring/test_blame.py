"""What changed between two texts, and who brought each line of one."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.authoring.comparing import Hunk, blame, compare
from app.authoring.revisions import Version

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def version(number: int, yaml: str, author: str = "ada") -> Version:
    return Version("q", number, "iou", "draft", yaml, None, None, author, "browser", "", NOW, None)


def shown(hunks: list[Hunk], change: str) -> list[str]:
    lines = [line for hunk in hunks for line in hunk.lines if line.change == change]
    return ["".join(f"<{piece.text}>" if piece.marked else piece.text for piece in line.pieces) for line in lines]


def test_changed_word_is_marked_in_both_lines() -> None:
    hunks = compare("id: q\nprompt: two big boxes\n", "id: q\nprompt: two small boxes\n")
    assert shown(hunks, "gone") == ["prompt: two <big> boxes"]
    assert shown(hunks, "new") == ["prompt: two <small> boxes"]


def test_changed_chinese_character_is_marked_alone() -> None:
    hunks = compare("zh: 两个大框相接\n", "zh: 两个小框相接\n")
    assert shown(hunks, "gone") == ["zh: 两个<大>框相接"]
    assert shown(hunks, "new") == ["zh: 两个<小>框相接"]


def test_line_that_is_simply_another_one_is_not_marked_word_by_word() -> None:
    assert shown(compare("a: one two three\n", "b: 四五六七八九十\n"), "new") == ["b: 四五六七八九十"]


def test_changes_stand_under_the_field_that_they_are_in() -> None:
    old = "id: q\ntags: [a]\nprompt:\n  en: x\nanswer:\n  en: y\n"
    hunks = compare(old, old.replace("[a]", "[b]").replace("y\n", "z\n"))
    assert [hunk.name for hunk in hunks] == ["tags", "answer"]


def test_equal_texts_have_no_changes() -> None:
    assert compare("id: q\n", "id: q\n") == []


@given(st.lists(st.sampled_from(["a: 1", "b: 2", "  c", "d"])), st.lists(st.sampled_from(["a: 1", "b: 3", "  c", "e"])))
def test_lines_of_a_comparison_are_those_of_the_texts(old: list[str], new: list[str]) -> None:
    hunks = compare("\n".join(old), "\n".join(new))
    for line in (line for hunk in hunks for line in hunk.lines):
        text = "".join(piece.text for piece in line.pieces)
        assert line.before is None or old[line.before - 1] == text
        assert line.after is None or new[line.after - 1] == text


def test_each_line_is_told_by_the_revision_that_brought_it() -> None:
    first = version(1, "id: q\na: 1\nb: 2\n", "ada")
    second = version(2, "id: q\nnew: 0\na: 1\nb: 3\n", "bob")
    third = version(3, "id: q\nnew: 0\na: 1\nb: 3\nc: 4\n", "cleo")
    told = [(line.text, line.version.author) for line in blame([third, second, first])]
    assert told == [("id: q", "ada"), ("new: 0", "bob"), ("a: 1", "ada"), ("b: 3", "bob"), ("c: 4", "cleo")]


def test_line_that_was_taken_out_and_brought_back_is_the_later_one_s() -> None:
    versions = [version(3, "a\nb\n", "cleo"), version(2, "a\n", "bob"), version(1, "a\nb\n", "ada")]
    assert [line.version.author for line in blame(versions)] == ["ada", "cleo"]
