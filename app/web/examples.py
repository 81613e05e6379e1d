"""The worked examples of coding questions as pictures, each drawn once in this process."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

import structlog

from app.bank.schema import Code, Lib
from app.grading.example import Example, example_of
from app.grading.verdict import BrokenQuestion
from app.sandbox import Sandbox, SandboxError

log = structlog.get_logger()


class Examples:
    """Draws in a sandbox and remembers. `available` tells of which libraries code is run in it."""

    def __init__(self, sandbox: Sandbox, available: Callable[[Lib], bool]) -> None:
        self._sandbox = sandbox
        self._available = available
        self._drawn: dict[str, Example | None] = {}  # one a question of the bank
        self._lock = threading.Lock()

    def example(self, question: Code) -> Example | None:
        """The question's worked example; None where there is none, or code is not run."""
        key = hashlib.sha256(question.model_dump_json().encode()).hexdigest()
        with self._lock:
            if key in self._drawn:
                return self._drawn[key]
        if not self._available(question.lib):
            return None
        try:
            drawn = example_of(question, self._sandbox)
        except (BrokenQuestion, SandboxError) as error:  # the page can do without
            log.warning("an example could not be drawn", question=question.id, why=str(error))
            return None
        with self._lock:
            self._drawn[key] = drawn
        return drawn
