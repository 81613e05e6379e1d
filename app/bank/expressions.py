"""The small language of numeric questions: parsed by Python's `ast`, evaluated here node by node, never by `eval`.

Owns what an expression may say and how much work it may cause. Numbers behave as in Python: integers stay exact, `/`
gives a float, `//` and `%` round down. Text and lists may be compared, indexed and counted, not computed with.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.bank.bounds import CONSTANTS, FUNCTIONS, Number, RefusedError, bounded, listed, power, sequence, to_number
from app.bank.python_words import meaning_zh
from app.languages import Message, Phrase, phrase
from app.syntax import parse

MAX_LENGTH = 600
MAX_NODES = 300
MAX_DEPTH = 30
MAX_STEPS = 50_000
ITEMS_A_STEP = 8

_BINARY: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,  # operands are bounded, so the product is quick; the evaluator bounds it in turn
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: power,
}
_COMPARE: dict[type[ast.cmpop], Callable[[object, object], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: lambda a, b: to_number(a) < to_number(b),
    ast.LtE: lambda a, b: to_number(a) <= to_number(b),
    ast.Gt: lambda a, b: to_number(a) > to_number(b),
    ast.GtE: lambda a, b: to_number(a) >= to_number(b),
    ast.In: lambda a, b: a in sequence(b),
    ast.NotIn: lambda a, b: a not in sequence(b),
}
_ALLOWED = (
    ast.Expression, ast.Constant, ast.Name, ast.Load, ast.Store, ast.BinOp, ast.UnaryOp, ast.UAdd, ast.USub, ast.Not,
    ast.BoolOp, ast.And, ast.Or, ast.Compare, ast.IfExp, ast.List, ast.Tuple, ast.Subscript, ast.Slice, ast.Call,
    ast.GeneratorExp, ast.ListComp, ast.comprehension, *_BINARY, *_COMPARE,
)  # fmt: skip


@dataclass
class Work:
    """How much may still be done. Shared by evaluations that have one bound together."""

    left: int = MAX_STEPS


class ExpressionError(ValueError):
    """What is wrong with an expression, and at which character (`column` counts from 1)."""

    def __init__(self, told: Phrase, column: int = 1) -> None:
        super().__init__(told)
        self.told = told
        self.column = column


@dataclass(frozen=True)
class Expression:
    """A parsed expression. `names` are those it takes from outside (not functions, constants or loop variables)."""

    source: str
    tree: ast.expr
    names: frozenset[str]

    @staticmethod
    def parse(source: str) -> Expression:
        """Raises `ExpressionError` for anything but a whole expression of this language within its limits."""
        return _parse(source)

    def evaluate(
        self, names: Mapping[str, object], work: Work | None = None
    ) -> int | float | bool | list[object] | str:
        """The value for these names. Raises `ExpressionError`: unknown name, wrong type, no value, too much work.

        `work` is what this evaluation and others may do together; without it, it may do `MAX_STEPS`.
        """
        value = _Evaluation(self.source, names, work or Work()).value(self.tree)
        if isinstance(value, range):
            return list(value)
        if isinstance(value, int | float | list | str):
            return value
        raise ExpressionError(phrase("has no value that can be used: %(value)s", value=repr(value)))

    def column_of(self, name: str) -> int:
        """Where `name` first stands, from 1."""
        nodes = (node for node in ast.walk(self.tree) if isinstance(node, ast.Name) and node.id == name)
        return min((_column(self.source, node) for node in nodes), default=1)


@lru_cache(maxsize=4096)
def _parse(source: str) -> Expression:
    if len(source) > MAX_LENGTH:
        raise ExpressionError(phrase("longer than %(max_length)s characters", max_length=MAX_LENGTH), MAX_LENGTH)
    code = source.replace("\n", " ").replace("\f", " ")
    start = len(code) - len(code.lstrip())
    try:
        tree = parse(code[start:], "eval")
    except SyntaxError as error:
        raise ExpressionError(_worded(error, code), max(1, start + (error.offset or 1))) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError(phrase("not an expression that can be read")) from None
    _check(tree, source)
    free = frozenset(_free_names(tree.body, frozenset()))
    return Expression(source, tree.body, free)


def _worded(error: SyntaxError, code: str) -> Phrase:
    if not code.strip():
        return phrase("empty expression")
    if not error.msg:
        return phrase("not an expression")
    english = error.msg.removesuffix(". Perhaps you forgot a comma?")
    return phrase("%(why)s", why=Message(english, meaning_zh(english) or english))


def _check(tree: ast.Expression, source: str) -> None:
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise ExpressionError(
            phrase("more than %(max_nodes)s parts; name steps of it in 'derived'", max_nodes=MAX_NODES)
        )
    if _depth(tree) > MAX_DEPTH:
        raise ExpressionError(phrase("nested deeper than %(max_depth)s", max_depth=MAX_DEPTH))
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED):
            raise ExpressionError(
                phrase("%(part)s is not part of this language", part=_name_of(node)), _column(source, node)
            )
        if isinstance(node, ast.Constant) and type(node.value) not in (int, float, str, bool):
            raise ExpressionError(
                phrase("%(given)s is not a number, a truth value or text", given=repr(node.value)),
                _column(source, node),
            )
        if isinstance(node, ast.Call):
            _check_call(node, source)
        if isinstance(node, ast.comprehension) and node.is_async:
            raise ExpressionError(phrase("'async' is not part of this language"), _column(source, node.target))


def _check_call(node: ast.Call, source: str) -> None:
    if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS:
        called = ast.unparse(node.func)
        raise ExpressionError(phrase("unknown function '%(called)s'", called=called), _column(source, node.func))
    if node.keywords:
        raise ExpressionError(
            phrase("'%(func)s' takes no named arguments", func=node.func.id), _column(source, node.keywords[0].value)
        )


def _depth(tree: ast.AST) -> int:
    """How deep expressions are nested, found without recursion, as this guards the recursive parts."""
    deepest, waiting = 0, [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        deepest = max(deepest, depth)
        waiting += [(child, depth + isinstance(child, ast.expr)) for child in ast.iter_child_nodes(node)]
    return deepest


def _name_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return phrase("an f-string")
    return {"Starred": "'*'", "NamedExpr": "':='", "Attribute": "'.name'"}.get(type(node).__name__, type(node).__name__)


def _column(source: str, node: ast.AST) -> int:
    """Column of a node in `source`, from 1; `ast` counts UTF-8 bytes."""
    lead = len(source) - len(source.lstrip())
    taken = source[lead:].encode()[: getattr(node, "col_offset", 0)]
    return lead + len(taken.decode(errors="ignore")) + 1


def _free_names(node: ast.AST, bound: frozenset[str]) -> Iterator[str]:
    if isinstance(node, ast.Name):
        if node.id not in bound and node.id not in CONSTANTS:
            yield node.id
    elif isinstance(node, ast.GeneratorExp | ast.ListComp):
        for loop in node.generators:
            yield from _free_names(loop.iter, bound)
            bound |= {name.id for name in ast.walk(loop.target) if isinstance(name, ast.Name)}
            for condition in loop.ifs:
                yield from _free_names(condition, bound)
        yield from _free_names(node.elt, bound)
    else:
        called = {node.func} if isinstance(node, ast.Call) else set()
        for child in ast.iter_child_nodes(node):
            if child not in called:
                yield from _free_names(child, bound)


class _Evaluation:
    """One evaluation: the names in reach and the work left, of its own and of all it shares with others."""

    def __init__(self, source: str, names: Mapping[str, object], work: Work) -> None:
        self.source = source
        self.names = {name: listed(value) for name, value in names.items()}
        self.work = work
        self.own = Work()

    def value(self, node: ast.AST) -> object:
        self._charge(1)
        if self.own.left < 0 or self.work.left < 0:
            raise ExpressionError(phrase("too much work"), _column(self.source, node))
        try:
            value = self._value(node)
            return bounded(value) if isinstance(value, int | float) else value
        except ExpressionError:
            raise
        except RefusedError as error:
            raise ExpressionError(error.told, _column(self.source, node)) from None
        except ZeroDivisionError:
            raise ExpressionError(phrase("division by zero"), _column(self.source, node)) from None
        except (ArithmeticError, ValueError, TypeError, IndexError, RecursionError) as error:
            raise ExpressionError(phrase("has no value: %(error)s", error=error), _column(self.source, node)) from None

    def _value(self, node: ast.AST) -> object:  # noqa: C901  (one flat case a node of the language)
        match node:
            case ast.Constant(value=value):
                return value
            case ast.Name(id=name):
                return self._named(name)
            case ast.BinOp(left=left, op=op, right=right):
                return _BINARY[type(op)](to_number(self.value(left)), to_number(self.value(right)))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self.value(operand)
            case ast.UnaryOp(op=op, operand=operand):
                number = to_number(self.value(operand))
                return -number if isinstance(op, ast.USub) else +number
            case ast.BoolOp(op=op, values=values):
                return self._either(values, stop_at=isinstance(op, ast.Or))
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                return self._compare(left, ops, comparators)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.value(body if self.value(test) else orelse)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return [self.value(element) for element in elements]
            case ast.Subscript(value=of, slice=index):
                return self._item(sequence(self.value(of)), index)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._called(name, [self._counted(self.value(argument)) for argument in arguments])
            case ast.GeneratorExp(elt=element, generators=loops) | ast.ListComp(elt=element, generators=loops):
                return self._comprehension(element, loops)
        raise RefusedError(phrase("%(part)s is not part of this language", part=_name_of(node)))

    def _charge(self, steps: int) -> None:
        self.own.left -= steps
        self.work.left -= steps

    def _counted(self, value: object) -> object:
        """The value, its length charged as work: it is about to be walked through, or has been."""
        if isinstance(value, list | range):
            self._charge(len(value) // ITEMS_A_STEP)
        return value

    def _called(self, name: str, arguments: Sequence[object]) -> object:
        """What a function gives; those that multiply many large numbers are charged for each."""
        if name in ("comb", "factorial") and arguments and isinstance(arguments[0], int):
            self._charge(abs(arguments[0]) // ITEMS_A_STEP)
        return FUNCTIONS[name](*arguments)

    def _named(self, name: str) -> object:
        if name in self.names:
            return self.names[name]
        if name in CONSTANTS:
            return CONSTANTS[name]
        known = ", ".join(sorted(self.names)) or phrase("none")
        raise RefusedError(phrase("unknown name '%(name)s' (known: %(known)s)", name=name, known=known))

    def _either(self, values: Sequence[ast.expr], *, stop_at: bool) -> object:
        value: object = None
        for node in values:
            value = self.value(node)
            if bool(value) is stop_at:
                return value
        return value

    def _compare(self, left: ast.expr, ops: Sequence[ast.cmpop], comparators: Sequence[ast.expr]) -> bool:
        first = self.value(left)
        for op, node in zip(ops, comparators, strict=True):
            second = self._counted(self.value(node))
            if not _COMPARE[type(op)](first, second):
                return False
            first = second
        return True

    def _item(self, of: Sequence[object], index: ast.expr) -> object:
        if isinstance(index, ast.Slice):
            start, stop, step = (
                self._place(bound) if bound else None for bound in (index.lower, index.upper, index.step)
            )
            return self._counted(list(of[start:stop:step]))
        return of[self._place(index)]

    def _place(self, node: ast.expr) -> int:
        at = self.value(node)
        if isinstance(at, int):
            return at
        raise RefusedError(phrase("a list is indexed by a whole number, not %(at)s", at=repr(at)))

    def _comprehension(self, element: ast.expr, loops: Sequence[ast.comprehension]) -> list[object]:
        outer = self.names
        self.names = dict(outer)
        try:
            return list(self._looped(element, loops))
        finally:
            self.names = outer

    def _looped(self, element: ast.expr, loops: Sequence[ast.comprehension]) -> Iterator[object]:
        if not loops:
            yield self.value(element)
            return
        for item in sequence(self.value(loops[0].iter)):
            self._bind(loops[0].target, item)
            if all(self.value(condition) for condition in loops[0].ifs):
                yield from self._looped(element, loops[1:])

    def _bind(self, target: ast.expr, item: object) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = item
        elif isinstance(target, ast.Tuple | ast.List):
            parts = sequence(item)
            if len(parts) != len(target.elts):
                raise RefusedError(
                    phrase("%(names)s names for %(values)s values", names=len(target.elts), values=len(parts))
                )
            for name, part in zip(target.elts, parts, strict=True):
                self._bind(name, part)
        else:
            raise RefusedError(phrase("a loop variable is a name"))
