"""YAML to plain data with the place of every value.

Stricter than YAML: no duplicate keys, aliases or tags; dates are text; numbers are written as people read them (no
octal, no base 60), because a bank that says 010 or 1:30 does not mean 8 or 90.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.bank.foreign_words import of_yaml
from app.languages import Phrase, phrase

PathKey = tuple[str | int, ...]
MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 40
MAX_NESTED = 1000  # levels that can be composed at all, to tell each place that is nested too deeply
PLAIN = "tag:yaml.org,2002:"

MAX_DIGITS = 300

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")
_LEADS = re.compile(r"^[ ?:-]+", re.MULTILINE)  # as far in as a level of block style can begin
_WORD = re.compile(r"\S{1,24}")

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML built without libyaml: the same, slower
    from yaml import SafeLoader as Loader  # type: ignore[assignment]  # both have the interface used here


@dataclass(frozen=True)
class Fault:
    """What is wrong in the YAML itself. Lines and columns count from 1."""

    line: int
    column: int
    message: Phrase
    mend: Phrase


@dataclass
class Source:
    """The data of one file. `places`: (line, column) of every key or item by path; `spans`: where scalars stand."""

    text: str = ""
    data: object = None
    places: dict[PathKey, tuple[int, int]] = field(default_factory=dict)
    spans: dict[PathKey, tuple[int, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def place(self, path: PathKey) -> tuple[int, int]:
        """Where the value at `path` is, or the nearest thing round it that is there."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def place_within(self, path: PathKey, value: str, offset: int) -> tuple[int, int]:
        """Where the character at `offset` of a text is, found by its word: quoting and folding change the rest."""
        word = _WORD.search(value, max(0, min(offset, len(value) - 1)))
        if path not in self.spans or word is None:
            return self.place(path)
        start, end = self.spans[path]
        for written in (word[0], word[0].replace("\\", "\\\\"), word[0].replace("'", "''")):
            at = start - 1
            for _ in range(_count(value, word[0], word.start()) + 1):
                at = self.text.find(written, at + 1, end)
                if at == -1:
                    break
            else:
                return self._line_and_column(at)
        return self.place(path)

    def _line_and_column(self, index: int) -> tuple[int, int]:
        return self.text.count("\n", 0, index) + 1, index - self.text.rfind("\n", 0, index)


def _count(text: str, word: str, before: int) -> int:
    """How often `word` begins in `text` before that offset, overlapping ones too."""
    return sum(text.startswith(word, at) for at in range(before))


def read(raw: bytes) -> Source:
    """Parse a file's bytes. Whatever is wrong is in `faults`, all of it as far as YAML lets us go on."""
    source = Source()
    if len(raw) > MAX_BYTES:
        source.faults.append(
            Fault(
                1,
                1,
                phrase("the file has %(count)s bytes", count=len(raw)),
                phrase("split it; at most %(max_bytes)s are read", max_bytes=MAX_BYTES),
            )
        )
        return source
    try:
        source.text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = len(raw[raw.rfind(b"\n", 0, error.start) + 1 : error.start].decode(errors="replace")) + 1
        source.faults.append(Fault(line, column, phrase("not UTF-8 text"), phrase("save the file as UTF-8")))
        return source
    root = _compose(source)
    if root is not None:
        _Builder(source).build(root)
    return source


def compose(text: str) -> Node | None:
    """The nodes of a text that `read` finds no fault with, for who changes it."""
    return yaml.compose(text, Loader)


