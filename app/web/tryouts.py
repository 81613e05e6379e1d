"""Wrong solutions of a question that is being edited, graded as a learner's code would be.

One at a time, apart from the learners' queue, for no longer than a page may take. What was graded is kept for the next
look, for a preview is asked for at every rest of typing.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict

from app.bank.schema import Code
from app.grading.cases import Runs
from app.grading.code import Cancelled, grade_code
from app.grading.verdict import Report, Verdict

KEPT = 64
PATIENCE_S = 10.0  # for the run that is under way, and then for its own
TRIED_ONCE = 1
# What a learner reads beside the code; changing it changes no run.
BESIDE_THE_CODE = {
    *("status", "difficulty", "minutes", "prompt", "covers", "sources", "errata", "erratum", "tags"),
    *("starter", "hints", "explanation", "complexity", "follow_ups", "accepted", "waived_mutants", "without"),
}


def code_key(question: Code) -> str:
    """The same for two texts of a question whose code, cases and contract are the same."""
    return hashlib.sha256(question.model_dump_json(exclude=BESIDE_THE_CODE).encode()).hexdigest()


class Tryouts:
    """Owns what was graded last."""

    def __init__(self, sandbox: Runs) -> None:
        self._sandbox = sandbox
        self._kept: OrderedDict[tuple[str, str, int], Report] = OrderedDict()
        self._turn = threading.Lock()

    def graded(self, question: Code, name: str, seed: int) -> Report | None:
        """The wrong solution's report as its learner sees it at the first try; None if it takes too long now."""
        key = (code_key(question), name, seed)
        if not self._turn.acquire(timeout=PATIENCE_S):
            return None
        try:
            if key not in self._kept:
                report = self._run(question, name, seed)
                if report is None or report.verdict is Verdict.internal_error:
                    return report
                self._kept[key] = report
            self._kept.move_to_end(key)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]
        finally:
            self._turn.release()

    def _run(self, question: Code, name: str, seed: int) -> Report | None:
        code = next(wrong.code for wrong in question.wrong if wrong.name == name)
        until = time.monotonic() + PATIENCE_S
        try:
            report = grade_code(
                question,
                code,
                sandbox=self._sandbox,
                mode="submit",
                seed=seed,
                cancelled=lambda: time.monotonic() > until,
            )
        except Cancelled:
            return None
        return report.shown(TRIED_ONCE)
