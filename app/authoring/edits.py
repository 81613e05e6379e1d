"""The slips that one edit can make in Python code: operators exchanged, bounds off by one, calls and lines left out.

Owns which edits there are, and where each stands in the source. What is made of them is `mutants`'.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from app.authoring.places import Code, Span

# Each sign, and what it is taken for.
_SIGNS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.Add: ("+", "-", "*"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/", "+"),
    ast.Div: ("/", "*", "//"),
    ast.FloorDiv: ("//", "/", "%"),
    ast.Mod: ("%", "//"),
    ast.Pow: ("**", "*"),
    ast.MatMult: ("@", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
    ast.BitXor: ("^", "&"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.Lt: ("<", "<=", ">"),
    ast.LtE: ("<=", "<", ">="),
    ast.Gt: (">", ">=", "<"),
    ast.GtE: (">=", ">", "<="),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
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
     "equal", "not_equal", "array_equal", "isclose", "allclose", "logical_and", "logical_or", "logical_xor",
     "swapaxes"}
)  # fmt: skip
_TINY, _HUGE = 1e-9, 1e6  # guards against dividing by 0, and what stands for infinity: their exact size is no matter
_REMOVABLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Raise, ast.Assert, ast.Delete, ast.For, ast.While)
_HOLDERS = (ast.Call, ast.keyword, ast.Subscript, ast.Slice, ast.Tuple, ast.List)


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
    code = Code(source, tree)
    found = [edit for node in code.nodes for edit in _edits_at(code, node)]
    return sorted(found, key=lambda edit: (edit.start, edit.end))


def _edits_at(code: Code, node: ast.AST) -> Iterator[Edit]:
    if (found := _FOUND_AT.get(type(node))) is not None:
        yield from found(code, node)
    if isinstance(node, _REMOVABLE) and not _does_nothing(node):
        yield _replaced(code, "remove", node, "pass")


def _replaced(code: Code, operator: str, node: ast.AST, text: str, shown: Span | None = None) -> Edit:
    whole = isinstance(node, ast.expr) and not isinstance(node, ast.Slice)
    return Edit(operator, *code.span(node), text, shown or code.context(node), whole)


def _binary(code: Code, node: ast.BinOp) -> Iterator[Edit]:
    right = node.right.value if isinstance(node.right, ast.Constant) else None
    if isinstance(right, float) and right < _TINY:
        yield from _exchanged(code, node, "arithmetic", node.left, node.op, node.right, but="+-")
    else:
        yield from _exchanged(code, node, "arithmetic", node.left, node.op, node.right)


def _in_place(code: Code, node: ast.AugAssign) -> Iterator[Edit]:
    yield from _exchanged(code, node, "arithmetic", node.target, node.op, node.value)


def _compare(code: Code, node: ast.Compare) -> Iterator[Edit]:
    for (left, right), sign in zip(pairwise([node.left, *node.comparators]), node.ops, strict=True):
        yield from _exchanged(code, node, "comparison", left, sign, right)


def _return(code: Code, node: ast.Return) -> Iterator[Edit]:
    if node.value is not None:
        yield _replaced(code, "return-none", node.value, "None", code.span(node))


def _break(code: Code, node: ast.Break) -> Iterator[Edit]:
    yield _replaced(code, "loop-exit", node, "continue")


def _continue(code: Code, node: ast.Continue) -> Iterator[Edit]:
    yield _replaced(code, "loop-exit", node, "break")


def _branch(code: Code, node: ast.If | ast.IfExp | ast.comprehension) -> Iterator[Edit]:
    """A condition that always holds, or never."""
    for test in node.ifs if isinstance(node, ast.comprehension) else [node.test]:
        start, end = code.span(test)
        shown = code.span(node) if isinstance(node, ast.IfExp) else (code.source.rfind("if", 0, start), end)
        yield _replaced(code, "branch", test, "True", shown)
        if not isinstance(node, ast.comprehension):
            yield _replaced(code, "branch", test, "False", shown)


def _does_nothing(node: ast.AST) -> bool:
    """A docstring, `...`, a type hint without a value."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.AnnAssign(value=None):
            return True
        case _:
            return False


def _exchanged(
    code: Code, node: ast.AST, operator: str, left: ast.expr, sign: ast.AST, right: ast.expr, but: str = ""
) -> Iterator[Edit]:
    """The sign between two operands is another one; none of those in `but`."""
    written, *others = _SIGNS[type(sign)]
    start, end = code.span(node)
    gap_start, gap_end = code.span(left)[1], code.span(right)[0]
    pattern = re.escape(written).replace(r"\ ", r"\s+")
    found, *_ = re.finditer(pattern, _without_comments(code.source[gap_start:gap_end]))
    before, after = code.source[start : gap_start + found.start()], code.source[gap_start + found.end() : end]
    for other in others:
        if other not in but:
            yield _replaced(code, operator, node, before + other + after)


def _without_comments(text: str) -> str:
    return re.sub(r"#.*", lambda comment: " " * len(comment[0]), text)


def _and_or(code: Code, node: ast.BoolOp) -> Iterator[Edit]:
    word, other = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    start, end = code.span(node)
    text, reached = "", start
    for left, right in pairwise(node.values):
        gap_start, gap_end = code.span(left)[1], code.span(right)[0]
        text += code.source[reached:gap_start] + re.sub(rf"\b{word}\b", other, code.source[gap_start:gap_end], count=1)
        reached = gap_end
    yield _replaced(code, "boolean", node, text + code.source[reached:end])


