"""The verdict of one case: what a call returned or raised against what is due, and how long it took."""

from __future__ import annotations

from dataclasses import dataclass

from app.bank.schema import Code
from app.grading import endings
from app.grading.cases import Case, is_due_error
from app.grading.compare import Mismatch, compare, same_bits
from app.grading.verdict import NOTHING, Verdict
from app.languages import Message
from app.sandbox import Call, Ending


@dataclass(frozen=True)
class Judgement:
    """`mismatch`: how the value itself is wrong, if it is."""

    verdict: Verdict
    message: Message = NOTHING
    mismatch: Mismatch | None = None


def judge_call(question: Code, case: Case, call: Call) -> Judgement:
    """The verdict of a call. A right result that took too long is `time_limit`, a wrong one is wrong however slow."""
    judged = _judge_outcome(question, case, call)
    limit_ms = case.cpu_limit_ms(question.limits.time_s)
    if limit_ms is None or call.cpu_ms <= limit_ms or judged.verdict not in (Verdict.accepted, Verdict.time_limit):
        return judged
    return Judgement(Verdict.time_limit, endings.too_slow(call, case, limit_ms))


def _judge_outcome(question: Code, case: Case, call: Call) -> Judgement:
    if case.error is not None:
        return _judge_error(question, case.error, call)
    if call.ending is not Ending.RETURNED:
        return _ended(question, call)
    if mismatch := compare(case.expected, call.value, question.contract, case.args):
        return Judgement(Verdict.wrong_answer, mismatch.message, mismatch)
    return _judge_mutation(question, case, call)


def _ended(question: Code, call: Call) -> Judgement:
    return Judgement(endings.VERDICT_OF.get(call.ending, Verdict.internal_error), endings.about(call, question))


def _judge_error(question: Code, due: str, call: Call) -> Judgement:
    """Not raising what is due, or raising something else, is a wrong answer."""
    if call.ending is Ending.RETURNED:
        returned = Message(f"{due} must be raised here; a value was returned.", f"这里应抛出 {due}，却返回了值。")
        return Judgement(Verdict.wrong_answer, returned)
    if call.ending is not Ending.RAISED or call.failure is None:
        return _ended(question, call)
    if is_due_error(call.failure.type, due):
        return Judgement(Verdict.accepted)
    other = Message(f"{due} must be raised here, not another error.", f"这里应抛出 {due}，而不是别的异常。")
    return Judgement(Verdict.wrong_answer, other + endings.about(call, question))


def _judge_mutation(question: Code, case: Case, call: Call) -> Judgement:
    if question.contract.mutation == "forbidden" and call.args_after is not None:
        for place, (before, after) in enumerate(zip(case.args, call.args_after, strict=True)):
            if not same_bits(before, after):
                changed = Message(
                    f"The result is right, but argument {place + 1} was changed in place. Work on a copy.",
                    f"结果正确，但第 {place + 1} 个参数被原地修改了。请在副本上操作。",
                )
                return Judgement(Verdict.wrong_answer, changed)
    return Judgement(Verdict.accepted)
