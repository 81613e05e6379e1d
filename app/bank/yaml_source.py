"""YAML to plain data with the place of every value. Stricter than YAML: no duplicate keys, aliases, or tags; dates are text."""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml
from yaml.constructor import SafeConstructor
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

PathKey = tuple[str | int, ...]
MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 40
PLAIN = "tag:yaml.org,2002:"

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML built without libyaml: the same, slower
    from yaml import SafeLoader as Loader  # type: ignore[assignment]


@dataclass(frozen=True)
class Fault:
    """What is wrong in the YAML itself. Lines and columns count from 1."""

    line: int
    column: int
    message: str
    mend: str


@dataclass
class Source:
    """The data of one file. `places`: (line, column) of every key or item by path; `blocks`: paths of block scalars."""

    data: object = None
    places: dict[PathKey, tuple[int, int]] = field(default_factory=dict)
    blocks: set[PathKey] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def place(self, path: PathKey) -> tuple[int, int]:
        """Where the value at `path` is, or the nearest thing round it that is there."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))

    def place_within(self, path: PathKey, text: str, offset: int) -> tuple[int, int]:
        """Where the character at `offset` of a text is, as near as its style tells: its line in block style, else its start."""
        line, column = self.place(path)
        return (line + 1 + text.count("\n", 0, offset), 1) if path in self.blocks else (line, column)


def read(raw: bytes) -> Source:
    """Parse a file's bytes. Whatever is wrong is in `faults`, all of it as far as YAML lets us go on."""
    source = Source()
    if len(raw) > MAX_BYTES:
        source.faults.append(Fault(1, 1, f"the file has {len(raw)} bytes", f"split it; at most {MAX_BYTES} are read"))
        return source
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        source.faults.append(Fault(line, 1, "not UTF-8 text", "save the file as UTF-8"))
        return source
    try:
        root = yaml.compose(text, Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        mend = "mend the YAML: look at indentation, quotes and colons here and on the line above"
        source.faults.append(Fault(line, column, f"not YAML: {error.problem or error.context}", mend))
        return source
    except yaml.YAMLError as error:
        source.faults.append(Fault(1, 1, f"not YAML: {error}", "remove the character"))
        return source
    if root is not None:
        _Builder(source).build(root)
    return source


class _Builder:
    """Builds data from nodes, noting places and faults."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.scalars = SafeConstructor()
        self.seen: set[int] = set()

    def build(self, root: Node) -> None:
        self.source.places[()] = (root.start_mark.line + 1, root.start_mark.column + 1)
        self.source.data = self._value(root, ())

    def _value(self, node: Node, path: PathKey) -> object:
        if id(node) in self.seen:
            self._fault(node, "an alias (*name)", "write the value out; aliases are not read")
            return None
        self.seen.add(id(node))
        if len(path) > MAX_DEPTH:
            self._fault(node, "nested too deeply", f"at most {MAX_DEPTH} levels are read")
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return self._sequence(node, path)
        return self._scalar(node, path)

    def _mapping(self, node: MappingNode, path: PathKey) -> dict[str, object]:
        made: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else ""
            if not key:
                self._fault(key_node, "a key that is not plain text", "use a plain word as the key")
            elif key in made:
                self._fault(key_node, f"'{key}' stands here twice", "remove or rename one of the two")
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

    def _scalar(self, node: Node, path: PathKey) -> object:
        if node.style in ("|", ">"):
            self.source.blocks.add(path)
        try:
            match node.tag.removeprefix(PLAIN):
                case "str" | "timestamp":
                    return node.value
                case "null":
                    return None
                case "bool":
                    return self.scalars.construct_yaml_bool(node)
                case "int":
                    return self.scalars.construct_yaml_int(node)
                case "float":
                    return self.scalars.construct_yaml_float(node)
        except (ValueError, KeyError) as error:
            self._fault(node, f"'{node.value}': {error}", "quote it if it is text")
            return None
        self._fault(node, f"the tag {node.tag}", "remove it; tags are not read")
        return None

    def _fault(self, node: Node, message: str, mend: str) -> None:
        self.source.faults.append(Fault(node.start_mark.line + 1, node.start_mark.column + 1, message, mend))
