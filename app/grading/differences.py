"""The words for how a returned value differs from the one due, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.grading.preview import plain, preview
from app.grading.verdict import NOTHING, Message
from app.sandbox import Tensor

Array = NDArray[np.generic]
SHORT = 120


def short(value: object) -> str:
    """A value in one short line."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, np.dtype):
        return str(value)
    return " ".join(preview(value, SHORT).split())


def name_of(value: object) -> str:
    """The type of a value as a learner would say it."""
    if value is None:
        return "None"
    if isinstance(value, Tensor):
        return "torch.Tensor"
    if isinstance(value, np.ndarray):
        return "numpy.ndarray"
    return type(value).__name__


def opaque(type_name: str) -> Message:
    name = plain(type_name)[:SHORT]
    return Message(
        f"The function returned a {name}, which can't be compared; return numbers, arrays, lists or tuples.",
        f"函数返回了 {name}，无法比较；请返回数、数组、列表或元组。",
    )


def returned_none() -> Message:
    return Message("The function returned None: is a 'return' missing?", "函数返回了 None：是不是漏了 return？")


def wrong_type(got: str, expected: str) -> Message:
    return Message(f"Expected {expected}, got {got}.", f"应返回 {expected}，得到 {got}。")


def not_an_array(got: object, expected: str) -> Message:
    if isinstance(got, list | tuple):
        return Message(
            "The returned list can't be read as an array: its rows differ in length, or it holds more than numbers.",
            "返回的列表不能当作数组：各行长度不同，或含有数以外的内容。",
        )
    return wrong_type(name_of(got), expected)


def wrong_kind(got: str, wanted: str) -> Message:
    return Message(f"The dtype must be of kind {wanted}, got {got}.", f"数据类型应为 {wanted} 类，得到 {got}。")


def wrong_shape(got: tuple[int, ...], expected: tuple[int, ...]) -> Message:
    base = Message(f"Shape: expected {expected}, got {got}.", f"形状：应为 {expected}，得到 {got}。")
    if len(got) > 1 and got == expected[::-1]:
        return base + Message("The axes look swapped.", "轴的顺序似乎反了。")
    if [n for n in got if n != 1] == [n for n in expected if n != 1]:
        return base + Message("Only axes of length 1 differ.", "只差在长度为 1 的轴。")
    return base


def wrong_length(got: int, expected: int) -> Message:
    return Message(f"Expected {expected} entries, got {got}.", f"应有 {expected} 项，得到 {got} 项。")


def wrong_keys(got: set[object], expected: set[object]) -> Message:
    missing = ", ".join(sorted(short(key) for key in expected - got)) or "-"
    extra = ", ".join(sorted(short(key) for key in got - expected)) or "-"
    return Message(f"Keys: missing {missing}; not due {extra}.", f"键：缺少 {missing}；多出 {extra}。")


def not_equal(path: str, got: object, expected: object) -> Message:
    at, place = (f" at {path}", f"{path} 处") if path else ("", "")
    return Message(
        f"Expected{at} {short(expected)}, got {short(got)}.", f"{place}应为 {short(expected)}，得到 {short(got)}。"
    )


def differs(
    place: str, got: object, expected: object, tolerance: tuple[float, float] | None, count: int, size: int
) -> Message:
    """The first element that differs, the tolerance (atol, rtol), and how many differ."""
    given, due = number(got), number(expected)
    if given == due:  # they differ beyond six digits: show them in full
        given, due = short(got), short(expected)
    allowed = Message("", "")
    if tolerance:
        rule = f"{tolerance[0]:.3g} + {tolerance[1]:.3g} × |expected|"
        allowed = Message(f" (tolerance {rule})", f"（允许误差 {rule.replace('expected', '应有值')}）")
    if not place:
        return Message(f"Got {given}, expected {due}{allowed.en}.", f"得到 {given}，应为 {due}{allowed.zh}。")
    return Message(
        f"First difference at {place}: got {given}, expected {due}{allowed.en}. {count} of {size} values differ.",
        f"首个不同之处在 {place}：得到 {given}，应为 {due}{allowed.zh}。{size} 个值中有 {count} 个不同。",
    )


def number(value: object) -> str:
    """Six significant digits; integers and booleans whole."""
    plain_value = value.item() if isinstance(value, np.generic) else value
    return f"{plain_value:.6g}" if isinstance(plain_value, float) else str(plain_value)


def row_missing(got: object, expected: object) -> Message:
    return Message(
        f"In any order, the entry {short(expected)} is due and missing; {short(got)} is not due.",
        f"（不计顺序）缺少应有的 {short(expected)}；{short(got)} 不应出现。",
    )


def pattern(expected: Array, got: Array, agree: Callable[[Array, Array], bool]) -> Message:
    """What the whole array looks like instead, where that is a slip with a name; else nothing."""
    if not np.isfinite(expected).all() and np.isnan(got).any():
        return NOTHING
    if np.isnan(got).any():
        return Message(
            "NaN comes from 0/0, inf - inf or the root of a negative.", "NaN 来自 0/0、inf − inf 或对负数开方。"
        )
    if expected.ndim == 2 and expected.shape[0] == expected.shape[1] > 1 and agree(expected.T, got):
        return Message("It is the transpose of what is due.", "它是应有结果的转置。")
    if expected.size < 2 or expected.dtype.kind not in "iuf" or got.dtype.kind not in "iuf":
        return NOTHING
    if agree(expected.ravel()[::-1], got.ravel()):
        return Message("It is what is due in reverse order.", "它与应有结果的顺序正好相反。")
    return _scaled(expected.astype(np.float64), got.astype(np.float64), agree)


def _scaled(expected: NDArray[np.float64], got: NDArray[np.float64], agree: Callable[[Array, Array], bool]) -> Message:
    largest = int(np.abs(expected).argmax())
    if np.isfinite(expected).all() and np.count_nonzero(expected) > 1 and (due := expected.flat[largest]) != 0:
        factor = float(got.flat[largest] / due)
        if factor != 0 and np.isfinite(factor) and agree(expected * factor, got):
            return Message(f"Every value is {factor:.4g} times what is due.", f"每个值都是应有值的 {factor:.4g} 倍。")
    return NOTHING
