"""What of a question is run for those who only look at it: its worked example as a picture, and its wrong solutions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

import structlog

from app.bank.schema import Code, Lib
from app.grading.example import Example, example_of
from app.grading.verdict import BrokenQuestion, Report
from app.sandbox import Sandbox, SandboxError
from app.web.tryouts import Tryouts, code_key

log = structlog.get_logger()
KEPT_EXAMPLES = 500  # those of a large bank, and of the texts that are being edited


class Examples:
    """Draws in a sandbox of this process and remembers. `available` tells of which libraries code is run in it."""

    def __init__(self, sandbox: Sandbox, available: Callable[[Lib], bool]) -> None:
        self._sandbox = sandbox
        self._available = available
        self._drawn: OrderedDict[str, Example | None] = OrderedDict()
        self._lock = threading.Lock()
        self._tryouts = Tryouts(sandbox)

    def example(self, question: Code) -> Example | None:
        """The question's worked example, drawn once; None where there is none, or code is not run."""
        key = code_key(question)
        with self._lock:
            if key in self._drawn:
                self._drawn.move_to_end(key)
                return self._drawn[key]
        if not self._available(question.lib):
            return None
        try:
            drawn = example_of(question, self._sandbox)
        except SandboxError as error:  # the page can do without
            log.warning("an example could not be drawn", question=question.id, why=str(error))
            return None
        except BrokenQuestion as error:  # as above, and it stays so
            log.warning("an example could not be drawn", question=question.id, why=str(error))
            drawn = None
        with self._lock:
            self._drawn[key] = drawn
            while len(self._drawn) > KEPT_EXAMPLES:
                self._drawn.popitem(last=False)
        return drawn

    def tried(self, question: Code, name: str, seed: int) -> Report | None:
        """How one of the question's wrong solutions fares; None where code is not run, or not in time."""
        return self._tryouts.graded(question, name, seed) if self._available(question.lib) else None
