"""Which tests reach a database: found by following what they and their fixtures call, not noted by hand."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import databases
import pytest

_TESTS = str(Path(__file__).parent)
_MAKE_ONE = frozenset({databases.new_database, databases.empty_database, databases.copied_database})


def reaches_a_database(item: pytest.Item) -> bool:
    """Whether the test, or a fixture that it uses, may make one."""
    fixtures = [fixture.func for fixture in _fixtures(item)]
    return any(_reaches(function, set()) for function in (getattr(item, "function", None), *fixtures) if function)


def _fixtures(item: pytest.Item) -> Iterator[pytest.FixtureDef[Any]]:
    info = getattr(item, "_fixtureinfo", None)
    for found in (info.name2fixturedefs if info else {}).values():
        yield from found


def _reaches(thing: Callable[..., object], seen: set[object]) -> bool:
    if thing in _MAKE_ONE:
        return True
    if thing in seen:
        return False
    seen.add(thing)
    if inspect.isclass(thing):
        return any(_reaches(it, seen) for it in vars(thing).values() if inspect.isfunction(it))
    function = inspect.unwrap(thing)
    code = getattr(function, "__code__", None)
    if code is None or not code.co_filename.startswith(_TESTS):
        return False
    known = [function.__globals__.get(name) for name in _names(code)]
    return any(_reaches(it, seen) for it in known if inspect.isfunction(it) or _ours(it))


def _ours(thing: object) -> bool:
    return inspect.isclass(thing) and not thing.__module__.startswith("app.") and "." not in thing.__module__


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
