"""Questions cut out of topic files and put back, with everything else left as it is to the byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bank.chunks import chunks, replaced
from app.settings import ROOT

FILES = sorted((ROOT / "questions").glob("*/*.yaml"))


def test_every_question_of_the_bank_put_back_as_it_is_changes_no_byte() -> None:
    count = 0
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        for chunk in chunks(text):
            assert replaced(text, chunk.question_id, chunk.text) == text
            count += 1
    assert count > 1000


LINE = st.sampled_from(
    [
        "difficulty: 1", "# a remark", "", "prompt: {en: a, zh: '中文 - id: no'}", "en: |", "  a block", "",
        "  - id: not-a-question", "list: [a,", "  b]", "quoted: \"- id: neither\"",
    ]
)  # fmt: skip


@st.composite
def files(draw: st.DrawFn) -> str:
    margin = draw(st.sampled_from(["", "  "]))
    lines = [*draw(st.lists(st.sampled_from(["# head", ""]), max_size=2)), "topic: t", "questions:  # all"]
    for number in range(draw(st.integers(1, 4))):
        lines += draw(st.lists(st.sampled_from(["", "# between"]), max_size=2))
        lines.append(f"{margin}- id: q{number}" + draw(st.sampled_from(["", "  # remark"])))
        lines += [f"{margin}  {line}" if line else "" for line in draw(st.lists(LINE, max_size=6))]
    lines += draw(st.lists(st.sampled_from(["", "# end"]), max_size=2))
    ending = draw(st.sampled_from(["\n", "\r\n"]))
    return ending.join(lines) + draw(st.sampled_from(["", ending]))


@given(files())
def test_a_question_put_back_as_it_is_changes_no_byte(text: str) -> None:
    for chunk in chunks(text):
        assert replaced(text, chunk.question_id, chunk.text) == text


@given(files(), st.sampled_from(["id: {}\nnew: 1\n", "id: {}\n# remark\nzh: |\n  中文\n\n  行\n"]))
def test_another_text_changes_that_question_alone(text: str, pattern: str) -> None:
    for chunk in chunks(text):
        fresh = pattern.format(chunk.question_id)
        after = chunks(replaced(text, chunk.question_id, fresh))
        assert [it.question_id for it in after] == [it.question_id for it in chunks(text)]
        for was, now in zip(chunks(text), after, strict=True):
            assert now.text == (fresh if now.question_id == chunk.question_id else was.text)


@given(files())
def test_a_question_added_and_taken_out_again_leaves_the_others(text: str) -> None:
    added = replaced(text, "new", "id: new\nkind: flashcard\n")
    assert [it.text for it in chunks(added)] == [*(it.text for it in chunks(text)), "id: new\nkind: flashcard\n"]
    assert [it.text for it in chunks(replaced(added, "new", None))] == [it.text for it in chunks(text)]


@given(files())
def test_a_file_keeps_its_manner_of_ending_lines(text: str) -> None:
    for after in (replaced(text, "q0", "id: q0\nkind: open\n"), replaced(text, "new", "id: new\nkind: open\n")):
        assert after.replace("\r\n", "").count("\n") == (0 if "\r\n" in text else after.count("\n"))
        assert after.endswith("\n") == text.endswith("\n")


@pytest.mark.parametrize("text", ["", "topic: t\n", "questions: []\n", "questions: [{id: a}]\n", "- id: a\n"])
def test_what_is_no_list_of_items_has_no_questions(text: str) -> None:
    assert chunks(text) == []


def test_a_first_question_goes_below_the_head() -> None:
    assert (
        replaced("topic: t\nquestions:\n", "a", "id: a\nkind: open\n")
        == "topic: t\nquestions:\n- id: a\n  kind: open\n"
    )
