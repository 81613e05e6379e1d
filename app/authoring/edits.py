"""The slips that one edit can make in Python code: operators exchanged, bounds off by one, calls and lines left out.

Owns which edits there are, and where each stands in the source. What is made of them is `mutants`'.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

Span = tuple[int, int]

_ARITHMETIC: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("-", "*"),
    ast.Sub: ("+",),
    ast.Mult: ("/", "+"),
    ast.Div: ("*", "//"),
    ast.FloorDiv: ("/", "%"),
    ast.Mod: ("//",),
    ast.Pow: ("*",),
    ast.MatMult: ("*",),
    ast.BitAnd: ("|",),
    ast.BitOr: ("&",),
    ast.BitXor: ("&",),
    ast.LShift: (">>",),
    ast.RShift: ("<<",),
}
_SIGN: dict[type[ast.AST], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_COMPARISON: dict[type[ast.cmpop], tuple[str, ...]] = {
    ast.Lt: ("<=", ">"),
    ast.LtE: ("<", ">="),
    ast.Gt: (">=", "<"),
    ast.GtE: (">", "<="),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
}
_TWINS = (
    ("min", "max"), ("amin", "amax"), ("fmin", "fmax"), ("minimum", "maximum"), ("argmin", "argmax"),
    ("nanmin", "nanmax"), ("any", "all"), ("sum", "mean"), ("cumsum", "cumprod"), ("zeros", "ones"),
    ("zeros_like", "ones_like"), ("vstack", "hstack"), ("tril", "triu"), ("floor", "ceil"),
)  # fmt: skip
_RENAMED = {one: (other,) for pair in _TWINS for one, other in (pair, pair[::-1])} | {
    "floor": ("ceil", "round"),
    "ceil": ("floor", "round"),
    "round": ("floor", "ceil"),
}
_BUILTIN = frozenset({"min", "max", "any", "all"})  # of those above, what needs no module
_JOINS = frozenset({"concatenate", "stack", "vstack", "hstack", "column_stack", "cat", "append"})
_COUNTS = frozenset({"range", "arange"})
# Of these the call may be left out, and what it was called on is there still.
_LEFT_OUT = frozenset(
    {"abs", "absolute", "fabs", "clip", "clamp", "clamp_min", "clamp_max", "astype", "copy", "deepcopy", "clone"}
)
_SYMMETRIC = frozenset(
    {"min", "max", "minimum", "maximum", "fmin", "fmax", "add", "multiply", "hypot", "logaddexp", "gcd", "lcm",
     "equal", "not_equal", "array_equal", "logical_and", "logical_or", "logical_xor", "zip", "print"}
)  # fmt: skip
_REMOVABLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Raise, ast.Assert, ast.Delete, ast.For, ast.While)
_SMALL = (ast.Constant, ast.Name, ast.Slice, ast.keyword, ast.Tuple, ast.UnaryOp)
_COMPOUND = (ast.FunctionDef, ast.If, ast.For, ast.While, ast.With)


@dataclass(frozen=True)
class Edit:
    """Characters `start` to `end` become `text`. `shown` is the span of source that makes the edit readable.

    `is_expression`: what is there now and what comes in its place are whole expressions.
    """

    operator: str
    start: int
    end: int
    text: str
    shown: tuple[int, int]
    is_expression: bool = False


def edits(source: str, tree: ast.Module) -> list[Edit]:
    """Every edit of `source`, whose tree is given, in the order of their places."""
    code = _Code(source, tree)
    found = [edit for node in code.nodes for edit in _edits_at(code, node)]
    return sorted(found, key=lambda edit: (edit.start, edit.end))


class _Code:
    """A source with its tree: where nodes stand, and what they stand in."""

    def __init__(self, source: str, tree: ast.Module) -> None:
        self.source = source
        self._lines = source.splitlines(keepends=True)
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


def _edits_at(code: _Code, node: ast.AST) -> Iterator[Edit]:
    if (found := _FOUND_AT.get(type(node))) is not None:
        yield from found(code, node)
    if isinstance(node, _REMOVABLE) and not _is_text(node):
        yield _replaced(code, "remove", node, "pass")


def _replaced(code: _Code, operator: str, node: ast.AST, text: str, shown: Span | None = None) -> Edit:
    whole = isinstance(node, ast.expr) and not isinstance(node, ast.Slice)
    return Edit(operator, *code.span(node), text, shown or code.context(node), whole)


def _binary(code: _Code, node: ast.BinOp) -> Iterator[Edit]:
    yield from _exchanged(code, node, "arithmetic", node.left, node.op, node.right, _ARITHMETIC[type(node.op)])


def _in_place(code: _Code, node: ast.AugAssign) -> Iterator[Edit]:
    yield from _exchanged(code, node, "arithmetic", node.target, node.op, node.value, _ARITHMETIC[type(node.op)])


def _compare(code: _Code, node: ast.Compare) -> Iterator[Edit]:
    for (left, right), sign in zip(pairwise([node.left, *node.comparators]), node.ops, strict=True):
        yield from _exchanged(code, node, "comparison", left, sign, right, _COMPARISON[type(sign)])


def _return(code: _Code, node: ast.Return) -> Iterator[Edit]:
    if node.value is not None:
        yield _replaced(code, "return-none", node.value, "None", code.span(node))


def _break(code: _Code, node: ast.Break) -> Iterator[Edit]:
    yield _replaced(code, "loop-exit", node, "continue")


def _continue(code: _Code, node: ast.Continue) -> Iterator[Edit]:
    yield _replaced(code, "loop-exit", node, "break")


def _branch(code: _Code, node: ast.If | ast.IfExp | ast.comprehension) -> Iterator[Edit]:
    """A condition that always holds, or never."""
    for test in node.ifs if isinstance(node, ast.comprehension) else [node.test]:
        start, end = code.span(test)
        shown = code.span(node) if isinstance(node, ast.IfExp) else (code.source.rfind("if", 0, start), end)
        yield _replaced(code, "branch", test, "True", shown)
        if not isinstance(node, ast.comprehension):
            yield _replaced(code, "branch", test, "False", shown)


def _is_text(node: ast.AST) -> bool:
    """A docstring, or `...`."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _exchanged(
    code: _Code, node: ast.AST, operator: str, left: ast.expr, sign: ast.AST, right: ast.expr, others: Sequence[str]
) -> Iterator[Edit]:
    """The sign between two operands is another one."""
    start, end = code.span(node)
    gap_start, gap_end = code.span(left)[1], code.span(right)[0]
    pattern = re.escape(_SIGN[type(sign)]).replace(r"\ ", r"\s+")
    if (found := re.search(pattern, _without_comments(code.source[gap_start:gap_end]))) is None:
        return
    before, after = code.source[start : gap_start + found.start()], code.source[gap_start + found.end() : end]
    for other in others:
        yield _replaced(code, operator, node, before + other + after)


