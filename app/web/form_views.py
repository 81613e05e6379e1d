"""The form of a question as the page shows it: labels, hints and findings beside the fields of `authoring.fields`.

The page puts `admin/editor/forms/form.html` inside its own `<form>`, with the YAML that the form was made from in a
field of its own; what comes back goes through `authoring.fields.apply`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.authoring import fields
from app.authoring.form_parts import PREFIX, Form, Input, Pair, Part, Parts, RowList, RowPart
from app.bank.findings import Finding
from app.bank.schema import Topic
from app.bank.yaml_source import PathKey
from app.web import form_words, wording
from app.web.i18n import Words

_HEAD = ("id", "kind", "difficulty", "minutes", "status", "tags")
_BACKGROUND = ("covers", "sources", "errata", "erratum")
_FIGURES = ("figure", "answer_figure")


@dataclass(frozen=True)
class InputView:
    """One input. `widget` is one of `form_shapes.Widget`, or radio: one of the rows' flags."""

    id: str
    name: str
    widget: str
    value: str
    label: str
    hint: str
    findings: tuple[str, ...]
    lang: str = ""
    lines: int = 1
    choices: tuple[tuple[str, str], ...] = ()
    checked: bool = False
    part: str = "input"


@dataclass(frozen=True)
class PairView:
    """One text in both languages."""

    id: str
    label: str
    hint: str
    findings: tuple[str, ...]
    halves: tuple[InputView, ...]
    part: str = "pair"


@dataclass(frozen=True)
class GroupView:
    """Fields that belong together."""

    id: str
    label: str
    hint: str
    findings: tuple[str, ...]
    parts: tuple[PartView, ...]
    part: str = "group"


@dataclass(frozen=True)
class RowView:
    """One row; `do` is what its buttons send: `remove`, `up`, `down`. Empty where it can't go there."""

    id: str
    label: str
    findings: tuple[str, ...]
    parts: tuple[PartView, ...]
    remove: str
    up: str
    down: str


@dataclass(frozen=True)
class RowsView:
    """Rows, and the button that adds one."""

    id: str
    label: str
    hint: str
    findings: tuple[str, ...]
    rows: tuple[RowView, ...]
    add: str
    add_label: str
    part: str = "rows"


@dataclass(frozen=True)
class ChecksView:
    """The topic's facts to tick, and an input for what is not among them."""

    id: str
    name: str
    label: str
    hint: str
    findings: tuple[str, ...]
    boxes: tuple[tuple[str, str, bool], ...]
    other: InputView
    part: str = "checks"


PartView = InputView | PairView | GroupView | RowsView | ChecksView


@dataclass(frozen=True)
class SectionView:
    """Some of the form's parts under a heading."""

    id: str
    label: str
    parts: tuple[PartView, ...]


@dataclass(frozen=True)
class FormView:
    """The form. `findings` are of the question as a whole; `focus` is the id of what the last button led to."""

    sections: tuple[SectionView, ...]
    findings: tuple[str, ...]
    focus: str = ""
    told: str = ""


def form_view(yaml: str, topic: Topic, findings: Sequence[Finding], words: Words, done: str = "") -> FormView | None:
    """The form of a question's text; None if the text can't be read. `findings` are placed in the text.

    `done` is the button (`fields.DO`) that made this text of the one before: the form says so and puts the focus there.
    """
    form = fields.form(yaml)
    if form is None:
        return None
    maker = _Maker(form, topic, _by_part(yaml, form, findings, words), words)
    sections = []
    for name, keys in _sections(form).items():
        parts = tuple(maker.part(form.parts[key]) for key in keys)
        if parts:
            sections.append(SectionView(f"part-{name}", words.gettext(form_words.SECTIONS[name]), parts))
    focus, told = _led_to(form, done, words)
    return FormView(tuple(sections), maker.of(()), focus, told)


def _sections(form: Form) -> dict[str, list[str]]:
    named = {"head": _HEAD, "question": (), "background": _BACKGROUND, "figures": _FIGURES}
    elsewhere = {*_HEAD, *_BACKGROUND, *_FIGURES}
    found = {name: [key for key in keys if key in form.parts] for name, keys in named.items()}
    found["question"] = [key for key in form.parts if key not in elsewhere]
    return found


def input_id(name: str) -> str:
    """The id in the page of what is posted by that name."""
    return name.replace(".", "-")


