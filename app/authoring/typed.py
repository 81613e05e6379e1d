"""What was typed into a form's inputs and which button was pressed, as the data that a question's YAML shall say.

An input that comes back as it went out keeps its value, whatever that is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.authoring.form_parts import ABSENT, DO, PREFIX, Input, Pair, Part, Parts, RowList
from app.authoring.form_shapes import Both, Group, Leaf, RowsOf, Shape
from app.authoring.yaml_wanted import Row, Rows
from app.authoring.yaml_words import Raw
from app.bank.findings import told
from app.bank.yaml_source import compose, read
from app.errors import N_, Invalid


@dataclass(frozen=True)
class Taker:
    """Makes the wanted data of what was posted."""

    posted: Mapping[str, Sequence[str]]

    def mapping(self, parts: Mapping[str, Part], old: Mapping[str, object]) -> dict[str, object]:
        """The fields with what was typed; new ones stand behind those that they follow in the form."""
        wanted = dict(old)
        before: str | None = None
        for key, part in parts.items():
            value = self.part(part, old.get(key, ABSENT))
            if value is ABSENT:
                wanted.pop(key, None)
                continue
            if key in wanted:
                wanted[key] = value
            else:
                wanted = _put_behind(wanted, before, key, value)
            before = key
        return wanted

    def part(self, part: Part, old: object) -> object:
        match part:
            case Input():
                return self.input(part, old)
            case Pair():
                return self.pair(part, old)
            case Parts():
                made = self.mapping(part.parts, old if isinstance(old, dict) else {})
                return made if made or (isinstance(old, dict) and not (part.optional and old)) else ABSENT
            case RowList():
                return self.rows(part, old)

    def pair(self, part: Pair, old: object) -> object:
        fields = old if isinstance(old, dict) else {}
        halves = {lang: self.input(half, fields.get(lang, ABSENT)) for lang, half in (("en", part.en), ("zh", part.zh))}
        there = {lang: value for lang, value in halves.items() if value is not ABSENT}
        if there == fields and (there or old is ABSENT):
            return old
        if part.optional and not any(there.values()):
            return ABSENT
        order = [*(lang for lang in fields if lang in there), *(lang for lang in there if lang not in fields)]
        return {lang: there[lang] for lang in order}

    def rows(self, part: RowList, old: object) -> object:
        items = list(old.values()) if isinstance(old, dict) else old if isinstance(old, list) else []
        correct = self.posted.get(f"{part.name}.correct")  # the one that is marked, of a single choice
        rows = []
        for index, (row, item) in enumerate(zip(part.rows, items, strict=True)):
            value = self.part(row.part, item)
            if correct and isinstance(row.part, Parts):
                value = _marked(row.part, value, marked=correct[-1] == str(index))
            rows.append(Row(index, value, self._typed(row.key) if row.key else ""))
        rows = _done(rows, self.posted.get(DO, [""])[-1], part)
        names = [row.key for row in rows]
        if part.named and len(set(names)) < len(names):
            doubled = next(name for name in names if names.count(name) > 1)
            raise Invalid(N_("Two rows are named “%(name)s”. Give one of them another name."), name=doubled)
        if part.named and "" in names:
            raise Invalid(N_("A row has no name. Name it, or take it out."))
        if not rows and (part.optional or old is ABSENT):
            return old if old is ABSENT or not items else ABSENT
        return Rows(tuple(rows), part.named)

    def _typed(self, part: Input) -> str:
        given = self.posted.get(part.name)
        return _line_feeds(given[-1]) if given else part.value

    def input(self, part: Input, old: object) -> object:
        given = self.posted.get(part.name)
        if given is None or part.widget == "fixed":
            return old
        typed = _line_feeds("\n".join(given) if part.widget == "words" else given[-1])
        if typed == _line_feeds(part.value):
            return old
        if any("\ud800" <= character <= "\udfff" for character in typed):
            raise Invalid(N_("Half of a character (a lone surrogate) can't be kept. Write the character itself."))
        if not typed.strip() and part.optional:
            return ABSENT
        return _meant(part, typed, old)


def _meant(part: Input, typed: str, old: object) -> object:
    """What a changed input says."""
    match part.widget:
        case "line" | "fixed":
            return typed
        case "prose" | "code":
            return _lines_meant(typed, old, always=part.widget == "code")
        case "number" | "choice":
            return _number_or_text(typed.strip())
        case "flag":
            return ABSENT if typed == part.default else typed == "true"
        case "words":
            return _words_meant(typed, old, part)
        case "values":
            return _yaml_meant(f"[{typed}]", part)
        case "yaml":
            return _yaml_meant(typed, part)


def _lines_meant(typed: str, old: object, *, always: bool) -> str:
    """The last line's end is not shown: kept as it was, and there for code and where lines are new."""
    if "\n" in typed:
        typed = "\n".join(line.rstrip() for line in typed.split("\n"))
    ended = old.endswith("\n") if isinstance(old, str) else False
    more = always or ("\n" in typed and not (isinstance(old, str) and "\n" in old))
    return f"{typed}\n" if typed and (ended or more) else typed


