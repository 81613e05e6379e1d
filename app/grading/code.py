"""Grading a code submission: cases to the sandbox, what comes back to `compare`, each case a verdict and a reason.

The learner's process gets arguments and gives values; what is due is computed beside it, in a sandboxed process of the
bank's own, and stays on this side. A wrong answer is a verdict, and so is a fault of ours: `internal_error`, after one
retry, which costs the learner nothing.
"""

from __future__ import annotations

import ast
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

from app.bank.schema import Code, Text
from app.grading import endings, static
from app.grading.cases import (
    RESULT_BYTES,
    VISIBLE_SEED,
    Case,
    Drawn,
    Runs,
    custom_case,
    draw_fresh,
    is_due_error,
    judge,
    prepare,
    run_retrying,
)
from app.grading.closeup import from_close_by
from app.grading.compare import Mismatch, compare, same_bits
from app.grading.outcome import MalformedAnswer
from app.grading.preview import LONGEST, cut, preview, preview_args
from app.grading.source_bytes import UndecodableError, decode
from app.grading.verdict import NOTHING, BrokenQuestion, CaseReport, Report, Verdict
from app.languages import Message
from app.sandbox import Call, Ending, Job, LibraryMissing, Limits, SandboxError

log = logging.getLogger(__name__)

Mode = Literal["run", "submit"]
MAX_SOURCE_BYTES = 64 * 1024
MAX_CUSTOM_CHARS = 10_000
STDOUT_KEPT = 2_000  # characters of a case that is not looked at closely
# What is due is computed here while the learner's code runs; the sandbox bounds how much runs at a time.
_BESIDE = ThreadPoolExecutor(max_workers=16, thread_name_prefix="reference")

_CUSTOM_TITLE = Text(en="Your own input", zh="自定义输入")
_OUR_FAULT = Message(
    "Something broke on our side, not in your code. It was not counted; please submit again.",
    "这是我们这边的故障，与你的代码无关。本次不计入结果，请再提交一次。",
)


class Cancelled(Exception):  # noqa: N818 (an end the caller asked for, not a fault)
    """The learner left or submitted again; there is nothing to report."""


def grade_code(
    question: Code,
    source: str,
    *,
    sandbox: Runs,
    mode: Mode,
    seed: int,
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    custom: str | None = None,
) -> Report:
    """Grade `source`: in mode `run` on the visible cases (and `custom` arguments, if any), in mode `submit` on all.

    `on_progress(done, total)` is called before the first case and after each. Raises `Cancelled` once `cancelled()`
    says so, and `MalformedAnswer` if `custom` is not a list of literals.
    """
    own_args = parse_custom(custom) if custom and mode == "run" else None
    if refusal := _refused_unrun(question, source):
        return _report(question, seed, *refusal)
    if not sandbox.available(question.lib):
        return _report(question, seed, Verdict.internal_error, _missing(question.lib))
    try:
        cases: Sequence[Drawn]
        if own_args is not None:
            cases = (custom_case(question, sandbox, own_args),)
        elif mode == "run":
            cases = prepare(question, sandbox, VISIBLE_SEED).visible
        else:
            cases = draw_fresh(question, sandbox, seed)
        return _graded(question, source, cases, sandbox, mode, seed, on_progress, cancelled)
    except LibraryMissing:
        return _report(question, seed, Verdict.internal_error, _missing(question.lib))
    except BrokenQuestion as broken_question:
        log.error("broken question, seed %s: %s", seed, broken_question)
        broken = Message(
            "This question is broken: its own reference fails. It was not counted.",
            "这道题本身有问题：参考答案未能通过。本次不计入结果。",
        )
        return _report(question, seed, Verdict.internal_error, broken)
    except SandboxError as broken_sandbox:
        log.error("could not grade %s, seed %s: %s", question.id, seed, broken_sandbox)
        return internal_error(question.id, seed)


def grade_file(question: Code, data: bytes, *, sandbox: Runs, seed: int) -> Report:
    """Grade the bytes of a source file on all cases, read as Python reads a file."""
    if len(data) > MAX_SOURCE_BYTES:
        return _report(question, seed, Verdict.compile_error, _too_large(len(data)))
    try:
        source = decode(data)
    except UndecodableError as error:
        return _report(question, seed, Verdict.compile_error, error.message)
    return grade_code(question, source, sandbox=sandbox, mode="submit", seed=seed)


def internal_error(question_id: str, seed: int) -> Report:
    """The report of a submission that we failed to grade."""
    return Report(
        question=question_id,
        verdict=Verdict.internal_error,
        score=0.0,
        wall_ms=0.0,
        cases=(),
        seed=seed,
        message=_OUR_FAULT,
    )


def parse_custom(text: str) -> tuple[object, ...]:
    """Positional arguments as a Python list of literals, such as `[[0, 0, 1, 1], [1, 0, 2, 1]]`."""
    field = "custom"
    if len(text) > MAX_CUSTOM_CHARS:
        limit = Message(f"At most {MAX_CUSTOM_CHARS} characters.", f"最多 {MAX_CUSTOM_CHARS} 个字符。")
        raise MalformedAnswer(field, limit)
    try:
        args = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
        raise MalformedAnswer(field, _custom_form()) from error
    if not isinstance(args, list | tuple):
        raise MalformedAnswer(field, _custom_form())
    return tuple(args)


def _custom_form() -> Message:
    return Message(
        "Write the arguments as a list of plain values, one entry an argument: [[0, 0, 1, 1], 0.5].",
        "请把参数写成由普通值组成的列表，每个参数一项：[[0, 0, 1, 1], 0.5]。",
    )


