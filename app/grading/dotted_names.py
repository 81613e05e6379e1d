"""Which library names a source reaches, by their full dotted names: `F.conv2d` as `torch.nn.functional.conv2d`.

Follows imports and their aliases, plain assignments of what they bind (`fn = torch.nn.functional`), and `getattr` with
a literal. It knows no scopes and no types: a name is taken for what it was imported as anywhere in the source, and of a
method call on a value it knows the method's name alone.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Reached:
    """A library name at a place in the source. `star`: all that is in the module."""

    node: ast.AST
    name: str
    star: bool = False


class Names:
    """What the names of one source mean, given all nodes of its tree."""

    def __init__(self, nodes: Sequence[ast.AST]) -> None:
        self._nodes = nodes
        self._own = bound(nodes)
        self._own_methods = _methods(nodes)
        self._imported: dict[str, str] = {}
        for node in nodes:
            self._learn_import(node)
        for node in nodes:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                name = self._resolve(node.value)
                if name is not None and not name.startswith("builtins."):
                    self._imported.setdefault(node.targets[0].id, name)

    def _learn_import(self, node: ast.AST) -> None:
        match node:
            case ast.Import():
                for alias in node.names:
                    root = alias.name.partition(".")[0]
                    self._imported[alias.asname or root] = alias.name if alias.asname else root
            case ast.ImportFrom(module=str(module), level=0):
                for alias in node.names:
                    self._imported[alias.asname or alias.name] = f"{module}.{alias.name}"
            case _:
                pass

    def _resolve(self, expression: ast.expr) -> str | None:
        """The full name that a name, a chain of attributes or a `getattr` with a literal means."""
        parts: list[str] = []
        while True:
            match expression:
                case ast.Attribute(value=value, attr=attr):
                    parts.append(attr)
                    expression = value
                case ast.Call(func=ast.Name(id="getattr"), args=[value, ast.Constant(value=str(attr)), *_]):
                    parts.append(attr)
                    expression = value
                case ast.Name(id=name):
                    root = self._imported.get(name) or self._builtin(name)
                    return root and ".".join([root, *reversed(parts)])
                case _:
                    return None

    def _builtin(self, name: str) -> str | None:
        return f"builtins.{name}" if name not in self._own and hasattr(builtins, name) else None

    def reached(self) -> Iterator[Reached]:
        """Every library name that the source imports or uses; of a chain of attributes the whole."""
        within = {id(inner) for node in self._nodes if (inner := _owner(node)) is not None}
        for node in self._nodes:
            if id(node) in within and not isinstance(node, ast.Name):
                continue
            match node:
                case ast.Import():
                    yield from (Reached(node, alias.name) for alias in node.names)
                case ast.ImportFrom(module=str(module), level=0):
                    for alias in node.names:
                        star = alias.name == "*"
                        yield Reached(alias, module if star else f"{module}.{alias.name}", star)
                case ast.Attribute() | ast.Call(func=ast.Name(id="getattr")):
                    if (name := self._resolve(node)) is not None:
                        yield Reached(node, name)
                case ast.Name(id=name, ctx=ast.Load()) if name not in self._imported:
                    if (found := self._builtin(name)) is not None:
                        yield Reached(node, found)
                case _:
                    pass

    def method_calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Calls of a method on a value that is neither of a library nor the learner's own, with the method's name."""
        for node in self._nodes:
            match node:
                case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr not in self._own_methods:
                    if self._resolve(value) is None:
                        yield node, attr
                case _:
                    pass


def _owner(node: ast.AST) -> ast.expr | None:
    """What an attribute is taken from."""
    match node:
        case ast.Attribute(value=value):
            return value
        case ast.Call(func=ast.Name(id="getattr"), args=[value, *_]):
            return value
        case _:
            return None


def bound(nodes: Sequence[ast.AST]) -> set[str]:
    """Names the learner defines: their own `open` or `sorted` is not the built-in one."""
    names = set()
    for node in nodes:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case _:
                pass
    return names


def _methods(nodes: Sequence[ast.AST]) -> set[str]:
    """Methods and attributes of the learner's own classes."""
    names = set()
    for node in nodes:
        match node:
            case ast.ClassDef(body=body):
                names |= {inner.name for inner in body if isinstance(inner, ast.FunctionDef)}
            case ast.Attribute(attr=name, ctx=ast.Store()):
                names.add(name)
            case _:
                pass
    return names