def _without_comments(text: str) -> str:
    return re.sub(r"#.*", lambda comment: " " * len(comment[0]), text)


def _and_or(code: _Code, node: ast.BoolOp) -> Iterator[Edit]:
    word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    start, end = code.span(node)
    text, reached = "", start
    for left, right in pairwise(node.values):
        gap_start, gap_end = code.span(left)[1], code.span(right)[0]
        text += code.source[reached:gap_start] + re.sub(rf"\b{word}\b", other, code.source[gap_start:gap_end], count=1)
        reached = gap_end
    yield _replaced(code, "boolean", node, text + code.source[reached:end])


def _unary(code: _Code, node: ast.UnaryOp) -> Iterator[Edit]:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            yield from _other_numbers(code, node, -value)
        case ast.UnaryOp(op=ast.USub()):
            yield _replaced(code, "sign", node, code.text(node.operand))
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            yield _replaced(code, "boolean", node, code.text(node.operand))
        case _:
            pass


def _constant(code: _Code, node: ast.Constant) -> Iterator[Edit]:
    over = code.parent.get(node)
    match node.value:
        case bool() as value:
            yield _replaced(code, "constant", node, str(not value))
        case int() | float() as value if not (isinstance(over, ast.UnaryOp) and isinstance(over.op, ast.USub)):
            yield from _other_numbers(code, node, value)  # with a sign, it belongs to the sign
        case _:
            pass


def _other_numbers(code: _Code, node: ast.expr, value: float) -> Iterator[Edit]:
    for other in dict.fromkeys((value + 1, value - 1, 2 * value, -value)):  # among them 0 for 1 and 1 for 0
        if other != value:
            yield _replaced(code, "constant", node, repr(other))


def _subscript(code: _Code, node: ast.Subscript) -> Iterator[Edit]:
    entries = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for entry in entries:
        if isinstance(entry, ast.Slice):
            for bound in filter(None, (entry.lower, entry.upper)):
                yield from _off_by_one(code, bound)
            if entry.step is not None:
                yield _stepless(code, entry, entry.step)
        else:
            yield from _off_by_one(code, entry)


