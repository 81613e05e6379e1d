"""A question's YAML as the fields of a form, and what was typed into them put back into the YAML.

Owns which part of the text each input shows and what it means when it comes back changed. What fields there are is
`form_shapes`', how the text is changed `yaml_edit`'s, what the fields are called the web's.

An input that comes back as it went out changes nothing, whatever stands in the YAML: only what was really edited is
written. What a form can't show as text (a list where a text is due, control characters) it shows as YAML.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml as pyyaml

from app.authoring.form_parts import ABSENT, PREFIX, Form, Input, Pair, Part, Parts, RowList, RowPart
from app.authoring.form_shapes import Both, Field, Group, Leaf, RowsOf, Shape, Widget, fields_of
from app.authoring.typed import Taker
from app.authoring.yaml_edit import rewritten
from app.authoring.yaml_wanted import CannotEdit
from app.authoring.yaml_words import in_flow
from app.bank.yaml_source import PathKey, Source, compose, read
from app.errors import N_, Invalid
from app.languages import LANGS

_UNTYPABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def form(yaml: str) -> Form | None:
    """The form of a question's text; None if it is no YAML that the bank reads, or no mapping."""
    source = read(yaml.encode(errors="surrogatepass"))
    data = source.data
    if source.faults or not isinstance(data, dict):
        return None
    reader = _Reader(source)
    kind = data.get("kind")
    shown = reader.parts(fields_of(kind), data, (), PREFIX)
    return Form(kind if isinstance(kind, str) else "", shown)


def apply(yaml: str, posted: Mapping[str, Sequence[str]]) -> str:
    """The text with what was changed in its form, every other line as it is. `posted` may hold other names too.

    Raises `Invalid` where that can't be: YAML in a field that is none, two rows of one name, an odd layout.
    """
    shown = form(yaml)
    if shown is None:
        raise Invalid(N_("The YAML can't be read, so the form can't change it. Mend it in the YAML view first."))
    data = read(yaml.encode()).data
    assert isinstance(data, dict)  # noqa: S101  (`form` has seen to it)
    wanted = Taker(posted).mapping(shown.parts, data)
    try:
        return rewritten(yaml, wanted)
    except CannotEdit:
        message = N_("The form can't make this change in a text laid out like this. Make it in the YAML view.")
        raise Invalid(message) from None


def path_at(yaml: str, line: int, column: int) -> PathKey:
    """The path of the data that stands at a place of the text; lines and columns count from 1."""
    places = read(yaml.encode(errors="surrogatepass")).places
    before = [(place, len(path), path) for path, place in places.items() if place <= (line, column)]
    return max(before, key=lambda it: it[:2])[2] if before else ()


@dataclass(frozen=True)
class _Reader:
    """Shows data as parts."""

    source: Source

    def parts(self, fields: Sequence[Field], data: Mapping[str, object], path: PathKey, name: str) -> dict[str, Part]:
        return {
            it.key: self.shaped(
                it.shape, data.get(it.key, ABSENT), (*path, it.key), f"{name}.{it.key}", optional=it.optional
            )
            for it in fields
        }

    def shaped(self, shape: Shape, value: object, path: PathKey, name: str, *, optional: bool) -> Part:
        match shape:
            case Leaf():
                return self.input(shape, value, path, name, optional=optional)
            case Both(leaf) if _is_group(value, LANGS):
                fields = value if isinstance(value, dict) else {}
                en, zh = (
                    self.input(leaf, fields.get(lang, ABSENT), (*path, lang), f"{name}.{lang}", optional=False)
                    for lang in LANGS
                )
                return Pair(path, name, en, zh, optional)
            case Group(fields_in) if _is_group(value):
                fields = value if isinstance(value, dict) else {}
                return Parts(path, name, self.parts(fields_in, fields, path, name), optional)
            case RowsOf() if value is ABSENT or isinstance(value, dict if shape.named else list):
                return self.rows(shape, value, path, name, optional=optional)
        return self.as_yaml(path, name, optional=optional)

    def rows(self, shape: RowsOf, value: object, path: PathKey, name: str, *, optional: bool) -> RowList:
        items: list[tuple[str | int, object]] = []
        if isinstance(value, dict):
            items = list(value.items())
        elif isinstance(value, list):
            items = list(enumerate(value))
        rows = []
        for index, (key, item) in enumerate(items):
            row_path, row_name = (*path, key), f"{name}.{index}"
            title = Input(row_path, f"{row_name}.name", "line", str(key)) if shape.named else None
            part = self.shaped(shape.item, item, row_path, row_name, optional=False)
            rows.append(RowPart(row_path, row_name, title, part))
        return RowList(path, name, tuple(rows), shape.item, shape.named, optional)

    def input(self, leaf: Leaf, value: object, path: PathKey, name: str, *, optional: bool) -> Input:
        shown = "" if value is ABSENT else self.typed(leaf.widget, value, path)
        if shown is None:
            return self.as_yaml(path, name, optional=optional)
        widget = leaf.widget
        if widget == "flag" and value is ABSENT:
            shown = leaf.default
        if widget == "line" and "\n" in shown:
            widget = "prose"
        return Input(path, name, widget, shown, leaf.choices, leaf.default, optional)

    def typed(self, widget: Widget, value: object, path: PathKey) -> str | None:
        """How an input shows a value; None if it can't."""
        match widget, value:
            case "yaml", _:
                return _outdented(self.source, path)
            case "flag", bool():
                return "true" if value else "false"
            case "words", list():
                fit = all(isinstance(it, str) and it and it == it.strip() and "\n" not in it for it in value)
                lines = "\n".join(map(str, value))
                return lines if fit and not _UNTYPABLE.search(lines) else None
            case "values", list():
                return in_flow(value)[1:-1]
            case (("number" | "choice"), int() | float()) if not isinstance(value, bool):
                start, end = self.source.spans[path]
                return self.source.text[start:end]
            case (("line" | "number" | "choice" | "fixed" | "prose" | "code"), str()):
                if _UNTYPABLE.search(value):
                    return None
                return value.removesuffix("\n") if widget in ("prose", "code") else value
        return None

    def as_yaml(self, path: PathKey, name: str, *, optional: bool) -> Input:
        return Input(path, name, "yaml", _outdented(self.source, path), optional=optional)


def _is_group(value: object, keys: Sequence[str] = ()) -> bool:
    """Whether a value can be shown field by field: nothing, or a mapping (of no other keys than these)."""
    return value is ABSENT or (isinstance(value, dict) and (not keys or set(value) <= set(keys)))


def _outdented(source: Source, path: PathKey) -> str:
    """The text of a value, as if it stood alone."""
    node = compose(source.text)
    for part in path:
        pairs = node.value if isinstance(node, pyyaml.MappingNode) else enumerate(getattr(node, "value", ()))
        node = next((child for key, child in pairs if getattr(key, "value", key) == part), None)
        if node is None:
            return ""
    if node is None:
        return ""
    start, end = node.start_mark.index, node.end_mark.index
    column = node.start_mark.column if getattr(node, "flow_style", None) is False else 0
    if not column and not isinstance(node, pyyaml.CollectionNode):
        return _scalar_alone(source.text[start:end])
    lines = (" " * column + source.text[start:end]).rstrip().split("\n")
    return "\n".join(line[column:] if not line[:column].strip() else line.lstrip() for line in lines)


def _scalar_alone(text: str) -> str:
    """A scalar's text; of a block the lines set in by two."""
    head, *lines = text.rstrip(" \n").split("\n")
    margin = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    return "\n".join([head, *(f"  {line[margin:]}" if line.strip() else "" for line in lines)])
