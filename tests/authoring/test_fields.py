"""A question's form and its YAML: nothing is lost either way, and only what was edited is written."""

from __future__ import annotations

import copy
import difflib
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.authoring.fields import apply, form, path_at
from app.authoring.form_parts import Input, RowList
from app.authoring.single import tidy
from app.authoring.yaml_comments import comments
from app.bank.chunks import chunks
from app.bank.schema import KINDS
from app.bank.yaml_source import read
from app.errors import Invalid
from app.settings import ROOT

HOSTILE = [
    ": ", "#", "a # b", "- ", "- a", "'", '"', "it's \"so\"", "a\tb", "😀 é 中文", "a\u2028b", "a\x85b", "\ufeff",
    " lead", "trail ", "null", "~", "yes", "0x1", "010", "1:30", "1e5", "2024-01-01", "=", "<<", "?", "x:", "[a", "}",
    "a, b", "| x", "> x", "&a", "*a", "!t", "`a`", "% y", "---", "...", "{{ x }}", "{% x %}", "$\\frac{1}{2}$", "\\",
    "a\u3000", "\x1b[0m", "<script>alert(1)</script>", "</textarea>",
]  # fmt: skip
LINES = [
    "a\n\nb\n\n  c",
    "\n\nx",
    "  in\nout",
    "\tx\ny",
    "a: b\n# c\n- d",
    "...\n---\nx",
    "k: |\n  z",
    "end\n",
    "a \nb\t\nc",
    "\n",
]
texts = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
lines = st.one_of(texts, st.sampled_from(LINES), st.lists(st.sampled_from(HOSTILE), max_size=4).map("\n".join))


@cache
def bank() -> dict[str, str]:
    """The text of every question, by id."""
    paths = sorted(path for path in (ROOT / "questions").glob("*/*.yaml") if path.parent.name != "interviews")
    return {chunk.question_id: chunk.text for path in paths for chunk in chunks(path.read_text(encoding="utf-8"))}


@cache
def of_kind(kind: str) -> list[str]:
    return [text for text in bank().values() if f"\nkind: {kind}\n" in text]


def parts_of(text: str) -> list[Any]:
    made = form(text)
    assert made is not None
    return list(made.all_parts())


def inputs(text: str) -> list[Input]:
    return [part for part in parts_of(text) if isinstance(part, Input)]


def posted(text: str, **changes: str) -> dict[str, list[str]]:
    """What a browser sends: every input as it is, but those with the changes; line breaks as browsers send them."""
    values = {part.name: part.value for part in inputs(text)} | changes
    return {name: [value.replace("\n", "\r\n")] for name, value in values.items()}


def data_of(text: str) -> Any:
    source = read(text.encode())
    assert source.faults == []
    return source.data