def _unary(code: Code, node: ast.UnaryOp) -> Iterator[Edit]:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            yield from _other_numbers(code, node, -value)
        case ast.UnaryOp(op=ast.USub()):
            yield _replaced(code, "sign", node, code.text(node.operand))
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            yield _replaced(code, "boolean", node, code.text(node.operand))
        case _:
            pass


def _constant(code: Code, node: ast.Constant) -> Iterator[Edit]:
    over = code.parent.get(node)
    match node.value:
        case bool() as value:
            yield _replaced(code, "constant", node, str(not value))
        case int() | float() as value if not (isinstance(over, ast.UnaryOp) and isinstance(over.op, ast.USub)):
            yield from _other_numbers(code, node, value)  # with a sign, it belongs to the sign
        case _:
            pass


def _other_numbers(code: Code, node: ast.expr, value: float) -> Iterator[Edit]:
    """One more and one less (so 0 for 1 and 1 for 0), twice, and the other sign."""
    if 0 < abs(value) < _TINY:
        others = [0.0, 1.0]
    elif abs(value) >= _HUGE:
        others = [type(value)(0), -value]
    elif isinstance(value, int) and isinstance(code.parent.get(node), _HOLDERS):
        others = [value + 1, value - 1]  # mostly an axis or an index, where -1 and the last are the same
    else:
        others = [value + 1, value - 1, 2 * value, -value]
    for other in dict.fromkeys(others):
        if other != value:
            yield _replaced(code, "constant", node, repr(other))


def _subscript(code: Code, node: ast.Subscript) -> Iterator[Edit]:
    entries = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for entry in entries:
        if isinstance(entry, ast.Slice):
            for bound in filter(None, (entry.lower, entry.upper)):
                yield from _off_by_one(code, bound)
            if entry.step is not None:
                yield _stepless(code, entry, entry.step)
        else:
            yield from _off_by_one(code, entry)


def _off_by_one(code: Code, node: ast.expr) -> Iterator[Edit]:
    """An index or bound that is computed; one that is written as a number is a constant."""
    number = node.operand if isinstance(node, ast.UnaryOp) else node
    if not isinstance(number, ast.Constant | ast.Compare | ast.BoolOp | ast.Starred):
        for step in (" + 1", " - 1"):
            yield _replaced(code, "off-by-one", node, code.text(node) + step)


def _stepless(code: Code, node: ast.Slice, step: ast.expr) -> Edit:
    kept = code.source[code.span(node)[0] : code.span(step)[0]].rstrip()
    return _replaced(code, "slice-step", node, kept.removesuffix(":").rstrip() or ":")


def _call(code: Code, node: ast.Call) -> Iterator[Edit]:
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


def _of_module(code: Code, func: ast.expr) -> bool:
    while isinstance(func, ast.Attribute):
        func = func.value
    return isinstance(func, ast.Name) and func.id in code.modules


def _subject(code: Code, node: ast.Call) -> ast.expr | None:
    """What a call works on: the value before the dot, or the first argument."""
    if isinstance(node.func, ast.Attribute) and not _of_module(code, node.func):
        return node.func.value
    return node.args[0] if node.args and not isinstance(node.args[0], ast.Starred) else None


def _swapped(code: Code, node: ast.Call, name: str) -> Iterator[Edit]:
    symmetric = name in _SYMMETRIC or (name == "transpose" and len(node.args) == 2 and "torch" in code.modules)
    if len(node.args) < 2 or symmetric or any(isinstance(it, ast.Starred) for it in node.args[:2]):
        return
    first, second = node.args[:2]
    (start, end), (a, b), (c, d) = code.span(node), code.span(first), code.span(second)
    source = code.source
    text = source[start:a] + source[c:d] + source[b:c] + source[a:b] + source[d:end]
    yield _replaced(code, "swap-arguments", node, text)


def _without_keywords(code: Code, node: ast.Call) -> Iterator[Edit]:
    for dropped in node.keywords:
        if dropped.arg not in (None, "out"):  # without `out` a ufunc leaves what `where` passes over to chance
            kept = [code.text(it) for it in (*node.args, *node.keywords) if it is not dropped]
            yield _replaced(code, "drop-keyword", node, f"{code.text(node.func)}({', '.join(kept)})")


def _renamed(code: Code, node: ast.Call, name: str) -> Iterator[Edit]:
    func = node.func
    if isinstance(func, ast.Name) and name not in _BUILTIN:
        return
    text = code.text(func)
    for other in _RENAMED.get(name, ()):
        whole = "round" if (text, other) in (("math.floor", "round"), ("math.ceil", "round")) else None
        yield _replaced(code, "function", func, whole or text.removesuffix(name) + other, shown=code.span(node))


def _reversed(code: Code, node: ast.List | ast.Tuple) -> Edit:
    entries = ", ".join(code.text(entry) for entry in reversed(node.elts))
    return _replaced(code, "order", node, f"[{entries}]" if isinstance(node, ast.List) else f"({entries})")


_FOUND_AT: dict[type[ast.AST], Callable[[Code, Any], Iterator[Edit]]] = {
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