def _off_by_one(code: _Code, node: ast.expr) -> Iterator[Edit]:
    """An index or bound that is computed; one that is written as a number is a constant."""
    number = node.operand if isinstance(node, ast.UnaryOp) else node
    if not isinstance(number, ast.Constant | ast.Compare | ast.BoolOp | ast.Starred):
        for step in (" + 1", " - 1"):
            yield _replaced(code, "off-by-one", node, code.text(node) + step)


def _stepless(code: _Code, node: ast.Slice, step: ast.expr) -> Edit:
    kept = code.source[code.span(node)[0] : code.span(step)[0]].rstrip()
    return _replaced(code, "slice-step", node, kept.removesuffix(":").rstrip() or ":")


def _call(code: _Code, node: ast.Call) -> Iterator[Edit]:
    name = _called(node)
    yield from _swapped(code, node, name)
    yield from _without_keywords(code, node)
    yield from _renamed(code, node, name)
    if name in _LEFT_OUT and (kept := _subject(code, node)) is not None:
        yield _replaced(code, "remove-call", node, code.text(kept))
    if name in _JOINS and node.args and isinstance(node.args[0], ast.List | ast.Tuple) and len(node.args[0].elts) > 1:
        yield _reversed(code, node.args[0])
    if name in _COUNTS:
        for bound in node.args:
            yield from _off_by_one(code, bound)


def _called(node: ast.Call) -> str:
    """The last name of what is called: `max` of `x.max(…)`."""
    func = node.func
    return func.id if isinstance(func, ast.Name) else func.attr if isinstance(func, ast.Attribute) else ""


def _of_module(code: _Code, func: ast.expr) -> bool:
    while isinstance(func, ast.Attribute):
        func = func.value
    return isinstance(func, ast.Name) and func.id in code.modules


def _subject(code: _Code, node: ast.Call) -> ast.expr | None:
    """What a call works on: the value before the dot, or the first argument."""
    if isinstance(node.func, ast.Attribute) and not _of_module(code, node.func):
        return node.func.value
    return node.args[0] if node.args and not isinstance(node.args[0], ast.Starred) else None


def _swapped(code: _Code, node: ast.Call, name: str) -> Iterator[Edit]:
    if len(node.args) < 2 or name in _SYMMETRIC or any(isinstance(it, ast.Starred) for it in node.args[:2]):
        return
    first, second = node.args[:2]
    (start, end), (a, b), (c, d) = code.span(node), code.span(first), code.span(second)
    source = code.source
    text = source[start:a] + source[c:d] + source[b:c] + source[a:b] + source[d:end]
    yield _replaced(code, "swap-arguments", node, text)


def _without_keywords(code: _Code, node: ast.Call) -> Iterator[Edit]:
    for dropped in node.keywords:
        if dropped.arg not in (None, "out"):  # without `out` a ufunc leaves what `where` passes over to chance
            kept = [code.text(it) for it in (*node.args, *node.keywords) if it is not dropped]
            yield _replaced(code, "drop-keyword", node, f"{code.text(node.func)}({', '.join(kept)})")


def _renamed(code: _Code, node: ast.Call, name: str) -> Iterator[Edit]:
    func = node.func
    if isinstance(func, ast.Name) and name not in _BUILTIN:
        return
    text = code.text(func)
    for other in _RENAMED.get(name, ()):
        whole = "round" if (text, other) in (("math.floor", "round"), ("math.ceil", "round")) else None
        yield _replaced(code, "function", func, whole or text.removesuffix(name) + other, shown=code.span(node))


def _reversed(code: _Code, node: ast.List | ast.Tuple) -> Edit:
    entries = ", ".join(code.text(entry) for entry in reversed(node.elts))
    return _replaced(code, "order", node, f"[{entries}]" if isinstance(node, ast.List) else f"({entries})")


_FOUND_AT: dict[type[ast.AST], Callable[[_Code, Any], Iterator[Edit]]] = {
    ast.BinOp: _binary,
    ast.AugAssign: _in_place,
    ast.Compare: _compare,
    ast.BoolOp: _and_or,
    ast.UnaryOp: _unary,
    ast.Constant: _constant,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.If: _branch,
    ast.IfExp: _branch,
    ast.comprehension: _branch,
    ast.Return: _return,
    ast.Break: _break,
    ast.Continue: _continue,
}
