"""The comments of a YAML text, told from `#` in texts; and where its lines begin and end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.bank.yaml_source import compose

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#.*", re.MULTILINE)


def comments(text: str) -> list[tuple[int, str]]:
    """Every comment with its place."""
    root = compose(text)
    spans = sorted(_scalar_spans(root, text)) if root else []
    return [(it.start(), it[0].rstrip()) for it in _COMMENT.finditer(text) if not _within(it.start(), spans)]


def _scalar_spans(node: Node, text: str) -> Iterable[tuple[int, int]]:
    if isinstance(node, ScalarNode):
        start, end = node.start_mark.index, node.end_mark.index
        yield (line_end(text, start) if node.style in ("|", ">") else start), end
    elif isinstance(node, SequenceNode):
        for child in node.value:
            yield from _scalar_spans(child, text)
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _scalar_spans(key, text)
            yield from _scalar_spans(value, text)


def _within(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in spans)


def keeps_comments(before: str, after: str, gone: Sequence[tuple[int, int]]) -> bool:
    left = [comment for _, comment in comments(after)]
    for place, comment in comments(before):
        if comment in left:
            left.remove(comment)
        elif not _within(place, gone):
            return False
    return True


def line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end == -1 else end


def line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1
