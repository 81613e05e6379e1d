"""Numbers of two languages: equal values however written, and a planted difference in each way to write one."""

from __future__ import annotations

import pytest

from app.bank.numbers import different_numbers, percent_differs
from app.bank.schema import Text

SAME = [
    ("23 million weights", "2300 万个权重"),
    ("2.3M and 650,000", "230 万与 65 万"),
    ("3 to 5 million", "300 万到 500 万"),
    ("1.4 billion", "14 亿"),
    ("three layers", "3 层"),
    ("a 3×3 kernel", "3×3 的核"),
    ("ResNet-50", "ResNet-50"),
    ("from -3 to 3", "从 -3 到 3"),
    ("@{n} of @{m:.2f}", "@{m:.2f} 中的 @{n}"),
    ("`x[17]` is read", "读取 `x[i]`"),
    ("77，544", "77, 544"),
    ("upsample twofold in March 2015", "2015 年 3 月，上采样 2 倍"),
]
DIFFERENT = [
    ("23 million weights", "230 万个权重", ["23 million"], ["230 万"]),
    ("0.57", "5.7", ["0.57"], ["5.7"]),
    ("-3", "3", ["-3"], ["3"]),
    ("three layers", "4 层", [], ["4"]),
    ("10,000", "10 000", ["10,000"], ["000", "10"]),
    ("ResNet-50", "ResNet-101", ["50"], ["101"]),
]


@pytest.mark.parametrize(("en", "zh"), SAME)
def test_one_value_written_in_two_ways_is_one_number(en: str, zh: str) -> None:
    assert different_numbers(Text(en=en, zh=zh)) == ([], [])


@pytest.mark.parametrize(("en", "zh", "en_only", "zh_only"), DIFFERENT)
def test_different_values_are_told(en: str, zh: str, en_only: list[str], zh_only: list[str]) -> None:
    found = different_numbers(Text(en=en, zh=zh))
    assert tuple(sorted(side) for side in found) == (en_only, zh_only)


@pytest.mark.parametrize(
    ("en", "zh", "differs"),
    [
        ("12 %", "12%", False),
        ("what percentage", "百分之几", False),
        ("12 per cent", "12", True),
        ("12", "12 %", True),
        ("1.3 percentage points", "1.3 个百分点", False),
        ("the 90th percentile", "第 90 分位数", False),
    ],
)
def test_per_cent_must_be_in_both(en: str, zh: str, differs: bool) -> None:
    assert percent_differs(Text(en=en, zh=zh)) is differs
