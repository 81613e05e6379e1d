"""Checks of the Python in a question, read and never run: it compiles and defines what it is called by."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from app.bank.findings import Complaint, near
from app.bank.python_words import meaning_zh
from app.bank.schema import Code, FailVerdict, Numeric, Oracle, may_import
from app.bank.yaml_source import PathKey
from app.languages import Message, phrase
from app.syntax import parse


def code_complaints(question: Code) -> Iterator[Complaint]:
    """Reference, starter, cases, wrong and accepted solutions; names of cases against their titles."""
    function = question.function
    for field, code in (("reference", question.reference), ("starter", question.starter)):
        yield from _python_complaints((field,), code, function)
    for index, accepted in enumerate(question.accepted):
        yield from _python_complaints(("accepted", index, "code"), accepted.code, function)
    for index, wrong in enumerate(question.wrong):
        if wrong.verdict is not FailVerdict.compile_error:
            yield from _python_complaints(("wrong", index, "code"), wrong.code, function)
    yield from _python_complaints(("cases",), question.cases, "cases", arguments=("rng",))
    if question.given is not None:
        yield from _python_complaints(("given",), question.given, "given")
    yield from _title_complaints(question)
    if not question.signature.startswith(f"{function}("):
        yield Complaint(
            ("signature",),
            phrase("the signature is not that of '%(function)s'", function=function),
            phrase("begin it with '%(function)s('", function=function),
        )
    yield from _ties_complaints(question)
    yield from _forbidden_complaints(question)
    yield from _name_complaints(question)


def oracle_complaints(question: Numeric, oracle: Oracle) -> Iterator[Complaint]:
    """The oracle takes the params by name."""
    yield from _python_complaints(("oracle", "code"), oracle.code, "oracle", arguments=tuple(question.params))


def _python_complaints(
    path: PathKey, code: str, function: str, arguments: tuple[str, ...] | None = None
) -> Iterator[Complaint]:
    try:
        tree = parse(code)
    except SyntaxError as error:
        offset = _offset(code, error.lineno or 1, error.offset or 1)
        yield Complaint(
            path,
            phrase("does not compile: %(msg)s", msg=Message(error.msg, meaning_zh(error.msg) or error.msg)),
            phrase("mend the Python code"),
            offset,
        )
        return
    except (ValueError, MemoryError, RecursionError) as error:
        yield Complaint(path, phrase("does not compile: %(error)s", error=error), phrase("mend the Python code"))
        return
    defined = _defined(tree)
    if function not in defined:
        mend = near(function, defined) or phrase("define it: 'def %(function)s(…):'", function=function)
        yield Complaint(path, phrase("'%(function)s' is not defined at the top level", function=function), mend)
    elif arguments is not None and isinstance(made := defined[function], ast.FunctionDef):
        yield from _argument_complaints(path, code, made, arguments)


def _defined(tree: ast.Module) -> dict[str, ast.stmt]:
    names: dict[str, ast.stmt] = {}
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            names |= {target.id: statement for target in statement.targets if isinstance(target, ast.Name)}
    return names


def _argument_complaints(
    path: PathKey, code: str, made: ast.FunctionDef, arguments: tuple[str, ...]
) -> Iterator[Complaint]:
    if made.args.kwarg is not None:
        return
    takes = [argument.arg for argument in (*made.args.posonlyargs, *made.args.args, *made.args.kwonlyargs)]
    by_name = made.name == "oracle"
    if (sorted(takes) != sorted(arguments)) if by_name else (len(takes) != len(arguments)):
        wanted = f"def {made.name}({', '.join(arguments)}):"
        offset = _offset(code, made.lineno, made.col_offset + 1)
        yield Complaint(
            path,
            phrase("'%(made)s' takes (%(names)s)", made=made.name, names=", ".join(takes)),
            phrase("write '%(wanted)s'", wanted=wanted),
            offset,
        )


def _ties_complaints(question: Code) -> Iterator[Complaint]:
    ties = question.contract.ties
    try:
        made = _defined(parse(question.reference)).get(question.function)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return
    if ties is None or not isinstance(made, ast.FunctionDef) or made.args.vararg is not None:
        return
    takes = [argument.arg for argument in (*made.args.posonlyargs, *made.args.args)]
    if ties.argument >= len(takes):
        counted = ", ".join(f"{place} is {name}" for place, name in enumerate(takes))
        message = phrase(
            "'%(function)s' has no positional argument %(argument)s", function=question.function, argument=ties.argument
        )
        yield Complaint(("contract", "ties", "argument"), message, phrase("count from 0: %(counted)s", counted=counted))


def _forbidden_complaints(question: Code) -> Iterator[Complaint]:
    for place, name in enumerate(question.forbidden_calls):
        if not name.startswith("builtins.") and not may_import(name, question.allowed_imports):
            message = phrase("'%(name)s' can't be imported here anyway", name=name)
            mend = phrase("write the full name (numpy.linalg.svd, not np.linalg.svd) of what 'allowed_imports' reaches")
            yield Complaint(("forbidden_calls", place), message, mend)


def _title_complaints(question: Code) -> Iterator[Complaint]:
    """Names that `cases` spells out (`"name": "touching"`, `"name": f"random-{i}"`) have titles."""
    try:
        tree = parse(question.cases)
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Dict):
            continue
        for key, value in zip(node.keys, node.values, strict=True):
            name = _case_name(value) if isinstance(key, ast.Constant) and key.value == "name" else None
            if name is not None and question.title_of_case(name) is None:
                offset = _offset(question.cases, value.lineno, value.col_offset + 1)
                yield Complaint(
                    ("cases",),
                    phrase("case '%(name)s' has no title", name=name),
                    phrase("add it to 'case_titles'"),
                    offset,
                )


def _case_name(value: ast.expr) -> str | None:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    if isinstance(value, ast.JoinedStr) and len(value.values) == 2:
        first = value.values[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.endswith("-"):
            return f"{first.value}0"
    return None


def _name_complaints(question: Code) -> Iterator[Complaint]:
    seen: set[str] = set()
    named: list[tuple[PathKey, str]] = [
        *((("wrong", index, "name"), solution.name) for index, solution in enumerate(question.wrong)),
        *((("accepted", index, "name"), solution.name) for index, solution in enumerate(question.accepted)),
    ]
    for path, name in named:
        if name in seen:
            yield Complaint(path, phrase("the name '%(name)s' is taken", name=name), phrase("give it another name"))
        seen.add(name)


def _offset(code: str, line: int, column: int) -> int:
    """Offset of a line and column, both from 1."""
    return sum(len(row) for row in code.splitlines(keepends=True)[: line - 1]) + column - 1