def _by_part(yaml: str, form: Form, findings: Sequence[Finding], words: Words) -> dict[PathKey, tuple[str, ...]]:
    """What was found, by the path of the part nearest to it."""
    known = {part.path for part in form.all_parts()} | {
        row.path for part in form.all_parts() if isinstance(part, RowList) for row in part.rows
    }
    made: dict[PathKey, tuple[str, ...]] = {}
    for finding in findings:
        path = fields.path_at(yaml, finding.line, finding.column)
        while path and path not in known:
            path = path[:-1]
        made[path] = (*made.get(path, ()), words.say(finding.told))
    return made


def _led_to(form: Form, done: str, words: Words) -> tuple[str, str]:
    """Where a row's button led: what has the focus now, and what to say."""
    *name, last = done.split(".")
    lists = {part.name: part for part in form.all_parts() if isinstance(part, RowList)}
    match name, last:
        case [key], "add" if (rows := lists.get(f"{PREFIX}.{key}")) and rows.rows:
            return f"{input_id(rows.rows[-1].name)}-row", words.gettext(form_words.ADDED)
        case [key, "remove"], _ if f"{PREFIX}.{key}" in lists:
            return f"{PREFIX}-{key}-add", words.gettext(form_words.TAKEN_OUT)
        case [key, "move", number], ("up" | "down") if (rows := lists.get(f"{PREFIX}.{key}")) and number.isdecimal():
            place = min(max(int(number) + (-1 if last == "up" else 1), 0), len(rows.rows) - 1)
            told = words.gettext(form_words.MOVED, place=place + 1, total=len(rows.rows))
            return f"{PREFIX}-{key}-{place}-{last}", told
    return "", ""


@dataclass(frozen=True)
class _Maker:
    form: Form
    topic: Topic
    found: Mapping[PathKey, tuple[str, ...]]
    words: Words
    told: set[PathKey] = field(default_factory=set)
    quiet: bool = False  # hints have been given, in the row above

    def of(self, path: PathKey) -> tuple[str, ...]:
        """The findings of a part; told once, where two parts have one path."""
        if path in self.told:
            return ()
        self.told.add(path)
        return self.found.get(path, ())

    def label(self, path: PathKey) -> str:
        return self.words.gettext(self._worded(form_words.LABELS, path))

    def hint(self, path: PathKey) -> str:
        worded = "" if self.quiet else self._worded(form_words.HINTS, path)
        return self.words.gettext(worded) if worded else ""

    def _worded(self, table: Mapping[str, str], path: PathKey) -> str:
        keys = [part for part in path if isinstance(part, str) and part not in ("en", "zh")]
        if not keys:
            return ""
        for name in (f"{self.form.kind}.{'.'.join(keys)}", ".".join(keys), keys[-1]):
            if name in table:
                return table[name]
        return ""

    def part(self, part: Part, path: PathKey | None = None) -> PartView:
        """`path`: of keys alone, as the words have it; where rows are named, without the names."""
        path = part.path if path is None else path
        match part:
            case Input() if path == ("covers",) and part.widget == "words":
                return self.covers(part)
            case Input():
                return self.input(part, path)
            case Pair():
                halves = self.halves(part, path)
                return PairView(input_id(part.name), self.label(path), self.hint(path), self.of(part.path), halves)
            case Parts():
                parts = tuple(self.part(child, (*path, key)) for key, child in part.parts.items())
                return GroupView(input_id(part.name), self.label(path), self.hint(path), self.of(part.path), parts)
            case RowList():
                return self.rows(part, path)

    def halves(self, part: Pair, path: PathKey) -> tuple[InputView, ...]:
        made = []
        for half, lang in ((part.en, "en"), (part.zh, "zh")):
            label = f"{self.label(path)} · {self.words.gettext(form_words.HALVES[lang])}"
            made.append(self.input(half, path, label, lang))
        lines = max(half.lines for half in made)
        return tuple(replace(half, lines=lines) for half in made)

    def input(self, part: Input, path: PathKey, label: str = "", lang: str = "") -> InputView:
        return InputView(
            id=input_id(part.name),
            name=part.name,
            widget="code" if part.widget == "values" and len(part.value) > _LONG_LINE else part.widget,
            value=part.value,
            label=label or self.label(path),
            hint="" if lang else self.hint(path),
            findings=self.of(part.path),
            lang=lang if part.widget in ("line", "prose", "words") else "",
            lines=_lines(part),
            choices=self.choices(part),
            checked=part.value == "true",
        )

    def choices(self, part: Input) -> tuple[tuple[str, str], ...]:
        if part.widget != "choice":
            return ()
        values = [*part.choices, *([part.value] if part.value and part.value not in part.choices else [])]
        shown = [(value, self.choice(part.path, value)) for value in values]
        if part.optional:
            usual = self.choice(part.path, part.default)
            return (("", self.words.gettext(form_words.AS_USUAL, value=usual)), *shown)
        return _or_none_yet(shown, part.value, self.words)

    def choice(self, path: PathKey, value: str) -> str:
        if path == ("status",) and value in form_words.STATUSES:
            return self.words.gettext(form_words.STATUSES[value])
        if path[-1] == "verdict" and value in wording.VERDICTS:
            return wording.verdict(value, self.words)
        return value

    def rows(self, part: RowList, path: PathKey) -> RowsView:
        key = str(path[-1])
        row_label, add_label = form_words.ROWS[key]
        radios = self.form.kind == "single-choice" and key == "options" and _right_options(part) <= 1
        rows = tuple(
            self.row(part, row, index, path, self.words.gettext(row_label, number=index + 1), radios=radios)
            for index, row in enumerate(part.rows)
        )
        return RowsView(
            id=input_id(part.name),
            label=self.label(path),
            hint=self.hint(path),
            findings=self.of(part.path),
            rows=rows,
            add=f"{key}.add",
            add_label=self.words.gettext(add_label),
        )

    def row(self, rows: RowList, row: RowPart, index: int, path: PathKey, label: str, *, radios: bool) -> RowView:
        do = f"{path[-1]}.move.{index}"
        maker = replace(self, quiet=index > 0)
        findings = self.of(row.path) if row.key or not isinstance(row.part, Input) else ()
        parts: list[PartView] = [maker.input(row.key, ("name",))] if row.key else []
        if isinstance(row.part, Parts):
            for key, child in row.part.parts.items():
                shown = maker.part(child, (*path, key))
                if radios and key == "correct" and isinstance(shown, InputView):
                    shown = _radio(shown, rows.name, index)
                parts.append(shown)
        else:
            parts.append(maker.part(row.part, (*path, "text")))
        return RowView(
            id=f"{input_id(row.name)}-row",
            label=label,
            findings=findings,
            parts=tuple(parts),
            remove=f"{path[-1]}.remove.{index}",
            up=f"{do}.up" if index else "",
            down=f"{do}.down" if index + 1 < len(rows.rows) else "",
        )

    def covers(self, part: Input) -> ChecksView:
        """The topic's own facts as boxes. A fact is written as it was, `f1` or with the topic's name."""
        written = part.value.split("\n") if part.value else []
        boxes, known = [], set()
        for name, fact in self.topic.facts.items():
            full = f"{self.topic.id}/{name}"
            value = full if full in written and name not in written else name
            known.add(value)
            boxes.append((value, fact, value in written))
        others = "\n".join(name for name in written if name not in known)
        other = Input(part.path, part.name, "words", others)
        found = self.of(part.path)
        return ChecksView(
            id=input_id(part.name),
            name=part.name,
            label=self.label(part.path),
            hint="",
            findings=found,
            boxes=tuple(boxes),
            other=self.input(other, part.path),
        )