def at(data: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        data = data[key]
    return data


def put(data: Any, path: tuple[str | int, ...], value: Any) -> Any:
    made = copy.deepcopy(data)
    at(made, path[:-1])[path[-1]] = value
    return made


def remarks(text: str) -> list[str]:
    return sorted(comment for _, comment in comments(text))


def changed(before: str, after: str) -> list[str]:
    found = difflib.unified_diff(before.split("\n"), after.split("\n"), n=0, lineterm="")
    return [line for line in found if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def test_form_sent_back_as_it_is_changes_no_byte_of_any_question() -> None:
    assert [name for name, text in bank().items() if apply(text, posted(text)) != text] == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_the_real_bank_has_an_input_of_its_own(kind: str) -> None:
    for text in of_kind(kind):
        made = form(text)
        assert made is not None
        assert set(data_of(text)) <= set(made.parts)
        as_yaml = {part.name for part in inputs(text) if part.widget == "yaml"}
        assert as_yaml <= {"f.figure", "f.answer_figure", "f.picture_args"}


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20)
@given(draw=st.data())
def test_edit_of_one_text_changes_that_text_alone(kind: str, draw: st.DataObject) -> None:
    text = draw.draw(st.sampled_from(of_kind(kind)))
    field = draw.draw(
        st.sampled_from(
            [it for it in inputs(text) if it.widget in ("line", "prose", "code") and not _is_a_rows_name(it)]
        )
    )
    typed = draw.draw(texts.map(lambda it: it.replace("\r", "").replace("\n", "")) if field.widget == "line" else lines)
    typed = typed.replace("\r\n", "\n").replace("\r", "\n")
    made = apply(text, posted(text, **{field.name: typed}))

    before, after = data_of(text), data_of(made)
    if typed == field.value or (field.optional and not typed.strip()):
        assert typed != field.value or made == text
        return
    due = "\n".join(line.rstrip() for line in typed.split("\n")) if "\n" in typed else typed
    if field.path[-1] in ("en", "zh") and not typed and field.path[0] in ("erratum", "unit", "complexity"):
        return  # both halves empty take the whole away
    got = at(after, field.path)
    assert got in (due, f"{due}\n")
    have = at(before, field.path) if _is_there(before, field.path) else None
    assert have is None or after == put(before, field.path, got)
    assert remarks(made) == remarks(text)
    assert len(changed(text, made)) <= 2 * (len(field.value.split("\n")) + len(typed.split("\n"))) + 12
    assert data_of(tidy(made)) == after


def _is_a_rows_name(field: Input) -> bool:
    return field.name.endswith(".name") and field.path[0] in ("params", "derived", "blanks", "case_titles")


def _is_there(data: Any, path: tuple[str | int, ...]) -> bool:
    try:
        at(data, path)
    except (KeyError, IndexError, TypeError):
        return False
    return True


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "flashcard"])
@settings(max_examples=10)
@given(draw=st.data())
def test_rows_are_added_moved_and_taken_out_whole(kind: str, draw: st.DataObject) -> None:
    text = draw.draw(st.sampled_from(of_kind(kind)))
    group = draw.draw(st.sampled_from([it for it in parts_of(text) if isinstance(it, RowList) and it.rows]))
    name = group.name.removeprefix("f.")
    index = draw.draw(st.integers(0, len(group.rows) - 1))
    before = data_of(text)
    old = at(before, group.path)
    items = list(old.items()) if group.named else list(old)

    added = apply(text, posted(text, do=f"{name}.add"))
    new = at(data_of(added), group.path)
    assert (list(new.items()) if group.named else new)[:-1] == items
    assert remarks(added) == remarks(text)
    assert len([line for line in changed(text, added) if line.startswith("-")]) <= 1

    less = apply(text, posted(text, do=f"{name}.remove.{index}"))
    kept = items[:index] + items[index + 1 :]
    left = at(data_of(less), group.path) if _is_there(data_of(less), group.path) else type(old)()
    assert (list(left.items()) if group.named else left) == kept

    if index:
        moved = apply(text, posted(text, do=f"{name}.move.{index}.up"))
        there = at(data_of(moved), group.path)
        items[index - 1 : index + 1] = items[index - 1 : index + 1][::-1]
        assert (list(there.items()) if group.named else there) == items
        assert remarks(moved) == remarks(text)
        assert sorted(moved.split("\n")) == sorted(text.split("\n")) or "[" in moved
        back = apply(moved, posted(moved, do=f"{name}.move.{index - 1}.down"))
        assert back == text


QUESTION = """\
# made by hand
id: q  # never changes
kind: single-choice
difficulty: 2   # recall
minutes: 1
prompt: {en: "Which?", zh: "哪个？"}  # short
sources: [Paper 2015]
options:  # in the survey's order
# the right one
- text: {en: one, zh: 一}
  correct: true
  # why it is right
  why:
    en: |  # keep
      Because.

      Really.
    zh: '因为'

# a slip people make
- {text: {en: two, zh: 二}, why: {en: "no: never", zh: 不}}  # measured
explanation: {en: x, zh: y}
# the end
"""


def edit(text: str = QUESTION, **changes: str) -> str:
    return apply(text, posted(text, **{name.replace("__", "."): value for name, value in changes.items()}))


def test_changed_value_keeps_its_quotes_and_the_comment_behind_it() -> None:
    made = edit(f__prompt__en='Which "one"?', f__difficulty="3")
    assert 'prompt: {en: "Which \\"one\\"?", zh: "哪个？"}  # short' in made
    assert "difficulty: 3   # recall" in made
    assert len(changed(QUESTION, made)) == 4


def test_text_of_several_lines_becomes_a_literal_block_and_keeps_the_comment() -> None:
    made = edit(f__prompt__zh="一\n\n二")
    assert "prompt:  # short\n  en: Which?\n  zh: |\n    一\n\n    二\nsources:" in made


def test_comment_behind_a_block_mark_survives_an_edit_of_the_block() -> None:
    made = edit(**{"f.options.0.why.en": "So."})
    assert "    en: |  # keep\n      So.\n    zh: '因为'" in made


def test_moved_rows_take_their_comments_along() -> None:
    made = edit(do="options.move.1.up")
    assert made.index("# a slip people make") < made.index("{text: {en: two") < made.index("- text: {en: one")
    assert remarks(made) == remarks(QUESTION)
    assert edit(made, do="options.move.0.down") == QUESTION


def test_row_taken_out_leaves_the_comments_round_it() -> None:
    made = edit(do="options.remove.1")
    assert "two" not in made
    assert set(remarks(QUESTION)) - set(remarks(made)) == {"# measured"}


