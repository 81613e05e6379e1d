"""The words for how a returned value differs from the one due, in both languages. Never long, whatever the values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from app.grading.arrays import EXACT_IN_FLOAT, Array, is_number, kind_of_number
from app.grading.preview import plain, preview, preview_numbers
from app.grading.verdict import NOTHING
from app.languages import Message
from app.sandbox import Tensor

SHORT = 120
_NAMED = 5  # keys named in one message
_STRETCH = 4096
_AROUND = 20  # characters shown on each side of where texts part


def short(value: object) -> str:
    """A value in one short line; of an array the numbers alone."""
    shown = preview_numbers(value, SHORT) if isinstance(value, np.ndarray) else preview(value, SHORT)
    return " ".join(shown.split())


def name_of(value: object) -> str:
    """The type of a value as a learner would say it."""
    if value is None:
        return "None"
    if isinstance(value, Tensor):
        return "torch.Tensor"
    if isinstance(value, np.ndarray):
        return "numpy.ndarray"
    return type(value).__name__


def clip_path(path: str) -> str:
    """A path that stays readable: its two ends, where it is long."""
    return path if len(path) <= SHORT else f"{path[: SHORT // 2]} … {path[-SHORT // 2 :]}"


def _said(path: str, en: str, zh: str) -> Message:
    """A sentence about what is at `path` (`At ['boxes'][2]: …`); about the whole result, if it is empty."""
    if not path:
        return Message(en, zh)
    place = plain(clip_path(path))
    return Message(f"At {place}: {en[0].lower()}{en[1:]}", f"{place} 处：{zh}")


def opaque(path: str, type_name: str) -> Message:
    name = plain(type_name)[:SHORT]
    return _said(
        path,
        f"A value of type {name} can't be compared; return numbers, arrays, lists or tuples.",
        f"{name} 类型的值无法比较；请返回数、数组、列表或元组。",
    )


def returned_none() -> Message:
    return Message("The function returned None: is a 'return' missing?", "函数返回了 None：是不是漏了 return？")


def wrong_type(path: str, got: str, expected: str) -> Message:
    return _said(path, f"Expected {expected}, got {got}.", f"应为 {expected}，得到 {got}。")


def not_numbers(path: str, got: object, expected: str) -> Message:
    """A list that is no array, with the reason; or another type."""
    if not isinstance(got, list | tuple):
        return wrong_type(path, name_of(got), expected)
    return _said(
        path, "The returned list can't be read as an array of numbers:", "返回的列表不能当作数组："
    ) + _why_no_array(got)  # fmt: skip


def _why_no_array(entries: Sequence[object]) -> Message:
    kinds = set()
    large = None
    for place, leaf in _leaves(entries, ""):
        if not is_number(leaf) and not isinstance(leaf, np.ndarray):
            kind = name_of(leaf)
            return Message(f"at {place} it holds a value of type {kind}.", f"{place} 处是 {kind} 类型的值。")
        if isinstance(leaf, int | np.integer) and abs(int(leaf)) > EXACT_IN_FLOAT:
            large = large or place
        kinds.add(kind_of_number(leaf))
    if "b" in kinds and len(kinds) > 1:
        return Message("it mixes booleans with numbers.", "布尔值与数混在一起。")
    if large:
        return Message(f"the integer at {large} is too large for one.", f"{large} 处的整数太大。")
    return Message("its rows differ in length.", "各行长度不同。")


def _leaves(entries: Sequence[object], path: str) -> Iterator[tuple[str, object]]:
    for place, entry in enumerate(entries):
        here = f"{path}[{place}]"
        if isinstance(entry, list | tuple):
            yield from _leaves(entry, here)
        else:
            yield clip_path(here), entry


def wrong_kind(path: str, got: str, wanted: str) -> Message:
    said = _said(path, f"The dtype must be of kind {wanted}, got {got}.", f"数据类型应为 {wanted} 类，得到 {got}。")
    if wanted == "int" and got.startswith("float"):
        return said + Message("Convert it with int() or .astype(int).", "请用 int() 或 .astype(int) 转换。")
    return said


def wrong_shape(path: str, got: tuple[int, ...], expected: tuple[int, ...]) -> Message:
    if expected == ():
        return _said(
            path, f"Expected one number, got an array of shape {got}.", f"应为一个数，得到形状为 {got} 的数组。"
        )
    if got == ():
        return _said(
            path, f"Expected an array of shape {expected}, got one number.", f"应为形状 {expected} 的数组，得到一个数。"
        )
    base = _said(path, f"Shape: expected {expected}, got {got}.", f"形状：应为 {expected}，得到 {got}。")
    if len(got) > 1 and got == expected[::-1]:
        return base + Message("The axes look swapped.", "轴的顺序似乎反了。")
    if [n for n in got if n != 1] == [n for n in expected if n != 1]:
        return base + Message("Only axes of length 1 differ.", "只差在长度为 1 的轴。")
    return base


def wrong_length(path: str, got: int, expected: int) -> Message:
    return _said(path, f"Expected {expected} entries, got {got}.", f"应有 {expected} 项，得到 {got} 项。")


def wrong_keys(path: str, missing: Sequence[object], extra: Sequence[object]) -> Message:
    said = NOTHING
    if missing:
        said += _said(path, f"Missing keys: {_some(missing, ', ')}.", f"缺少键：{_some(missing, '、')}。")
    if extra:
        path = "" if missing else path
        said += _said(
            path, f"Keys that should not be there: {_some(extra, ', ')}.", f"多余的键：{_some(extra, '、')}。"
        )
    return said


def _some(values: Sequence[object], comma: str) -> str:
    named = comma.join(short(value) for value in values[:_NAMED])
    return named if len(values) <= _NAMED else f"{named} … ({len(values)})"


def text_differs(path: str, got: str | bytes, expected: str | bytes) -> Message:
    """Two texts, from where they part on."""
    index = _parting(got, expected)
    given, due = _around(got, index), _around(expected, index)
    return _said(
        path,
        f"Got {given}, expected {due}; they part at index {index}.",
        f"得到 {given}，应为 {due}；从下标 {index} 处开始不同。",
    )


def _parting(got: str | bytes, expected: str | bytes) -> int:
    """The first index at which two texts, which differ, do so; long equal stretches are passed over at once."""
    start = 0
    while got[start : start + _STRETCH] == expected[start : start + _STRETCH]:
        start += _STRETCH
    pairs = zip(got[start : start + _STRETCH], expected[start : start + _STRETCH], strict=False)
    same = next((place for place, (a, b) in enumerate(pairs) if a != b), min(len(got), len(expected)) - start)
    return start + same


def _around(text: str | bytes, index: int) -> str:
    """A short text whole, of a long one what is around `index`."""
    if len(text) <= 2 * _AROUND:
        return short(text)
    start = max(0, index - _AROUND)
    shown = short(text[start : index + _AROUND])
    return f"{'…' if start else ''}{shown}{'…' if index + _AROUND < len(text) else ''}"


def differs(path: str, got: Any, expected: Any, tolerance: tuple[float, float] | None) -> Message:
    """The first number that differs. `tolerance` is (rtol, atol); None where values must be equal."""
    given, due = number(got), number(expected)
    if given == due:  # they differ beyond six digits: show them in full
        given, due = short(got), short(expected)
    allowed = _allowed(got, expected, tolerance)
    if not path:
        return Message(f"Got {given}, expected {due}{allowed.en}.", f"得到 {given}，应为 {due}{allowed.zh}。")
    place = clip_path(path)
    return Message(
        f"First difference at {place}: got {given}, expected {due}{allowed.en}.",
        f"首个不同之处在 {place}：得到 {given}，应为 {due}{allowed.zh}。",
    )


def _allowed(got: Any, expected: Any, tolerance: tuple[float, float] | None) -> Message:
    """` (off by 0.1; tolerance 1.1e-05 = 1e-06 + 1e-05 × |expected|)`."""
    if tolerance is None or any(
        isinstance(value, int | np.integer) and abs(int(value)) >> 53 for value in (got, expected)
    ):
        return NOTHING
    rtol, atol = tolerance
    with np.errstate(all="ignore"):
        gap = abs(np.subtract(got, expected, dtype=np.result_type(np.asarray(got), np.asarray(expected), np.float64)))
        room = atol + rtol * abs(np.asarray(expected).astype(np.result_type(np.asarray(expected), np.float64)))
    if not np.isfinite(gap):
        return NOTHING
    if rtol == atol == 0:
        return Message(f" (off by {gap:.3g}; no tolerance)", f"（相差 {gap:.3g}，不允许误差）")
    digits = next((n for n in (3, 6, 9) if f"{gap:.{n}g}" != f"{room:.{n}g}"), 17)
    off, free = f"{gap:.{digits}g}", f"{room:.{digits}g}"
    if rtol:
        free += f" = {atol:.3g} + {rtol:.3g} × |{{}}|" if atol else f" = {rtol:.3g} × |{{}}|"
    return Message(
        f" (off by {off}; tolerance {free.format('expected')})", f"（相差 {off}，允许误差 {free.format('应有值')}）"
    )


def how_many(count: int, array: Array) -> Message:
    """How many values of the array due differ, its shape and dtype."""
    size, shape, kind = array.size, array.shape, array.dtype
    return Message(
        f"{count} of {size} values differ (shape {shape}, {kind}).",
        f"{size} 个值中有 {count} 个不同（形状 {shape}，{kind}）。",
    )


def number(value: object) -> str:
    """Six significant digits; integers and booleans whole."""
    plain_value = value.item() if isinstance(value, np.generic) else value
    return f"{plain_value:.6g}" if isinstance(plain_value, float | np.floating) else short(plain_value)


def alone(path: str, missing: Sequence[object], extra: Sequence[tuple[str, object]], due: int) -> Message:
    """The first entries without a partner where any order will do: of those due, and of those returned by place."""
    said = _said(path, "In any order,", "不计顺序，")
    parts = []
    if missing:
        parts.append(Message(f"{short(missing[0])} is missing", f"缺少 {short(missing[0])}"))
    if extra:
        place, value = extra[0]
        where = Message(f" at {clip_path(place)}", f"{clip_path(place)} 处的 ") if place else NOTHING
        parts.append(Message(f"{short(value)}{where.en} should not be there", f"{where.zh}{short(value)} 不应出现"))
    said += Message(" and ".join(part.en for part in parts) + ".", "，".join(part.zh for part in parts) + "。")
    if len(missing) > 1:
        return said + Message(
            f"{len(missing)} of {due} entries are missing.", f"应有 {due} 项，共缺 {len(missing)} 项。"
        )
    return said


def index_outside(path: str, index: object, count: int, argument: int) -> Message:
    return _said(
        path,
        f"The index {short(index)} points at nothing: argument {argument + 1} has {count} entries.",
        f"下标 {short(index)} 越界：第 {argument + 1} 个参数只有 {count} 项。",
    )


def index_repeated(path: str, index: object) -> Message:
    return _said(
        path,
        f"The index {short(index)} occurs twice; each may be returned once.",
        f"下标 {short(index)} 重复出现，每个只能返回一次。",
    )


def equal_entries_may_swap(argument: int) -> Message:
    return Message(
        f"(Indices of equal entries of argument {argument + 1} count as the same.)",
        f"（第 {argument + 1} 个参数中，相等的项下标可以互换。）",
    )


def nearest_of(count: int) -> Message:
    """Before the difference from the nearest of several acceptable answers."""
    if count == 1:
        return NOTHING
    return Message(
        f"Any of {count} answers is accepted; compared with the nearest one:",
        f"共有 {count} 种答案都算对，以下与最接近的一种比较：",
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
    return _scaled(expected, got, agree)


def _scaled(expected: Array, got: Array, agree: Callable[[Array, Array], bool]) -> Message:
    due, given = expected.astype(np.float64), got.astype(np.float64)
    largest = int(np.abs(due).argmax())
    if not np.isfinite(due).all() or np.count_nonzero(due) < 2:
        return NOTHING
    with np.errstate(all="ignore"):
        factor = float(given.flat[largest] / due.flat[largest])
        if factor != 0 and np.isfinite(factor) and agree(due * factor, given):
            return Message(f"Every value is {factor:.4g} times what is due.", f"每个值都是应有值的 {factor:.4g} 倍。")
    return NOTHING
