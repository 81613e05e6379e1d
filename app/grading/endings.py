"""From how the sandbox ended a load or a call to a verdict, and the words that explain it to the learner.

A message is one sentence or two, then, on lines of their own, where in the learner's code it happened.
"""

from __future__ import annotations

import re

from app.bank.python_words import meaning_zh
from app.bank.schema import Code
from app.grading import refusals
from app.grading.cases import Case
from app.grading.preview import plain
from app.grading.verdict import Verdict
from app.languages import Message
from app.sandbox import Call, Ending, Failure, Limits, Run

LONGEST_LINE = 400
LONGEST_TRACEBACK = 3_000
_COMPILE_ERRORS = {"SyntaxError", "IndentationError", "TabError", "MissingFunction"}
_RAN = "Traceback"  # how the trace of a program that ran begins, even where it raised a SyntaxError
_WAITED = "still running after"  # how the sandbox tells that the clock on the wall ran out, not the processor's
_IDLE = 0.1  # share of the time below which a program was not computing
_DEFINES = re.compile(r".* does not define '.*'; it defines (.+)", re.DOTALL)
_STATUS = re.compile(r"-?\d+$")  # at the end of "3" or "the program ended itself with exit status 3"
_NO_FUNCTION = re.compile(r"'.*' is (\w+), not a function")

VERDICT_OF = {
    Ending.RAISED: Verdict.runtime_error,
    Ending.TIME_LIMIT: Verdict.time_limit,
    Ending.MEMORY_LIMIT: Verdict.memory_limit,
    Ending.OUTPUT_LIMIT: Verdict.output_limit,
    Ending.FORBIDDEN: Verdict.forbidden,
    Ending.CRASHED: Verdict.runtime_error,
    Ending.EXITED: Verdict.runtime_error,
}


def load_verdict(run: Run) -> Verdict:
    """The verdict of a submission that did not load."""
    if run.load is Ending.RAISED and (run.load_failure is None or _is_of_compiler(run.load_failure)):
        return Verdict.compile_error
    return VERDICT_OF.get(run.load, Verdict.internal_error)


def _is_of_compiler(failed: Failure) -> bool:
    return failed.type in _COMPILE_ERRORS and not failed.traceback.lstrip(" +|").startswith(_RAN)


def about_load(run: Run, question: Code) -> Message:
    """Why a submission did not load."""
    failed = run.load_failure
    if failed is not None and failed.type == "MissingFunction":
        return _missing_function(failed, question.function)
    if run.load is Ending.RAISED and failed is not None and _is_of_compiler(failed):
        return _syntax(failed)
    if run.load is Ending.TIME_LIMIT:
        limit_s = Limits().load_s
        return Message(
            f"Stopped before any case ran: what stands outside the function ran for more than {limit_s:g} s.",
            f"在运行任何用例之前就被停止：函数之外的代码运行超过了 {limit_s:g} 秒。",
        )
    before = Message("Before any case ran:", "在运行任何用例之前：")
    return before + about(Call(run.load, failure=failed, stdout=run.load_stdout), question)


def _missing_function(failed: Failure, name: str) -> Message:
    if found := _NO_FUNCTION.fullmatch(failed.message):
        return Message(f"{name} is not a function but {found[1]}.", f"{name} 不是函数，而是 {found[1]}。")
    there, here = "", ""
    if found := _DEFINES.fullmatch(failed.message):
        names = _line(found[1])
        there, here = f"; it defines {names}", f"，只定义了 {names}"
    return Message(
        f"The code does not define the function {name}{there}. Keep its name as the starter has it.",
        f"代码里没有定义函数 {name}{here}。请保留初始代码中的函数名。",
    )


def _syntax(failed: Failure) -> Message:
    said = _line(failed.message)
    meaning = meaning_zh(failed.message)
    zh = f"{meaning}（{said}）" if meaning else said
    if failed.line is None:
        return Message(f"The code does not compile: {said}", f"代码无法编译：{zh}")
    column_en, column_zh = (f", column {failed.column}", f"第 {failed.column} 列") if failed.column else ("", "")
    place = _trace(failed)
    return Message(f"Line {failed.line}{column_en}: {said}{place}", f"第 {failed.line} 行{column_zh}：{zh}{place}")


def about(call: Call, question: Code) -> Message:
    """Why a call did not return a value, with the figure and the limit where a limit was hit."""
    limits, failed = question.limits, call.failure
    match call.ending:
        case Ending.RAISED:
            return _raised(failed)
        case Ending.TIME_LIMIT:
            return _time(call, limits.time_s)
        case Ending.MEMORY_LIMIT:
            return _placed(failed, refusals.too_much_memory(failed, limits.memory_mib, call.peak_mib))
        case Ending.OUTPUT_LIMIT:
            return refusals.too_much_output(failed)
        case Ending.FORBIDDEN:
            return _placed(failed, refusals.forbidden(failed))
        case Ending.CRASHED:
            return _crashed(failed)
        case Ending.EXITED:
            return _placed(failed, _exited(failed))
        case Ending.RETURNED | Ending.NOT_RUN:
            return Message("This case did not run.", "该用例没有运行。")