def test_new_row_asks_for_both_languages() -> None:
    assert data_of(edit(do="options.add"))["options"][2] == {
        "text": {"en": "", "zh": ""},
        "why": {"en": "", "zh": ""},
    }


def test_field_that_was_not_there_is_put_where_the_form_has_it() -> None:
    made = edit(**{"f.tags": "boxes\niou", "f.erratum.en": "Notes say", "f.erratum.zh": "笔记"})
    assert "sources: [Paper 2015]\nerratum: {en: Notes say, zh: 笔记}\ntags: [boxes, iou]\noptions:" in made


def test_emptied_field_that_may_be_left_out_is_left_out() -> None:
    given = edit(**{"f.tags": "boxes"})
    assert edit(given, **{"f.tags": ""}) == QUESTION


def test_emptied_half_stays_to_be_found_missing() -> None:
    assert data_of(edit(**{"f.prompt.zh": ""}))["prompt"] == {"en": "Which?", "zh": ""}


def test_right_option_of_a_single_choice_is_marked_by_its_number() -> None:
    made = edit(**{"f.options.correct": "1"})
    assert [option.get("correct", False) for option in data_of(made)["options"]] == [False, True]
    assert remarks(made) == remarks(QUESTION)


def test_number_that_is_none_is_kept_as_typed_for_the_check_to_tell() -> None:
    assert data_of(edit(f__minutes="soon"))["minutes"] == "soon"
    assert "minutes: 1.5\n" in edit(f__minutes="1.5")


def test_covers_keep_their_order_whatever_order_the_boxes_are_in() -> None:
    text = QUESTION.replace("sources:", "covers: [f3, nms/f2, f1]  # hm\nsources:")
    sent = posted(text) | {"f.covers": ["", "f1", "f2", "f3", "nms/f2"]}
    assert "covers: [f3, nms/f2, f1, f2]  # hm" in apply(text, sent)
    assert apply(text, sent | {"f.covers": ["", "f1", "f3", "nms/f2"]}) == text


def test_figure_is_edited_as_yaml_with_its_comments() -> None:
    text = QUESTION + "figure:\n  alt: {en: a, zh: b}\n  panels:  # two\n  - {kind: cube, n: 1, c: 1, hw: 1}\n"
    shown = next(part.value for part in inputs(text) if part.name == "f.figure")
    assert shown == "alt: {en: a, zh: b}\npanels:  # two\n- {kind: cube, n: 1, c: 1, hw: 1}"
    made = edit(text, f__figure=shown.replace("n: 1", "n: 4"))
    assert made == text.replace("n: 1", "n: 4")


def test_yaml_that_can_not_be_read_is_refused_with_its_line() -> None:
    with pytest.raises(Invalid, match=r"figure, line 2"):
        edit(f__figure="alt: x\n  panels: [")


def test_field_the_form_does_not_know_and_a_value_of_the_wrong_shape_are_left_alone() -> None:
    text = QUESTION + "surprise: [1, {a: b}]  # kept\nunit: 3\n"
    text = text.replace("explanation: {en: x, zh: y}", "explanation: just a text")
    assert edit(text, f__minutes="2") == text.replace("minutes: 1", "minutes: 2")
    assert "explanation: {en: x, zh: y}" in edit(text, f__explanation="{en: x, zh: y}")


def test_single_choice_with_two_right_options_survives_its_form() -> None:
    text = QUESTION.replace("why: {en:", "correct: true, why: {en:")
    assert apply(text, posted(text)) == text


@pytest.mark.parametrize(
    "text", ["a: *x\n", "a: !t b\n", "a: 1\na: 2\n", "[1]\n", "a: [\n", "", "x" * (2 * 1024 * 1024 + 1)]
)
def test_text_that_the_bank_does_not_read_has_no_form(text: str) -> None:
    assert form(text) is None
    with pytest.raises(Invalid):
        apply(text, {})


def test_names_that_are_doubled_or_empty_are_refused() -> None:
    text = "id: q\nkind: numeric\nparams:\n  a: {range: [1, 2]}\n  b: {choices: [1]}\n"
    assert list(data_of(edit(text, **{"f.params.0.name": "c"}))["params"]) == ["c", "b"]
    for name in ("b", ""):
        with pytest.raises(Invalid):
            edit(text, **{"f.params.0.name": name})


def test_place_in_the_text_leads_to_the_field() -> None:
    assert path_at(QUESTION, 14, 9) == ("options", 0, "why", "en")
    assert path_at(QUESTION, 16, 12) == ("options", 0, "why", "en")
    assert path_at(QUESTION, 4, 1) == ("difficulty",)
    assert path_at(QUESTION, 21, 30) == ("options", 1, "why")