def _number_or_text(typed: str) -> object:
    source = read(typed.encode())
    is_number = isinstance(source.data, int | float) and not isinstance(source.data, bool)
    return Raw(typed, source.data) if is_number and not source.faults and "#" not in typed else typed


def _words_meant(typed: str, old: object, part: Input) -> object:
    words = [line.strip() for line in typed.split("\n") if line.strip()]
    before = old if isinstance(old, list) else []
    if len(set(words)) == len(words) and sorted(words) == sorted(map(str, before)):
        return old if part.path == ("covers",) else words
    if part.path == ("covers",):  # ticked boxes come in the topic's order: keep the author's
        return [*(it for it in before if it in words), *dict.fromkeys(it for it in words if it not in before)]
    return words if words or not part.optional else ABSENT


def _yaml_meant(typed: str, part: Input) -> object:
    source = read(f"{typed}\n".encode())
    name = ".".join(map(str, part.path))
    if source.faults:
        fault = source.faults[0]
        why = told(fault.message, fault.mend)
        raise Invalid(N_("%(field)s, line %(line)s: %(fault)s"), field=name, line=fault.line, fault=why)
    node = compose(f"{typed}\n")
    return Raw(typed.rstrip(), source.data, getattr(node, "flow_style", None) is False)


def _marked(part: Parts, value: object, *, marked: bool) -> object:
    """A row as the right one, or not."""
    flag = part.parts.get("correct")
    if not isinstance(flag, Input) or not isinstance(value, dict) or (flag.value == "true") == marked:
        return value
    others = {key: it for key, it in value.items() if key != "correct"}
    return _put_behind(others, "text", "correct", True) if marked else others


def _put_behind(wanted: Mapping[str, object], before: str | None, key: str, value: object) -> dict[str, object]:
    made: dict[str, object] = {} if before is not None else {key: value}
    for name, it in wanted.items():
        made[name] = it
        if name == before:
            made[key] = value
    return made


def _done(rows: Sequence[Row], do: str, part: RowList) -> list[Row]:
    """The rows after the button that was pressed, if it was one of theirs."""
    made = list(rows)
    head, _, action = do.rpartition(f"{part.name.removeprefix(PREFIX + '.')}.")
    words = action.split(".")
    if head or action == do:
        return made
    match words:
        case ["add"]:
            names = {row.key for row in rows}
            name = next(it for it in ("new", *(f"new{n}" for n in range(2, len(rows) + 3))) if it not in names)
            made.append(Row(None, _blank(part.item), name if part.named else ""))
        case ["remove", number] if number.isdecimal() and int(number) < len(rows):
            del made[int(number)]
        case ["move", number, ("up" | "down") as way] if number.isdecimal() and int(number) < len(rows):
            at = int(number)
            to = at - 1 if way == "up" else at + 1
            if 0 <= to < len(rows):
                made[at], made[to] = made[to], made[at]
    return made


def _blank(shape: Shape) -> object:
    """A new row, with its empty fields to fill in."""
    match shape:
        case Leaf("words"):
            return []
        case Leaf("choice", choices):
            return choices[0]
        case Leaf():
            return ""
        case Both(leaf):
            return {"en": _blank(leaf), "zh": _blank(leaf)}
        case Group(fields):
            made = {it.key: _blank(it.shape) for it in fields if not it.optional}
            return made or {fields[0].key: [0, 1]}
        case RowsOf():
            return []


def _line_feeds(typed: str) -> str:
    return typed.replace("\r\n", "\n").replace("\r", "\n")