def _raised(failed: Failure | None) -> Message:
    if failed is None:
        return Message("An error was raised.", "出现异常。")
    text = _line(f"{failed.type}: {failed.message}" if failed.message else failed.type)
    return _placed(failed, Message(text, text))


def _placed(failed: Failure | None, said: Message) -> Message:
    """`Line 3: …` and the learner's own calls below, where they are known."""
    if failed is None or failed.line is None:
        return said
    trace = _trace(failed)
    return Message(f"Line {failed.line}: {said.en}{trace}", f"第 {failed.line} 行：{said.zh}{trace}")


def _time(call: Call, limit_s: float) -> Message:
    cpu, wall = _seconds(call.cpu_ms / 1000), _seconds(call.wall_ms / 1000)
    waited = call.failure is not None and call.failure.message.startswith(_WAITED)
    if waited and call.cpu_ms < _IDLE * call.wall_ms:
        return Message(
            f"Stopped after {wall} s of waiting ({cpu} s of CPU time). Does the code sleep or wait for something?",
            f"等待 {wall} 秒后被停止（CPU 时间 {cpu} 秒）。代码是不是在休眠或等待？",
        )
    if waited:
        return Message(
            f"Stopped after {wall} s, with {cpu} s of CPU time used; the limit is {limit_s:g} s of CPU time a case. "
            "The code waits, or this machine is busy: if it does not wait, submit it again.",
            f"运行 {wall} 秒后被停止，用了 {cpu} 秒 CPU 时间；每个用例最多 {limit_s:g} 秒。"
            "代码在等待，或者这台机器太忙：如果代码并不等待，请再提交一次。",
        )
    used = _seconds(max(call.cpu_ms / 1000, limit_s))
    return Message(
        f"Stopped after {used} s of CPU time; the limit is {limit_s:g} s a case. "
        "An endless loop, or too slow an algorithm?",
        f"用了 {used} 秒 CPU 时间后被停止；每个用例最多 {limit_s:g} 秒。是死循环，还是算法太慢？",
    )


def too_slow(call: Call, case: Case, limit_ms: float) -> Message:
    """Why a case that is measured against the reference took too long."""
    used, limit = _time_of(call.cpu_ms), _time_of(limit_ms)
    times = f"{case.times_reference:g}"
    en, zh = (f" on: {case.title.en}", f"，用例：{case.title.zh}") if case.title else ("", "")
    return Message(
        f"Took {used} of CPU time; the limit is {limit}, {times} times the reference's time and room to measure{en}. "
        "Too high a complexity, or Python loops over too much?",
        f"用了 {used} CPU 时间，上限 {limit}（参考答案用时的 {times} 倍，另加测量余量）{zh}。"
        "是算法复杂度过高，还是 Python 循环太多？",
    )


def _time_of(spent_ms: float) -> str:
    return f"{spent_ms / 1000:.1f} s" if spent_ms >= 1000 else f"{spent_ms:.{0 if spent_ms >= 10 else 1}f} ms"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f}" if seconds >= 1 else f"{seconds:.2f}".rstrip("0").rstrip(".")


def _exited(failed: Failure | None) -> Message:
    found = _STATUS.search(failed.message) if failed else None
    en, zh = (f" with status {found[0]}", f"（退出码 {found[0]}）") if found else ("", "")
    return Message(
        f"The code ended the process{en} instead of returning. Leave out exit().",
        f"代码结束了进程{zh}，没有返回结果。请去掉 exit()。",
    )


def _crashed(failed: Failure | None) -> Message:
    en, zh = (f" ({_line(failed.type)})", f"（{_line(failed.type)}）") if failed else ("", "")
    return Message(
        f"The Python process crashed{en}: a recursion too deep, or memory touched past Python.",
        f"Python 进程崩溃了{zh}：可能是递归太深，或绕过 Python 直接操作了内存。",
    )


def _trace(failed: Failure) -> str:
    """Where it happened, on lines of their own; the middle left out where that is long."""
    shown = plain(failed.traceback).strip("\n")
    if len(shown) > LONGEST_TRACEBACK:
        half = LONGEST_TRACEBACK // 2
        shown = f"{shown[:half]}\n…\n{shown[-half:]}"
    return f"\n{shown}" if shown else ""


def _line(text: str) -> str:
    shown = plain(text).strip()
    return shown if len(shown) <= LONGEST_LINE else f"{shown[:LONGEST_LINE]} …"
