"""The form of each kind of question: every field labelled, findings beside their fields, edits arriving in the YAML."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
import sample_forms
from sample_forms import finding, of_every_kind, shown

from app.authoring.fields import apply
from app.authoring.form_shapes import fields_of
from app.bank.schema import KINDS, LANGS, Lang
from app.bank.yaml_source import read
from app.web import form_words
from app.web.render import render

TEMPLATE = "admin/editor/forms/form.html"


class Fields(HTMLParser):
    """What a browser would send of a form, and which inputs have a label."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.inputs: list[dict[str, str | None]] = []
        self.buttons: list[dict[str, str | None]] = []
        self.labelled: set[str] = set()
        self.text: tuple[str, list[str]] | None = None
        self.select = ""
        self.in_label = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        name, value = found.get("name") or "", found.get("value") or ""
        if tag == "label":
            self.in_label = True
            self.labelled.add(found.get("for") or "")
        elif tag == "button":
            self.buttons.append(found)
        elif tag == "input":
            self.inputs.append(found | {"wrapped": "yes" if self.in_label else None})
            if found.get("type") not in ("checkbox", "radio") or "checked" in found:
                self.sent.setdefault(name, []).append(value)
        elif tag == "textarea":
            self.inputs.append(found)
            self.text = (name, [])
        elif tag == "select":
            self.inputs.append(found)
            self.select = name
        elif tag == "option" and ("selected" in found or self.select not in self.sent):
            self.sent[self.select] = [value]

    def handle_data(self, data: str) -> None:
        if self.text:
            self.text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.in_label = False
        if tag == "textarea" and self.text:
            name, parts = self.text
            self.sent.setdefault(name, []).append("".join(parts).removeprefix("\n").replace("\n", "\r\n"))
            self.text = None


def page(yaml: str, lang: Lang = "en", *findings: Any, done: str = "") -> str:
    return render(TEMPLATE, lang, view=SimpleNamespace(form=shown(yaml, lang, tuple(findings), done)))


def data_of(yaml: str) -> Any:
    return read(yaml.encode()).data


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", KINDS)
def test_form_has_a_label_for_each_input_and_sent_back_changes_nothing(kind: str, lang: Lang) -> None:
    yaml = of_every_kind()[kind]
    form = Fields(page(yaml, lang))
    bare = [it for it in form.inputs if it.get("type") != "hidden" and not it.get("wrapped")]
    assert [it["name"] for it in bare if it["id"] not in form.labelled] == []
    assert all(button.get("aria-label") or button["value"] in ("", *_adds(form)) for button in form.buttons)
    assert apply(yaml, form.sent) == yaml


def _adds(form: Fields) -> list[str | None]:
    return [button["value"] for button in form.buttons if (button["value"] or "").endswith(".add")]


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_of_the_kind_is_on_its_form(kind: str) -> None:
    text = page(of_every_kind()[kind])
    for it in fields_of(kind):
        assert f'id="f-{it.key}' in text, it.key


EDITS = {
    "flashcard": ("f.answer.zh", ("answer", "zh")),
    "single-choice": ("f.options.1.why.en", ("options", 1, "why", "en")),
    "multi-choice": ("f.options.0.text.zh", ("options", 0, "text", "zh")),
    "numeric": ("f.mistakes.0.why.en", ("mistakes", 0, "why", "en")),
    "cloze": ("f.blanks.1.why.zh", ("blanks", "mode", "why", "zh")),
    "ordering": ("f.items.2.text.en", ("items", 2, "text", "en")),
    "matching": ("f.decoys.0.en", ("decoys", 0, "en")),
    "open": ("f.rubric.1.point.zh", ("rubric", 1, "point", "zh")),
    "code": ("f.case_titles.1.en", ("case_titles", "random", "en")),
}


@pytest.mark.parametrize("kind", KINDS)
def test_edit_in_the_form_arrives_in_the_yaml_and_is_shown_again(kind: str) -> None:
    name, path = EDITS[kind]
    hostile = '</textarea><script>alert("1")</script> {{ x }} # no'
    yaml = of_every_kind()[kind]
    made = apply(yaml, Fields(page(yaml)).sent | {name: [hostile]})
    value = data_of(made)
    for key in path:
        value = value[key]
    assert value == hostile
    text = page(made)
    assert "<script>" not in text
    assert html.escape(hostile, quote=False) in html.unescape(text).replace("<", "&lt;").replace(">", "&gt;")
    assert Fields(text).sent[name] == [hostile]


