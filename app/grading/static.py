"""A look at the source before it runs: imports the question does not allow, calls that can't work in the sandbox, and
what the learner is to write alone.

This is help and fair play, not security: it saves the learner a run and names the place. The walls of the sandbox hold
without it; what it can't see (`getattr(builtins, …)`, a function under another name) is stopped by them or not at all.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from app.bank.schema import may_import
from app.grading.dotted_names import Names, Reached, bound
from app.grading.preview import plain
from app.grading.verdict import NOTHING
from app.languages import Message
from app.sandbox import lines_of, point_at
from app.syntax import parse

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
# Classes whose methods a question may forbid, beside those whose names begin with a capital (`torch.Tensor.softmax`).
_SMALL_CLASSES = frozenset({"numpy.ndarray", *(f"builtins.{name}" for name in ("list", "dict", "set", "str", "tuple"))})
_LONGEST_NAME = 120
_MOST_TOLD = 5


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that will be refused, at its line and column (characters from 1). `end`: where it ends on that line."""

    line: int
    column: int
    end: int | None
    name: str
    message: Message


def examine(source: str, allowed_imports: Collection[str], forbidden_calls: Collection[str] = ()) -> list[Finding]:
    """What would be refused in `source`, by place. None if it does not parse: that is the compiler's."""
    try:
        tree = parse(source.removeprefix("\ufeff"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    lines = lines_of(source.removeprefix("\ufeff"))
    nodes = list(ast.walk(tree))
    found: dict[tuple[int, int], Finding] = {}
    for node, name, reason in (*_refused(nodes, allowed_imports), *_to_be_written(nodes, forbidden_calls)):
        finding = _finding(node, name, reason, lines)
        found.setdefault((finding.line, finding.column), finding)
    return sorted(found.values(), key=lambda finding: (finding.line, finding.column))


def told(findings: Sequence[Finding], source: str) -> Message:
    """The first finding with its line of source, and where the others are."""
    first, *others = findings
    line = lines_of(source.removeprefix("\ufeff"))[first.line - 1]
    said = first.message + (_also(others) if others else NOTHING)
    shown = plain(point_at(line, first.column, first.end))
    return Message(f"{said.en}\n{shown}", f"{said.zh}\n{shown}")


def _also(others: Sequence[Finding]) -> Message:
    more = len(others) - _MOST_TOLD
    places_en = [f"line {it.line} ({it.name})" for it in others[:_MOST_TOLD]] + [f"{more} more"] * (more > 0)
    places_zh = [f"第 {it.line} 行（{it.name}）" for it in others[:_MOST_TOLD]] + [f"等 {more} 处"] * (more > 0)
    return Message(f"Also {', '.join(places_en)}.", f"还有{'、'.join(places_zh)}。")


Refused = tuple[ast.AST, str, Message]


def _refused(nodes: Sequence[ast.AST], allowed: Collection[str]) -> Iterator[Refused]:
    own = bound(nodes)
    for node in nodes:
        match node:
            case ast.Import():
                for alias in node.names:
                    if not may_import(alias.name, allowed):
                        yield alias, alias.name, _import(alias.name, allowed)
            case ast.ImportFrom():
                module = "." * node.level + (node.module or "")
                if not may_import(module, allowed):
                    yield node, module, _import(module, allowed)
            case ast.Call(func=ast.Name(id=name)) if name in _CALLS and name not in own:
                reason = _CALLS[name]
                yield node, name, Message(f"{name}() is refused: {reason.en}.", f"不能调用 {name}()：{reason.zh}。")
            case _:
                pass


def _import(module: str, allowed: Collection[str]) -> Message:
    name, permitted = plain(module)[:_LONGEST_NAME], ", ".join(allowed)
    return Message(
        f"import of {name} is not allowed here. Allowed: {permitted}.", f"此题不允许导入 {name}。可导入：{permitted}。"
    )


def _to_be_written(nodes: Sequence[ast.AST], forbidden: Collection[str]) -> Iterator[Refused]:
    """Names that the learner is to do without: imported, used, or (where it is a method) called on anything."""
    if not forbidden:
        return
    names = Names(nodes)
    for reached in names.reached():
        if (entry := _forbids(reached, forbidden)) is not None:
            yield reached.node, entry, _name_them(entry) if reached.star else _write_it(entry)
    methods = {entry.rpartition(".")[2]: entry for entry in forbidden if _is_method(entry)}
    for call, method in names.method_calls():
        if (found := methods.get(method)) is not None:
            yield call, found, _write_it(found)


def _forbids(reached: Reached, forbidden: Collection[str]) -> str | None:
    for entry in forbidden:
        if reached.name == entry or reached.name.startswith(f"{entry}."):
            return entry
        if reached.star and entry.rpartition(".")[0] == reached.name:
            return entry
    return None


def _is_method(entry: str) -> bool:
    owner = entry.rpartition(".")[0]
    return owner in _SMALL_CLASSES or owner.rpartition(".")[2][:1].isupper()


def _write_it(entry: str) -> Message:
    return Message(f"{entry} must not be used here: write it yourself.", f"此题不能使用 {entry}，请自己实现。")


def _name_them(entry: str) -> Message:
    return Message(
        f"'*' brings in {entry}, which you are to write yourself: import by name.",
        f"“*”会导入 {entry}，而它要由你自己实现：请逐个导入所需的名字。",
    )


def _finding(node: ast.AST, name: str, reason: Message, lines: Sequence[str]) -> Finding:
    line = getattr(node, "lineno", 1)
    text = lines[line - 1] if line <= len(lines) else ""
    column = _characters(text, getattr(node, "col_offset", 0)) + 1
    same_line = getattr(node, "end_lineno", None) == line
    end = _characters(text, getattr(node, "end_col_offset", 0)) + 1 if same_line else None
    message = Message(f"Line {line}, column {column}: {reason.en}", f"第 {line} 行第 {column} 列：{reason.zh}")
    return Finding(line, column, end, plain(name)[:_LONGEST_NAME], message)


def _characters(line: str, offset: int) -> int:
    """How many characters the first `offset` bytes of a line are."""
    return len(line.encode("utf-8", "replace")[:offset].decode("utf-8", "replace"))
