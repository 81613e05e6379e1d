"""Python source as a tree, from any number of threads.

Before 3.11.8, CPython counts how deep it is in one place for all threads. When the collector runs a finalizer while a
tree is made, another thread may come to parse, and one of them fails with a SystemError (CPython issue 106905).
"""

from __future__ import annotations

import ast
import threading
import warnings
from typing import Literal, overload

_one_at_a_time = threading.Lock()
_TRIES = 10  # tracebacks parse too, without the lock


@overload
def parse(source: str, mode: Literal["exec"] = "exec") -> ast.Module: ...
@overload
def parse(source: str, mode: Literal["eval"]) -> ast.Expression: ...
def parse(source: str, mode: Literal["exec", "eval"] = "exec") -> ast.AST:
    """As `ast.parse`, without its warnings: "invalid escape sequence" and the like are no errors yet.

    Raises SyntaxError, ValueError, RecursionError or MemoryError for what can't be parsed.
    """
    with _one_at_a_time, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(_TRIES - 1):
            try:
                return ast.parse(source, mode=mode)
            except SystemError:
                continue
        return ast.parse(source, mode=mode)