def _compose(source: Source) -> Node | None:
    try:
        if (deep := _too_deep(source.text)) is not None:
            source.faults.append(deep)
            return None
        return compose(source.text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        if line > (last := source.text.count("\n") + 1):  # the parser stands behind the end
            line, column = last, len(source.text) - source.text.rfind("\n")
        fault = Fault(
            line,
            column,
            phrase("not YAML: %(why)s", why=of_yaml(error.problem or error.context or "")),
            _mend_syntax(source.text, line),
        )
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        before = source.text[: position if isinstance(position, int) else 0]
        fault = Fault(before.count("\n") + 1, 1, phrase("a character that YAML does not allow"), phrase("remove it"))
    except RecursionError:
        fault = Fault(
            1, 1, phrase("nested too deeply"), phrase("at most %(max_depth)s levels are read", max_depth=MAX_DEPTH)
        )
    source.faults.append(fault)
    return None


def _too_deep(text: str) -> Fault | None:
    """Where the text is nested deeper than can be composed: libyaml recurses in C, and the process would die of it."""
    if (
        text.count("[") + text.count("{") <= MAX_DEPTH
        and len(max(_LEADS.findall(text), key=len, default="")) <= MAX_DEPTH
    ):
        return None  # the usual small text
    depth = 0
    for event in yaml.parse(text, Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_NESTED:
                mark = event.start_mark
                line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
                return Fault(
                    line,
                    column,
                    phrase("nested too deeply"),
                    phrase("at most %(max_depth)s levels are read", max_depth=MAX_DEPTH),
                )
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return None


def _mend_syntax(text: str, line: int) -> Phrase:
    here = text.split("\n")[line - 1 : line]
    if here and "\t" in here[0]:
        return phrase("use spaces, not tabs")
    return phrase("look at indentation, quotes, ': ' and ' #' here and on the line above; quote a text that holds them")


class _Builder:
    """Builds data from nodes, noting places and faults."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.seen: set[int] = set()
        self.aliased = False

    def build(self, root: Node) -> None:
        self.source.places[()] = (root.start_mark.line + 1, root.start_mark.column + 1)
        self.source.data = self._value(root, ())
        if self.aliased:
            for event in yaml.parse(self.source.text, Loader):
                if isinstance(event, yaml.AliasEvent):
                    self._fault(
                        event, phrase("an alias (*%(anchor)s)", anchor=event.anchor), phrase("write the value out here")
                    )

    def _value(self, node: Node, path: PathKey) -> object:
        if id(node) in self.seen:
            self.aliased = True
            return None
        self.seen.add(id(node))
        if len(path) > MAX_DEPTH:
            self._fault(
                node, phrase("nested too deeply"), phrase("at most %(max_depth)s levels are read", max_depth=MAX_DEPTH)
            )
            return None
        if isinstance(node, MappingNode):
            self._require_no_tag(node, "map")
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            self._require_no_tag(node, "seq")
            return self._sequence(node, path)
        if isinstance(node, ScalarNode):
            self.source.spans[path] = (node.start_mark.index, node.end_mark.index)
            return self._scalar(node)
        raise TypeError(node)

    def _mapping(self, node: MappingNode, path: PathKey) -> dict[str, object]:
        made: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else ""
            if not key:
                self._fault(key_node, phrase("a key that is not plain text"), phrase("use a plain word as the key"))
            elif key in made:
                self._fault(
                    key_node, phrase("'%(key)s' stands here twice", key=key), phrase("remove or rename one of the two")
                )
            else:
                self.source.places[(*path, key)] = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
                made[key] = self._value(value_node, (*path, key))
        return made

    def _sequence(self, node: SequenceNode, path: PathKey) -> list[object]:
        made: list[object] = []
        for index, item in enumerate(node.value):
            self.source.places[(*path, index)] = (item.start_mark.line + 1, item.start_mark.column + 1)
            made.append(self._value(item, (*path, index)))
        return made

    def _scalar(self, node: ScalarNode) -> object:
        value: str = node.value
        match node.tag.removeprefix(PLAIN):
            case "str" if not node.style and _FLOAT.fullmatch(value):
                return self._float(node)  # 1e-5, which YAML 1.1 takes for text and editors for a number
            case "str" | "timestamp" | "merge" | "value":
                return self._text(node)
            case "null":
                return None
            case "bool":
                return value.lower() in ("yes", "true", "on")
            case "int" if _INTEGER.fullmatch(value):
                if len(value) <= MAX_DIGITS:
                    return int(value)
                self._fault(
                    node,
                    phrase("a number of %(count)s digits", count=len(value)),
                    phrase("at most %(max_digits)s are read", max_digits=MAX_DIGITS),
                )
                return None
            case "float" if _FLOAT.fullmatch(value):
                return self._float(node)
            case "int" | "float":
                mend = phrase("write a plain decimal number, or quote it if it is text")
                self._fault(
                    node, phrase("YAML would read '%(value)s' as another number than it looks like", value=value), mend
                )
                return None
        self._require_no_tag(node, "str")
        return None

    def _float(self, node: ScalarNode) -> float | None:
        number = float(node.value)
        if math.isfinite(number):
            return number
        self._fault(
            node, phrase("'%(number)s' is too large a number", number=node.value), phrase("write a smaller one")
        )
        return None

    def _text(self, node: ScalarNode) -> str | None:
        value: str = node.value
        if any("\ud800" <= character <= "\udfff" for character in value):
            self._fault(node, phrase("half of a character (a lone surrogate)"), phrase("write the character itself"))
            return None
        return value

    def _require_no_tag(self, node: Node, due: str) -> None:
        if node.tag != PLAIN + due:
            self._fault(
                node,
                phrase("the tag %(tag)s", tag=node.tag.removeprefix(PLAIN)),
                phrase("remove it; tags are not read"),
            )

    def _fault(self, at: Node | yaml.Event, message: Phrase, mend: Phrase) -> None:
        mark = at.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        self.source.faults.append(Fault(line, column, message, mend))