_LONG_LINE = 40  # characters; a longer list of values gets lines to stand in
_LEAST_LINES = {"prose": 2, "code": 6, "words": 2, "yaml": 2}
_WIDE = "\u2e80"  # from here on characters are about two columns wide


def _lines(part: Input) -> int:
    """How high an input for several lines is, so that most texts are seen whole."""
    columns = 30 if part.widget == "prose" else 100
    lines = [len(line) + sum(character >= _WIDE for character in line) for line in part.value.split("\n")]
    return min(max(sum(width // columns + 1 for width in lines), _LEAST_LINES.get(part.widget, 1)), 24)


def _or_none_yet(shown: Sequence[tuple[str, str]], value: str, words: Words) -> tuple[tuple[str, str], ...]:
    """The choices of a field that has to be there; where nothing is chosen yet, that too."""
    return tuple(shown) if value else (("", words.gettext(form_words.NOT_CHOSEN)), *shown)


def _right_options(rows: RowList) -> int:
    flags = [row.part.parts.get("correct") for row in rows.rows if isinstance(row.part, Parts)]
    odd = sum(not isinstance(flag, Input) or flag.widget != "flag" for flag in flags)
    return 2 if odd else sum(isinstance(flag, Input) and flag.value == "true" for flag in flags)


def _radio(flag: InputView, rows_name: str, index: int) -> InputView:
    return InputView(
        flag.id, f"{rows_name}.correct", "radio", str(index), flag.label, flag.hint, flag.findings, checked=flag.checked
    )
