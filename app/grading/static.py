"""A look at the source before it runs: imports the question does not allow, and calls that can't work in the sandbox.

This is help, not security: it saves the learner a run and names the line. The walls of the sandbox hold without it, and
what it can't see (`getattr(builtins, …)`) they stop.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from app.grading.preview import plain
from app.grading.verdict import Message

_NO_FILES = Message("there are no files to open", "这里没有可打开的文件")
_NO_INPUT = Message("there is nobody to type an answer", "运行时没有人可以输入")
_NO_EVAL = Message("write the code itself instead of running text", "请直接写代码，不要执行文本")
_NO_IMPORT = Message("use a plain import statement", "请使用普通的 import 语句")
_NO_DEBUGGER = Message(
    "there is no terminal; print() works and its output is shown", "没有终端；可以用 print()，输出会显示"
)
_CALLS = {
    "open": _NO_FILES,
    "input": _NO_INPUT,
    "eval": _NO_EVAL,
    "exec": _NO_EVAL,
    "compile": _NO_EVAL,
    "__import__": _NO_IMPORT,
    "breakpoint": _NO_DEBUGGER,
}
# Always there, and nothing to be gained by them: what a type hint or a data structure needs.
_HARMLESS = {"__future__", "typing", "collections", "dataclasses", "functools", "itertools", "operator"}


@dataclass(frozen=True)
class Finding:
    """One import or call that will be refused, at its line (from 1) and column (from 1)."""

    line: int
    column: int
    name: str
    message: Message


def examine(source: str, allowed_imports: Collection[str]) -> list[Finding]:
    """What would be refused in `source`, by line. None if it does not parse: that is the compiler's."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    own = _names_bound(tree)
    return sorted(_findings(tree, allowed_imports, own), key=lambda finding: (finding.line, finding.column))


def _findings(tree: ast.Module, allowed: Collection[str], own: Collection[str]) -> Iterator[Finding]:
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                for alias in node.names:
                    if not _is_allowed(alias.name, allowed):
                        yield _import(node, alias.name, allowed)
            case ast.ImportFrom():
                module = "." * node.level + (node.module or "")
                if not _is_allowed(module, allowed):
                    yield _import(node, module, allowed)
            case ast.Call(func=ast.Name(id=name)) if name in _CALLS and name not in own:
                yield _call(node, name)


def _is_allowed(module: str, allowed: Collection[str]) -> bool:
    """`numpy` allows `numpy.linalg`; an entry `torch.nn` allows neither `torch` nor `torch.optim`."""
    root = module.partition(".")[0]
    return root in _HARMLESS or any(module == entry or module.startswith(f"{entry}.") for entry in allowed)


def _names_bound(tree: ast.Module) -> set[str]:
    """Names the learner defines: their own `open` or `compile` is not the built-in one."""
    names = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
    return names


def _import(node: ast.stmt, module: str, allowed: Collection[str]) -> Finding:
    name, permitted = plain(module), ", ".join(allowed)
    message = Message(
        f"Line {node.lineno}: import of {name} is not allowed here. Allowed: {permitted}.",
        f"第 {node.lineno} 行：此题不允许导入 {name}。可导入：{permitted}。",
    )
    return Finding(node.lineno, node.col_offset + 1, name, message)


def _call(node: ast.Call, name: str) -> Finding:
    reason = _CALLS[name]
    message = Message(
        f"Line {node.lineno}: {name}() is refused: {reason.en}.",
        f"第 {node.lineno} 行：不能调用 {name}()：{reason.zh}。",
    )
    return Finding(node.lineno, node.col_offset + 1, name, message)
