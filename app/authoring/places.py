"""A piece of Python code with its tree: where its parts stand, in characters, and what they stand in."""

from __future__ import annotations

import ast
from itertools import accumulate
from typing import Any

from app.sandbox import lines_of

Span = tuple[int, int]

_SMALL = (ast.Constant, ast.Name, ast.Slice, ast.keyword, ast.Tuple, ast.UnaryOp)
_COMPOUND = (ast.FunctionDef, ast.If, ast.For, ast.While, ast.With)


class Code:
    """A source with its tree: where nodes stand, and what they stand in."""

    def __init__(self, source: str, tree: ast.Module) -> None:
        self.source = source
        self._lines = lines_of(source)
        self._starts = [0, *accumulate(map(len, self._lines))]
        self.parent: dict[ast.AST, ast.AST] = {}
        self.nodes: list[ast.AST] = []
        self.modules: set[str] = set()
        self._visit(tree)

    def _visit(self, node: ast.AST) -> None:
        """Everything that is worked with: no type hints, and no f-strings, whose insides have no reliable places."""
        self.nodes.append(node)
        if isinstance(node, ast.Import):
            self.modules |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        if isinstance(node, ast.JoinedStr):
            return
        for name, value in ast.iter_fields(node):
            if name not in ("annotation", "returns", "decorator_list"):
                for child in value if isinstance(value, list) else [value]:
                    if isinstance(child, ast.AST):
                        self.parent[child] = node
                        self._visit(child)

    def span(self, node: ast.AST) -> Span:
        """Where an expression or statement begins and ends, in characters."""
        place: Any = node
        start = self._offset(place.lineno, place.col_offset)
        return start, self._offset(place.end_lineno, place.end_col_offset)

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def text(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.source[start:end]

    def context(self, node: ast.AST) -> Span:
        """The smallest part of the source around a node that says what it is about."""
        over = self.parent.get(node)
        while isinstance(node, _SMALL) and isinstance(over, ast.expr | ast.keyword | ast.stmt):
            if isinstance(over, _COMPOUND):
                break
            node, over = over, self.parent.get(over)
        start, end = self.span(node)
        if isinstance(over, ast.arguments):  # a default: with the name of its argument
            arguments = [*over.posonlyargs, *over.args, *over.kwonlyargs]
            start = max(place for place, _ in map(self.span, arguments) if place < start)
        return start, end
