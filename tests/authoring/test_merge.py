"""Merging two people's changes: what does not touch survives from both, what touches is marked, nothing is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.authoring.merge import BETWEEN, MINE, THEIRS, compared, is_unresolved, merge3

LINE = st.text(alphabet="abc :-", max_size=4)
TEXT = st.lists(LINE, max_size=12).map(lambda lines: "".join(f"{line}\n" for line in lines))


@given(TEXT, TEXT)
def test_one_side_alone_is_taken_over(base: str, changed: str) -> None:
    for merged in (merge3(base, changed, base), merge3(base, base, changed), merge3(base, changed, changed)):
        assert (merged.text, merged.conflicts) == (changed, 0)


@given(st.lists(LINE, min_size=3, max_size=8), st.data())
def test_changes_with_a_line_between_them_both_survive(lines: list[str], data: st.DataObject) -> None:
    base = [f"{number} {line}" for number, line in enumerate(lines)]  # no two alike, so that a change has one place
    first = data.draw(st.integers(0, len(base) - 3))
    second = data.draw(st.integers(first + 2, len(base) - 1))
    mine, theirs, both = list(base), list(base), list(base)
    mine[first] = both[first] = "mine"
    theirs[second] = both[second] = "theirs"
    merged = merge3(*("\n".join(it) + "\n" for it in (base, mine, theirs)))
    assert (merged.text, merged.conflicts) == ("\n".join(both) + "\n", 0)


@given(TEXT, TEXT, TEXT)
def test_every_line_that_somebody_added_stands_in_the_merge(base: str, mine: str, theirs: str) -> None:
    merged = merge3(base, mine, theirs)
    added = (set(mine.splitlines()) | set(theirs.splitlines())) - set(base.splitlines())
    assert added <= set(merged.text.splitlines())
    assert is_unresolved(merged.text) == (merged.conflicts > 0)


def test_changes_of_one_line_are_marked_with_both() -> None:
    merged = merge3("a\nb\nc\n", "a\nmine\nc\n", "a\ntheirs\nc\n")
    assert merged.text == f"a\n{MINE}\nmine\n{BETWEEN}\ntheirs\n{THEIRS}\nc\n"
    assert merged.conflicts == 1


def test_line_removed_by_one_and_changed_by_the_other_is_marked() -> None:
    merged = merge3("a\nb\nc\n", "a\nc\n", "a\nb!\nc\n")
    assert merged.text == f"a\n{MINE}\n{BETWEEN}\nb!\n{THEIRS}\nc\n"


def test_both_adding_at_the_end_is_marked() -> None:
    assert merge3("a\n", "a\nmine\n", "a\ntheirs\n").conflicts == 1


def test_comparison_has_every_line_of_both() -> None:
    lines = compared("a\nb\nc\n", "a\nx\nc\n")
    assert [(line.side, line.text) for line in lines] == [("same", "a"), ("old", "b"), ("new", "x"), ("same", "c")]


@given(TEXT, TEXT)
def test_each_text_can_be_read_off_the_comparison(old: str, new: str) -> None:
    lines = compared(old, new)
    assert [line.text for line in lines if line.side != "new"] == old.splitlines()
    assert [line.text for line in lines if line.side != "old"] == new.splitlines()
