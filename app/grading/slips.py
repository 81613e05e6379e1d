"""Which known slip a wrong answer is: the question's own wrong solution that gives the same results.

The wrong solutions run in one sandboxed process of the bank's own, like the reference. Only one that agrees with the
learner's code on every case looked at is recognised: the same wrong value (under the contract, or to the bit) where the
learner is wrong, right where the learner is right. Of several that agree none is named, for a guess would mislead.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from app.bank.schema import Code, FailVerdict, WrongSolution
from app.grading.cases import Case, Runs, run_retrying
from app.grading.compare import compare, same_bits
from app.grading.judging import judge_call
from app.grading.verdict import Recognised, Verdict
from app.sandbox import Call, Ending, Job, Limits, SandboxError

log = logging.getLogger(__name__)

FIRST_CASES = 3  # failing ones that every wrong solution is tried on; the rest is for those that agree there
MOST_CASES = 40
LIMITS = Limits(cpu_s=1, wall_s=3)
Ran = tuple[Case, Call]

_CALL = "call_whetstone_solution"
# Each solution in a namespace of its own, made at its first call, so that one that does not load spoils no other.
_SOURCE = """
_sources, _function, _given, _made = {sources!r}, {function!r}, {given!r}, {{}}

def _names_of(source, name):
    names = {{"__name__": name}}
    exec(compile(source, name, "exec"), names)
    return names

def {call}(name, args):
    if name not in _made:
        _made[name] = _names_of(_sources[name], "solution")[_function]
    given = _names_of(_given, "given")["given"](*args) if _given else args
    return _made[name](*given), args
"""


def recognised(question: Code, ran: Sequence[Ran], sandbox: Runs) -> Recognised | None:
    """The one wrong solution that gives the results of a wrong submission. None, too, if it can't be found out."""
    left = [wrong for wrong in question.wrong if wrong.verdict is FailVerdict.wrong_answer]
    untimed = [(case, call) for case, call in ran if case.times_reference is None and case.title is not None]
    failing = [one for one in untimed if judge_call(question, *one).verdict is not Verdict.accepted]
    first = failing[:FIRST_CASES]
    rest = [one for one in untimed if one not in first][: MOST_CASES - len(first)]
    try:
        for some in (first, rest):
            left = _agreeing(question, left, some, sandbox)
    except SandboxError as error:
        log.warning("slips of %s could not be looked for: %s", question.id, error)
        return None
    return Recognised(name=left[0].name, note=left[0].note) if len(left) == 1 and failing else None


def _agreeing(
    question: Code, solutions: Sequence[WrongSolution], ran: Sequence[Ran], sandbox: Runs
) -> list[WrongSolution]:
    """Those that do on every case as the learner's code did."""
    if not solutions or not ran:
        return list(solutions)
    sources = {solution.name: solution.code for solution in solutions}
    source = _SOURCE.format(sources=sources, function=question.function, given=question.given, call=_CALL)
    calls = [(name, case.args) for name in sources for case, _ in ran]
    run = run_retrying(sandbox, Job(source, _CALL, calls, lib=question.lib, limits=LIMITS))
    made = iter(run.calls)
    agree = {name: [_same(question, case, mine, _unpacked(next(made))) for case, mine in ran] for name in sources}
    return [solution for solution in solutions if all(agree[solution.name])]


def _unpacked(call: Call) -> Call:
    """The call as if the solution had been called itself, with the arguments as it left them."""
    if call.ending is not Ending.RETURNED or not isinstance(call.value, tuple):
        return call
    value, args = call.value
    return Call(call.ending, value, tuple(args))


def _same(question: Code, case: Case, mine: Call, other: Call) -> bool:
    verdicts = [judge_call(question, case, call).verdict for call in (mine, other)]
    if verdicts[0] is not verdicts[1] or mine.ending is not other.ending:
        return False
    if verdicts[0] is Verdict.accepted:
        return True
    if mine.ending is Ending.RAISED:
        return mine.failure is not None and other.failure is not None and mine.failure.type == other.failure.type
    if mine.ending is not Ending.RETURNED:
        return False
    one_answer = question.contract.model_copy(update={"answers": "one"})
    return same_bits(other.value, mine.value) or compare(other.value, mine.value, one_answer, case.args) is None
