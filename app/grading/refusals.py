"""Why the sandbox stopped or refused something, in the learner's two languages.

The sandbox says it in English, for programs: "reading files is not allowed here: '/etc/passwd'". Some of it is said by
the learner's own process, so a text is looked up, never trusted to be what it looks like.
"""

from __future__ import annotations

import re

from app.grading.preview import plain
from app.languages import Message
from app.sandbox import Failure

_NO_FILES = Message("all that the function needs comes as its arguments", "函数需要的数据都由参数传入")
_ALONE = Message("the code is one process with one thread", "代码只在一个进程、一个线程中运行")
_NO_NETWORK = Message("there is no network here", "这里没有网络")
_DEEDS = {
    "reading files": (Message("Reading files", "读文件"), _NO_FILES),
    "writing files": (
        Message("Writing files", "写文件"),
        Message("print() what you want to see", "想看的内容请用 print() 输出"),
    ),
    "listing folders": (Message("Listing folders", "列出目录"), _NO_FILES),
    "changing folders": (Message("Changing folders", "切换目录"), _NO_FILES),
    "connecting to the network": (Message("Using the network", "使用网络"), _NO_NETWORK),
    "starting processes": (Message("Starting processes", "启动进程"), _ALONE),
    "starting threads": (Message("Starting threads", "启动线程"), _ALONE),
    "sending signals": (Message("Sending signals", "发送信号"), _ALONE),
}
_REFUSED = re.compile(r"(?P<deed>[a-z ]+) is not allowed here(?:: (?P<object>.+))?", re.DOTALL)
_OF_THE_KERNEL = re.compile(r"^the sandbox refused this: (\[Errno \d+\] )?")
_TOO_LARGE = re.compile(r"the returned value takes ([\d,]+) (bytes|elements|keys) or more; the limit is ([\d,]+)")
_PRINTED = re.compile(r"printed far more than ([\d,]+) bytes")
_NUMPY_ASKED = re.compile(r"Unable to allocate ([\d.]+ \w+) for an array with shape (\([\d, ]*\)) and data type (\w+)")
_TORCH_ASKED = re.compile(r"you tried to allocate (\d+) bytes")
_UNITS = {"bytes": " 字节", "elements": " 个元素", "keys": " 个键"}
_OBJECT_SHOWN = 80
_RETURN_AN_ARRAY = Message("Arrays may be larger than lists.", "若是嵌套列表，请改为返回数组，数组的上限更高。")


def forbidden(failed: Failure | None) -> Message:
    """What was refused, and why."""
    if failed is None:
        return Message("The sandbox refused what the code tried.", "沙箱拒绝了代码的操作。")
    if failed.type == "ResultChannel":
        return Message("The code interfered with the channel that its results travel on.", "代码干扰了传送结果的通道。")
    if (found := _REFUSED.fullmatch(failed.message)) and found["deed"] in _DEEDS:
        what, why = _DEEDS[found["deed"]]
        thing = plain(found["object"] or "")[:_OBJECT_SHOWN]
        en, zh = (f" ({thing})", f"（{thing}）") if thing else ("", "")
        return Message(f"{what.en}{en} is not allowed: {why.en}.", f"不允许{what.zh}{zh}：{why.zh}。")
    said = plain(_OF_THE_KERNEL.sub("", failed.message))[:_OBJECT_SHOWN]
    return Message(
        f"The sandbox refused this ({said}): code here may compute, and nothing else.",
        f"沙箱拒绝了这个操作（{said}）：这里的代码只能做计算。",
    )


def too_much_output(failed: Failure | None) -> Message:
    """Whether too much was printed or returned, with the figure and the limit."""
    message = failed.message if failed else ""
    if found := _TOO_LARGE.fullmatch(message):
        size, unit, limit = found.groups()
        zh = _UNITS[unit]
        told = Message(
            f"The returned value is too large: {size} {unit} or more; the limit is {limit}. Is its shape right?",
            f"返回值太大：至少 {size}{zh}，上限 {limit}{zh}。请检查它的形状。",
        )
        return told + _RETURN_AN_ARRAY if unit == "elements" else told
    if found := _PRINTED.fullmatch(message):
        limit = found[1]
        return Message(
            f"Too much was printed: far more than the {limit} bytes that are kept of a case. Print less.",
            f"打印的内容太多：远远超过每个用例保留的 {limit} 字节。请减少输出。",
        )
    return Message("Too much was printed or returned.", "打印或返回的内容太多。")


def too_much_memory(failed: Failure | None, limit_mib: int, used_mib: float) -> Message:
    """The limit, and what was asked for where NumPy or torch says it; else what was in use."""
    said = Message(
        f"More memory was needed than the {limit_mib} MiB allowed.", f"所需内存超过了限制（{limit_mib} MiB）。"
    )
    message = failed.message if failed else ""
    if found := _NUMPY_ASKED.search(message):
        size, shape, kind = found.groups()
        return said + Message(
            f"NumPy asked for {size} for an array of shape {shape}, {kind}.",
            f"NumPy 申请了 {size}，数组形状 {shape}，类型 {kind}。",
        )
    if found := _TORCH_ASKED.search(message):
        size = f"{int(found[1]) / (1 << 20):,.0f} MiB"
        return said + Message(f"torch asked for {size}.", f"torch 申请了 {size}。")
    if used_mib >= 1:
        return said + Message(f"{used_mib:.0f} MiB were in use before that.", f"在此之前已用 {used_mib:.0f} MiB。")
    return said
