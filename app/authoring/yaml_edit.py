"""A question's text made to say other data, by the smallest change: every line that need not change stays as it is.

Works on the text: a changed value is written over the old one, an added field or item gets lines of its own, items that
move take their lines and comments along. What comes out is read again and must say what was wanted, with every comment
still there but those inside what was taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.authoring.yaml_comments import keeps_comments, line_end, line_start
from app.authoring.yaml_wanted import CannotEdit, Row, plain, rows_of, same, written
from app.authoring.yaml_words import Raw, after_colon, after_dash, has_lines, in_flow, key_text, scalar
from app.bank.yaml_source import compose, read

Parent = Literal["colon", "dash", "flow"]


def rewritten(text: str, wanted: object) -> str:
    """The text, changed so that it says `wanted`. Raises `CannotEdit`."""
    data = read(text.encode()).data
    if same(data, plain(wanted)):
        return text
    for blocks in (True, False):
        splice = _Splice(text, blocks=blocks)
        try:
            made = splice.whole(data, wanted)
        except CannotEdit:
            continue
        source = read(made.encode())
        if not source.faults and same(source.data, plain(wanted)) and keeps_comments(text, made, splice.gone):
            return made
    raise CannotEdit


@dataclass(frozen=True)
class _Place:
    """Where a value stands: after what, from which index on, and at which column its key or dash is."""

    after: Parent
    start: int
    column: int


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str


@dataclass(frozen=True)
class _Child:
    """An item or field: where it begins (its dash or key), what its value is, where that stands."""

    begin: int
    node: Node
    place: _Place
    data: object
    key: Node | None = None


@dataclass
class _Splice:
    """One change of one text. `blocks`: a text of several lines may turn its one-line group into lines."""

    text: str
    blocks: bool
    gone: list[tuple[int, int]] = field(default_factory=list)  # what was taken out, with the comments in it

    def whole(self, data: object, wanted: object) -> str:
        root = compose(self.text)
        if not isinstance(root, MappingNode):
            raise CannotEdit
        return self._cut(0, len(self.text), self._edits(root, data, wanted, _Place("colon", 0, -2)))

    def _cut(self, start: int, end: int, edits: Iterable[_Edit]) -> str:
        """The text from `start` to `end` with the edits made."""
        parts, at = [], start
        for edit in sorted(edits, key=lambda it: (it.start, it.end)):
            if edit.start < at or edit.end > end:
                raise CannotEdit
            parts += [self.text[at : edit.start], edit.text]
            at = edit.end
        return "".join([*parts, self.text[at:end]])

    def _edits(self, node: Node, data: object, wanted: object, place: _Place) -> list[_Edit]:
        if same(data, plain(wanted)):
            return []
        rows = rows_of(data, wanted)
        if rows is None or all(row.origin is None for row in rows):
            return [self._replaced(node, wanted, place)]
        if _in_one_line(node):
            if self.blocks and place.after != "flow" and has_lines(plain(wanted)) and not has_lines(data):
                return [self._replaced(node, wanted, place)]
            return self._flow_edits(node, data, rows)
        return self._block_edits(self._children(node, data), rows)

    # One value for another

    def _replaced(self, node: Node, wanted: object, place: _Place) -> _Edit:
        value = written(wanted)
        start, end = node.start_mark.index, self._content_end(node, place)
        if isinstance(node, ScalarNode) and not isinstance(value, dict | list | Raw):
            new = scalar(value, place.column, flow=place.after == "flow", like=node.style)
            if place.after == "colon":
                start, new = place.start, " " + new
        elif place.after == "flow":
            new = in_flow(value)
        elif place.after == "dash":
            new = after_dash(value, place.column)
        else:
            start, new = place.start, after_colon(value, place.column)
        return self._put(node, start, end, new)

    def _put(self, node: Node, start: int, end: int, new: str) -> _Edit:
        """A comment behind the old value, or behind its block's mark, stays on that line."""
        if isinstance(node, ScalarNode) and node.style in ("|", ">"):
            head = self.text[node.start_mark.index : line_end(self.text, node.start_mark.index)]
            rest = found[0] if (found := re.search(r"\s+#.*", head)) else ""
        else:
            last = line_end(self.text, end)
            rest = self.text[end:last]
            if "\n" not in new or not rest.strip():
                return _Edit(start, end, new)
            end = last
        first, newline, body = new.partition("\n")
        return _Edit(start, end, first + rest + newline + body)

    def _content_end(self, node: Node, place: _Place) -> int:
        """Behind the last character of a value; blank lines and comments after it are not its own."""
        start, end = node.start_mark.index, node.end_mark.index
        if isinstance(node, ScalarNode):
            return place.start if start == end else start + len(self.text[start:end].rstrip(" \t\r\n"))
        if _in_one_line(node) or not node.value:
            return end
        last = self._children(node, None)[-1]
        return self._content_end(last.node, last.place)

    # Mappings and lists in lines

    def _children(self, node: Node, data: object) -> list[_Child]:
        if isinstance(node, MappingNode):
            fields = data if isinstance(data, dict) else {}
            return [self._field(key, value, fields.get(key.value)) for key, value in node.value]
        if not isinstance(node, SequenceNode):
            raise CannotEdit
        items = data if isinstance(data, list) else [None] * len(node.value)
        found: list[_Child] = []
        column = node.start_mark.column
        for child, value in zip(node.value, items, strict=True):
            begin = node.start_mark.index
            if found:
                last = self._content_end(found[-1].node, found[-1].place)
                dash = re.compile(rf"^ {{{column}}}-(?=\s)", re.MULTILINE).search(self.text, last)
                if dash is None:
                    raise CannotEdit
                begin = dash.end() - 1
            found.append(_Child(begin, child, _Place("dash", begin + 1, column), value))
        return found

    def _field(self, key: Node, value: Node, data: object) -> _Child:
        colon = re.compile(r"\s*:").match(self.text, key.end_mark.index)
        if colon is None:
            raise CannotEdit
        return _Child(key.start_mark.index, value, _Place("colon", colon.end(), key.start_mark.column), data, key)

    def _block_edits(self, children: Sequence[_Child], rows: Sequence[Row]) -> list[_Edit]:
        kept = [row.origin for row in rows if row.origin is not None]
        if children[0].key is None and kept != list(range(len(children))):
            return [self._moved(children, rows)]
        if kept != sorted(kept):
            return [self._moved(children, rows)]
        edits = [self._without(children, at) for at in range(len(children)) if at not in kept]
        before: _Child | None = None
        for row in rows:
            if row.origin is not None:
                before = children[row.origin]
                edits += self._child_edits(before, row)
            elif before is None:
                edits.append(self._first(children[kept[0]], row))
            else:
                edits.append(self._behind(before, row))
        return edits

    def _child_edits(self, child: _Child, row: Row) -> list[_Edit]:
        edits = self._edits(child.node, child.data, row.value, child.place)
        if child.key is not None and child.key.value != row.key:
            edits.append(_Edit(child.key.start_mark.index, child.key.end_mark.index, key_text(row.key)))
        return edits

    def _first(self, child: _Child, row: Row) -> _Edit:
        column = child.place.column
        new = self._new(row, column, child, one_line=True)
        return _Edit(child.begin, child.begin, f"{new}\n{' ' * column}")

    def _behind(self, child: _Child, row: Row) -> _Edit:
        column = child.place.column
        at = line_end(self.text, self._content_end(child.node, child.place))
        return _Edit(at, at, f"\n{' ' * column}{self._new(row, column, child, one_line=True)}")

    def _new(self, row: Row, column: int, beside: _Child, *, one_line: bool) -> str:
        value = written(row.value)
        if beside.key is None:
            return "- " + after_dash(value, column, one_line=one_line)
        return f"{key_text(row.key)}:{after_colon(value, column)}"

    def _without(self, children: Sequence[_Child], at: int) -> _Edit:
        """A field taken out with its lines; the comments above it stay."""
        child = children[at]
        end = line_end(self.text, self._content_end(child.node, child.place))
        start = line_start(self.text, child.begin)
        self.gone.append((child.begin, end))
        if not self.text[start : child.begin].strip(" "):
            return _Edit(start, min(end + 1, len(self.text)), "")
        if at + 1 == len(children):
            raise CannotEdit
        return _Edit(child.begin, children[at + 1].begin, "")  # on the line of its dash: the next one takes its place

    def _moved(self, children: Sequence[_Child], rows: Sequence[Row]) -> _Edit:
        """The lines of items in their new order. Comments above an item go with it; of one taken out they stay."""
        spots = self._spots(children)
        kept = {row.origin for row in rows}
        self.gone += [(spot.begin, spot.end) for at, spot in enumerate(spots) if at not in kept]
        column = children[0].place.column
        one_line = all(_in_one_line(child.node) for child in children)
        made: list[str] = []
        stray = ["", *(self.text[spot.lead : spot.line] for at, spot in enumerate(spots) if at not in kept)]
        gaps = [_blank_lines(self.text[spot.lead : spot.line]) for spot in spots]  # these stay between the places
        for at, row in enumerate(rows):
            if row.origin is None:
                lead, body = "", self._new(row, column, children[0], one_line=one_line)
            else:
                spot, child = spots[row.origin], children[row.origin]
                lead = self.text[spot.lead : spot.line]
                lead = lead[len(_blank_lines(lead)) :]
                body = self._cut(spot.begin, spot.end, self._child_edits(child, row))
            made.append(f"{gaps[at] if at < len(gaps) else ''}{lead}{' ' * column}{body}")
        left = "".join(stray) if "#" in "".join(stray) else ""
        new = "\n".join(made) + (f"\n{left}".rstrip("\n") if left else "")
        return _Edit(spots[0].lead, spots[-1].end, new.lstrip(" \n") if spots[0].lead == spots[0].begin else new)

    def _spots(self, children: Sequence[_Child]) -> list[_Spot]:
        spots: list[_Spot] = []
        for child in children:
            line = line_start(self.text, child.begin)
            lead = line
            if spots:
                if self.text[line : child.begin].strip(" "):
                    raise CannotEdit
                last = spots[-1]
                tail = self._tail(last.end, line, child.place.column)
                spots[-1] = _Spot(last.lead, last.line, last.begin, tail)
                lead = min(tail + 1, line)
            elif self.text[line : child.begin].strip(" "):
                lead = line = child.begin  # on the line of a dash
            else:
                lead = self._above(line)
            end = line_end(self.text, self._content_end(child.node, child.place))
            spots.append(_Spot(lead, line, child.begin, end))
        return spots

    def _above(self, line: int) -> int:
        """Where the comments above the first item begin."""
        while line and (start := line_start(self.text, line - 1)) < line:
            if not self.text[start:line].lstrip(" ").startswith("#"):
                break
            line = start
        return line

    def _tail(self, end: int, limit: int, column: int) -> int:
        """The end of the comments below an item that are set in as its own lines are."""
        while (start := end + 1) < limit:
            last = line_end(self.text, start)
            line = self.text[start:last]
            if not line.lstrip().startswith("#") or len(line) - len(line.lstrip()) <= column:
                break
            end = last
        return end

    # Groups in one line

    def _flow_edits(self, node: Node, data: object, rows: Sequence[Row]) -> list[_Edit]:
        children = self._flow_children(node, data)
        if [row.origin for row in rows] == list(range(len(children))):
            return [edit for child, row in zip(children, rows, strict=True) for edit in self._child_edits(child, row)]
        ends = [max(child.node.end_mark.index, child.place.start) for child in children]
        opening = self.text[node.start_mark.index : children[0].begin]
        closing = self.text[ends[-1] : node.end_mark.index]
        between = self.text[ends[0] : children[1].begin] if len(children) > 1 else ", "
        kept = {row.origin for row in rows}
        self.gone += [(child.begin, ends[at]) for at, child in enumerate(children) if at not in kept]
        made = []
        for row in rows:
            if row.origin is None:
                name = f"{key_text(row.key)}: " if isinstance(node, MappingNode) else ""
                made.append(name + in_flow(written(row.value)))
            else:
                child = children[row.origin]
                made.append(self._cut(child.begin, ends[row.origin], self._child_edits(child, row)))
        return [_Edit(node.start_mark.index, node.end_mark.index, opening + between.join(made) + closing)]

    def _flow_children(self, node: Node, data: object) -> list[_Child]:
        if isinstance(node, MappingNode) and isinstance(data, dict):
            return [
                _Child(key.start_mark.index, value, _Place("flow", key.end_mark.index, 0), data.get(key.value), key)
                for key, value in node.value
            ]
        if isinstance(node, SequenceNode) and isinstance(data, list):
            begins = [it.start_mark.index for it in node.value]
            three = zip(begins, node.value, data, strict=True)
            return [_Child(begin, it, _Place("flow", begin, 0), value) for begin, it, value in three]
        raise CannotEdit


@dataclass(frozen=True)
class _Spot:
    """The lines of an item: from `lead` on the comments above it, from `line` on its own, to `end`."""

    lead: int
    line: int
    begin: int
    end: int


def _in_one_line(node: Node) -> bool:
    """Whether a value is no mapping or list in lines."""
    return isinstance(node, ScalarNode) or bool(getattr(node, "flow_style", False))


def _blank_lines(text: str) -> str:
    return re.match(r"(?:[ \t]*\n)*", text)[0]  # type: ignore[index]  # matches nothing, too