def test_buttons_move_add_and_take_out_rows() -> None:
    yaml = of_every_kind()["single-choice"]
    form = Fields(page(yaml))
    offered = {button["value"] for button in form.buttons}
    assert {"options.move.1.up", "options.move.1.down", "options.remove.0", "options.add"} <= offered
    assert "options.move.0.up" not in offered

    def texts(do: str) -> list[str]:
        return [option["text"]["en"] for option in data_of(apply(yaml, form.sent | {"do": [do]}))["options"]]

    assert texts("options.move.2.up") == ["one", "three", "two"]
    assert texts("options.remove.0") == ["two", "three"]
    assert texts("options.add") == ["one", "two", "three", ""]


def test_edit_and_move_in_one_go_keep_both() -> None:
    yaml = of_every_kind()["ordering"]
    sent = Fields(page(yaml)).sent | {"f.items.0.text.en": ["began"], "do": ["items.move.0.down"]}
    assert [item["text"]["en"] for item in data_of(apply(yaml, sent))["items"]] == ["second", "began", "third"]


def test_right_option_is_one_radio_of_a_single_choice_and_boxes_of_a_multiple_one() -> None:
    form = Fields(page(of_every_kind()["single-choice"]))
    assert form.sent["f.options.correct"] == ["1"]
    made = apply(of_every_kind()["single-choice"], form.sent | {"f.options.correct": ["0"]})
    assert [option.get("correct") for option in data_of(made)["options"]] == [True, None, None]
    multi = Fields(page(of_every_kind()["multi-choice"]))
    assert multi.sent["f.options.0.correct"][-1] == "true"
    assert multi.sent["f.options.2.correct"] == ["false"]


def test_facts_of_the_topic_are_boxes_and_others_are_typed() -> None:
    yaml = of_every_kind()["single-choice"]
    form = Fields(page(yaml))
    assert form.sent["f.covers"] == ["", "f1", "conv/f1"]
    made = apply(yaml, form.sent | {"f.covers": ["", "f1", "f2", "conv/f1\r\nnms/f3"]})
    assert data_of(made)["covers"] == ["f1", "conv/f1", "f2", "nms/f3"]


@pytest.mark.parametrize(
    ("kind", "place", "field"),
    [
        ("flashcard", 'zh: "$k$', "f-prompt-zh"),
        ("flashcard", "minutes", "f-minutes"),
        ("single-choice", '{text: {en: "two"', "f-options-1-row"),
        ("single-choice", 'zh: "二"', "f-options-1-text-zh"),
        ("numeric", "range:", "f-params-0-range"),
        ("code", "cases: |", "f-cases"),
        ("code", "for i in range", "f-cases"),
    ],
)
def test_finding_stands_beside_its_field(kind: str, place: str, field: str) -> None:
    yaml = of_every_kind()[kind]
    before = yaml[: yaml.index(place)]
    text = page(yaml, "en", finding(before.count("\n") + 1, len(before) - before.rfind("\n")))
    assert re.findall(r'id="([\w-]+)-error"', text) == [field]
    if not field.endswith("-row"):
        assert f'aria-describedby="{field}-error' in text


def test_moved_row_has_the_focus_and_is_told_of() -> None:
    text = page(of_every_kind()["ordering"], done="items.move.0.down")
    assert "Moved to place 2 of 3." in text
    button = re.search(r"<button[^>]*autofocus[^>]*>", text)
    assert button is not None
    assert 'id="f-items-1-down"' in button[0]


def test_every_label_names_a_field_that_some_form_has() -> None:
    known = {key for kind in KINDS for it in fields_of(kind) for key in _keys(it)} | {"name", "text"}
    used = {name.rpartition(".")[2] for name in (*form_words.LABELS, *form_words.HINTS)}
    assert used - known == set()
    assert known - {name.rpartition(".")[2] for name in form_words.LABELS} == set()


def _keys(it: Any) -> set[str]:
    inner = getattr(it.shape, "item", it.shape)
    return {it.key}.union(*(_keys(child) for child in getattr(inner, "fields", ())))


def test_text_that_can_not_be_read_has_no_form() -> None:
    assert sample_forms.form_view("a: [", sample_forms.TOPIC, (), sample_forms.words("en")) is None
