"""Mutants of a reference: the same code with one slip in it, each with a name that outlives edits elsewhere.

Pure: source to mutants, always the same ones in the same order. Mutants that compile to what the source compiles to,
or to what an earlier one does, are left out: no case can tell them apart.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from os.path import commonprefix
from types import CodeType

from app.authoring.edits import Edit, edits
from app.syntax import parse

CAP = 400  # mutants tried of one question
ANY = "…"  # in an id: any text; no code has it


@dataclass(frozen=True)
class Mutant:
    """`id` is operator, edited text before and after, and which of several alike: `comparison: a <= b -> a < b (2)`.

    `line` (from 1) and `offset` (characters) say where the edit is in the reference, `before` and `after` are the
    lines it changes.
    """

    id: str
    operator: str
    source: str
    line: int
    offset: int
    before: str
    after: str


def mutants(source: str) -> list[Mutant]:
    """Every one-edit mutant of `source` that is another program, in the order of the edits' places."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # `0 is not x` and the like are what a slip may well look like
        return list(_different(source))


def sample(found: Sequence[Mutant], cap: int = CAP) -> list[Mutant]:
    """At most `cap` of them, in their order: of each line and operator in turn, those first whose hash is lowest."""
    groups: defaultdict[tuple[int, str], list[Mutant]] = defaultdict(list)
    for mutant in sorted(found, key=_hash):
        groups[mutant.line, mutant.operator].append(mutant)
    turns = ((turn, _hash(mutant), mutant) for group in groups.values() for turn, mutant in enumerate(group))
    chosen = {mutant.id for _, _, mutant in sorted(turns, key=lambda it: it[:2])[:cap]}
    return [mutant for mutant in found if mutant.id in chosen]


def _hash(mutant: Mutant) -> str:
    return sha256(mutant.id.encode()).hexdigest()


def _different(source: str) -> Iterator[Mutant]:
    tree = parse(source)
    seen = {_shape(compile(source, "reference", "exec"))}
    count: Counter[str] = Counter()
    for edit in edits(source, tree):
        name = _name(source, edit)
        count[name] += 1
        mutated = _applied(source, edit)
        shape = _compiled(mutated)
        if shape is None or shape in seen:
            continue
        seen.add(shape)
        numbered = f"{name} ({count[name]})" if count[name] > 1 else name
        offset = len(commonprefix((source, mutated)))  # noqa: RUF071 (of texts, not of paths)
        line = source.count("\n", 0, offset) + 1
        yield Mutant(numbered, edit.operator, mutated, line, offset, *_changed_lines(source, mutated))


def _name(source: str, edit: Edit) -> str:
    start, end = min(edit.shown[0], edit.start), max(edit.shown[1], edit.end)
    before, after = source[start:end], source[start : edit.start] + edit.text + source[edit.end : end]
    if edit.operator == "remove" and "\n" in before:
        before = before.partition("\n")[0] + f" {ANY}"
    return f"{edit.operator}: {_on_one_line(before)} -> {_on_one_line(after)}"


def _on_one_line(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"#.*", "", text)).strip()


def _applied(source: str, edit: Edit) -> str:
    """With parentheses where the text would fall apart among its neighbours: `(-1) ** 2`."""
    mutated = source[: edit.start] + edit.text + source[edit.end :]
    if edit.is_expression and not _has_expression(mutated, edit.start, edit.start + len(edit.text)):
        return f"{source[: edit.start]}({edit.text}){source[edit.end :]}"
    return mutated


def _has_expression(source: str, start: int, end: int) -> bool:
    """Whether some expression is exactly those characters."""
    try:
        tree = parse(source)
    except SyntaxError:
        return False
    first, last = _place(source, start), _place(source, end)
    return any(
        (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset) == (*first, *last)
        for node in ast.walk(tree)
        if isinstance(node, ast.expr)
    )


def _place(source: str, offset: int) -> tuple[int, int]:
    """Line (from 1) and column in bytes, as a tree has them."""
    before = source[:offset]
    return before.count("\n") + 1, len(before[before.rfind("\n") + 1 :].encode())


def _compiled(source: str) -> object:
    try:
        return _shape(compile(source, "reference", "exec"))
    except SyntaxError:
        return None


def _shape(code: CodeType) -> object:
    """What a code object does, without the lines it is written in."""
    consts = tuple(_shape(it) if isinstance(it, CodeType) else (type(it).__name__, repr(it)) for it in code.co_consts)
    return (
        code.co_name, code.co_code, consts, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars,
        code.co_argcount, code.co_kwonlyargcount, code.co_flags, code.co_exceptiontable,
    )  # fmt: skip


def _changed_lines(source: str, mutated: str) -> tuple[str, str]:
    old, new = source.splitlines(), mutated.splitlines()
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    return " ".join(map(str.strip, old)), " ".join(map(str.strip, new))
