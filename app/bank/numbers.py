"""The numbers that a text states, by value, so that two languages can be compared: 23 million is 2300 万.

Only digits count, outside formulas (compared as they are), code and words such as conv4. A whole number up to twelve
may be a word in the other language (three layers, 三层); 0, 1 and 2 have so many that they are hardly checked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from app.bank.markup import prose
from app.bank.schema import Lang, Text
from app.bank.variants import PLACEHOLDER

SCALES = {  # powers of ten
    "hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12,
    "百万": 6, "千万": 7, "十亿": 9, "百": 2, "千": 3, "万": 4, "亿": 8,
    "k": 3, "K": 3, "M": 6, "G": 9, "B": 9,
}  # fmt: skip
WORDS: dict[Lang, tuple[str, ...]] = {  # how 0, 1, 2, … may be written out; of months, too
    "en": (
        "zeros?|no|none|nothing", "one|once|single|first|an?|each|every|per|same|january",
        r"two|twice|double[ds]?|doubling|second|both|pair|half|halv\w+|february", "three|third|triple|thrice|march",
        "four|fourth|quarters?|april", "five|fifth|may", "six|sixth|june", "seven|seventh|july", "eight|eighth|august",
        "nine|ninth|september", "ten|tenth|october", "eleven|eleventh|november", "twelve|twelfth|december",
    ),
    "zh": (
        "零|无|没|不", "一|单|首|每|同|个", "二|两|双|倍|半|对", "三", "四", "五", "六", "七", "八", "九", "十",
        "十一", "十二",
    ),
}  # fmt: skip

_NUMBER = re.compile(
    r"(?<![A-Za-z_])(?<![0-9]\.)(?<![0-9])"  # not within a name or another number
    r"(?P<sign>(?<![A-Za-z0-9_)])[-\N{MINUS SIGN}])?"  # else a hyphen or a difference
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:e(?P<exponent>[-+]?\d+))?"
    rf"(?:\s*(?P<scale>{'|'.join(SCALES)})(?![A-Za-z]))?"
)
_PERCENT = re.compile(r"%|\bper ?cent(?!age point|ile)|百分(?!点)")


def different_numbers(text: Text) -> tuple[list[str], list[str]]:
    """What is stated in English only, and what in Chinese only."""
    en, zh = _stated(text.en), _stated(text.zh)
    return _lacking(en, zh, text.zh, "zh"), _lacking(zh, en, text.en, "en")


def _lacking(stated: list[_Number], other: list[_Number], markdown: str, lang: Lang) -> list[str]:
    """Those of `stated` that a text in `lang`, whose numbers are `other`, does not state."""
    known = {reading for number in other for reading in number.readings}
    return [
        number.written
        for number in stated
        if not number.readings & known and not _in_words(min(number.readings), markdown, lang)
    ]


@dataclass(frozen=True)
class _Number:
    """One number as it is written, and every value it may mean: in "3 to 5 million" the first may be three million."""

    written: str
    readings: frozenset[Decimal]


def _stated(markdown: str) -> list[_Number]:
    plain = prose(PLACEHOLDER.sub(" @ ", markdown)).replace("，", ", ")
    found = list(_NUMBER.finditer(unicodedata.normalize("NFKC", plain)))
    powers = {_power(match) for match in found} | {0}
    return [_Number(match[0], frozenset(_readings(match, powers))) for match in found]


def _power(match: re.Match[str]) -> int:
    return SCALES.get(match["scale"], 0)


def _readings(match: re.Match[str], powers: set[int]) -> Iterator[Decimal]:
    value = Decimal(match["digits"].replace(",", "")).scaleb(int(match["exponent"] or 0))
    signed = -value if match["sign"] else value
    own = _power(match)
    for power in {own} if own else powers:
        yield signed.scaleb(power).normalize()


def _in_words(value: Decimal, markdown: str, lang: Lang) -> bool:
    if value != int(value) or not 0 <= value < len(WORDS[lang]):
        return False
    words = WORDS[lang][int(value)]
    return bool(re.search(rf"\b(?:{words})(?:fold)?\b" if lang == "en" else words, markdown, re.IGNORECASE))


def percent_differs(text: Text) -> bool:
    """Whether one language alone speaks of per cent."""
    return bool(_PERCENT.search(text.en)) != bool(_PERCENT.search(text.zh))
