"""From how the sandbox ended a load or a call to a verdict, and the words that explain it to the learner."""

from __future__ import annotations

from app.bank.schema import Code
from app.grading.preview import plain
from app.grading.verdict import Message, Verdict
from app.sandbox import Call, Ending, Failure, Run

LONGEST_MESSAGE = 2_000
_COMPILE_ERRORS = {"SyntaxError", "IndentationError", "TabError", "MissingFunction"}

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
    failed = run.load_failure
    if run.load is Ending.RAISED and (failed is None or failed.type in _COMPILE_ERRORS):
        return Verdict.compile_error
    return VERDICT_OF.get(run.load, Verdict.internal_error)


def about_load(run: Run, question: Code) -> Message:
    """Why a submission did not load."""
    failed = run.load_failure
    if failed is not None and failed.type == "MissingFunction":
        name = question.function
        return Message(
            f"The code does not define the function {name}. Keep its name as the starter has it.",
            f"代码里没有定义函数 {name}。请保留初始代码中的函数名。",
        )
    if failed is not None and failed.type in _COMPILE_ERRORS:
        return _syntax(failed)
    before = Message("Before any case ran:", "在运行任何用例之前：")
    return before + about(Call(run.load, failure=failed, stdout=run.load_stdout), question)


def _syntax(failed: Failure) -> Message:
    where_en = (
        f"Line {failed.line}" + (f", column {failed.column}" if failed.column else "") if failed.line else "Source"
    )
    where_zh = f"第 {failed.line} 行" + (f"第 {failed.column} 列" if failed.column else "") if failed.line else "源代码"
    text = _clip(failed.message)
    caret = f"\n{_clip(failed.traceback)}" if failed.traceback else ""
    return Message(f"{where_en}: {text}{caret}", f"{where_zh}：{text}{caret}")


def about(call: Call, question: Code) -> Message:
    """Why a call did not return a value, with the figure and the limit where a limit was hit."""
    limits = question.limits
    match call.ending:
        case Ending.RAISED:
            return _raised(call.failure)
        case Ending.TIME_LIMIT:
            return _time(call, limits.time_s)
        case Ending.MEMORY_LIMIT:
            return Message(
                f"More than the {limits.memory_mib} MiB of memory allowed were needed.",
                f"所需内存超过了限制（{limits.memory_mib} MiB）。",
            )
        case Ending.OUTPUT_LIMIT:
            return Message(
                "Too much was printed or returned. Print less, or check the size of the result.",
                "打印或返回的内容太多。请减少输出，或检查结果的大小。",
            )
        case Ending.FORBIDDEN:
            return _forbidden(call.failure)
        case Ending.CRASHED:
            return Message("The Python process crashed.", "Python 进程崩溃了。") + _detail(call.failure)
        case Ending.EXITED:
            return Message(
                "The code ended the process (exit) instead of returning.", "代码结束了进程（exit），没有返回结果。"
            )
        case Ending.RETURNED | Ending.NOT_RUN:
            return Message("This case did not run.", "该用例没有运行。")


def _raised(failed: Failure | None) -> Message:
    if failed is None:
        return Message("An error was raised.", "出现异常。")
    text = _clip(f"{failed.type}: {failed.message}" if failed.message else failed.type)
    frames = f"\n{_clip(failed.traceback)}" if failed.traceback else ""
    if failed.line is None:
        return Message(f"{text}{frames}", f"{text}{frames}")
    return Message(f"Line {failed.line}: {text}{frames}", f"第 {failed.line} 行：{text}{frames}")


def _time(call: Call, limit_s: float) -> Message:
    cpu_s, wall_s = call.cpu_ms / 1000, call.wall_ms / 1000
    if wall_s > limit_s > 2 * cpu_s:
        return Message(
            f"Stopped after {wall_s:.1f} s of waiting: the code sleeps or waits for something.",
            f"等待 {wall_s:.1f} 秒后被停止：代码在休眠或等待。",
        )
    return Message(
        f"Stopped: a case may take {limit_s:g} s of CPU time. An endless loop, or too slow an algorithm?",
        f"已停止：每个用例最多使用 {limit_s:g} 秒 CPU 时间。是死循环，还是算法太慢？",
    )


def _forbidden(failed: Failure | None) -> Message:
    return Message("The sandbox refused what the code tried.", "沙箱拒绝了代码的操作。") + _detail(failed)


def _detail(failed: Failure | None) -> Message:
    if failed is None or not failed.message:
        return Message("", "")
    text = _clip(failed.message)
    frames = f"\n{_clip(failed.traceback)}" if failed.traceback else ""
    return Message(f"{text}{frames}", f"{text}{frames}")


def _clip(text: str) -> str:
    shown = plain(text).strip("\n")
    return shown if len(shown) <= LONGEST_MESSAGE else shown[:LONGEST_MESSAGE] + " …"