def _refused_unrun(question: Code, source: str) -> tuple[Verdict, Message] | None:
    if (size := len(source.encode(errors="surrogatepass"))) > MAX_SOURCE_BYTES:
        return Verdict.compile_error, _too_large(size)
    if findings := static.examine(source, question.allowed_imports, question.forbidden_calls):
        return Verdict.forbidden, static.told(findings, source)
    return None


def _too_large(size: int) -> Message:
    return Message(
        f"The code has {size:,} bytes; at most {MAX_SOURCE_BYTES:,} (64 KiB) are accepted.",
        f"代码有 {size:,} 字节，最多 {MAX_SOURCE_BYTES:,} 字节（64 KiB）。",
    )


def _graded(
    question: Code,
    source: str,
    drawn: Sequence[Drawn],
    sandbox: Runs,
    mode: Mode,
    seed: int,
    on_progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> Report:
    def on_call(index: int, _: Call) -> None:
        if on_progress:
            on_progress(index + 1, len(drawn))

    if on_progress:
        on_progress(0, len(drawn))
    judging = _BESIDE.submit(judge, question, sandbox, drawn)
    started = time.perf_counter()
    run = run_retrying(sandbox, _job(question, source, drawn), on_call=on_call, cancelled=cancelled)
    wall_ms = (time.perf_counter() - started) * 1000
    if cancelled and cancelled():
        raise Cancelled
    if run.load is not Ending.RETURNED:
        return _report(question, seed, endings.load_verdict(run), endings.about_load(run, question), wall_ms)
    cases = judging.result()
    ran = [pair for pair in zip(cases, run.calls, strict=False) if pair[1].ending is not Ending.NOT_RUN]
    reports = from_close_by(question, ran, [_case_report(question, case, call) for case, call in ran])
    passed = sum(report.verdict is Verdict.accepted for report in reports)
    failing = next((report.verdict for report in reports if report.verdict is not Verdict.accepted), None)
    if failing is None and len(ran) < len(cases):
        raise SandboxError(f"only {len(ran)} of {len(cases)} calls were made, and none of them failed")
    return Report(
        question=question.id,
        verdict=failing or Verdict.accepted,
        score=passed / len(cases),
        wall_ms=wall_ms,
        cases=reports,
        seed=seed,
        message=_summary(passed, len(ran), len(cases), mode),
    )


def _job(question: Code, source: str, cases: Sequence[Drawn]) -> Job:
    limits = Limits(
        cpu_s=question.limits.time_s,
        wall_s=3 * question.limits.time_s,
        memory_mib=question.limits.memory_mib,
        result_bytes=RESULT_BYTES,
    )
    return Job(
        source,
        question.function,
        [case.args for case in cases],
        lib=question.lib,
        limits=limits,
        return_args=question.contract.mutation == "forbidden",
    )


@dataclass(frozen=True)
class Judgement:
    """`mismatch`: how the value itself is wrong, if it is."""

    verdict: Verdict
    message: Message = NOTHING
    mismatch: Mismatch | None = None


def judge_call(question: Code, case: Case, call: Call) -> Judgement:
    """How a call of the submission did on its case."""
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


def _case_report(question: Code, case: Case, call: Call) -> CaseReport:
    """One case with previews; of a hidden one that passed there is nothing to look at."""
    judged = judge_call(question, case, call)
    told = not case.hidden or judged.verdict is not Verdict.accepted
    returned = call.ending is Ending.RETURNED
    return CaseReport(
        name=case.name,
        title=_CUSTOM_TITLE if case.name == "custom" and case.title is None else case.title,
        verdict=judged.verdict,
        wall_ms=call.wall_ms,
        cpu_ms=call.cpu_ms,
        peak_mib=call.peak_mib,
        message=judged.message,
        stdout=cut(call.stdout, STDOUT_KEPT),
        hidden=case.hidden,
        args_preview=preview_args(case.args) if told else None,
        got_preview=preview(call.value, LONGEST) if told and returned else None,
        expected_preview=_due(case, judged.mismatch) if told else None,
        reveals_after=question.reveal_hidden_after,
    )


def _due(case: Case, mismatch: Mismatch | None) -> str:
    """What is due; of several acceptable answers, the one that was compared with."""
    return f"raises {case.error}" if case.error else preview(mismatch.answer if mismatch else case.expected, LONGEST)


def _summary(passed: int, ran: int, total: int, mode: Mode) -> Message:
    if passed == total and mode == "submit":
        return Message(f"All {total} cases passed.", f"全部 {total} 个用例通过。")
    if passed == total:
        return Message(
            f"Passed {passed} of {total}. Submit to be judged on the hidden cases too.",
            f"通过 {passed} / {total}。提交后还会用隐藏用例评判。",
        )
    said = Message(f"{passed} of {total} cases passed.", f"{total} 个用例通过 {passed} 个。")
    if ran < total:
        rest = total - ran
        return said + Message(f"The last {rest} did not run after that.", f"其余 {rest} 个因此未运行。")
    return said


def _missing(lib: str) -> Message:
    return Message(
        f"{lib} is not installed here, so this question can't be run. Nothing was counted.",
        f"此处没有安装 {lib}，无法运行这道题。未计入任何结果。",
    )


def _report(question: Code, seed: int, verdict: Verdict, message: Message, wall_ms: float = 0.0) -> Report:
    return Report(
        question=question.id, verdict=verdict, score=0.0, wall_ms=wall_ms, cases=(), seed=seed, message=message
    )
