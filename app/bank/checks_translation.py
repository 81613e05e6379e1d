"""Whether the two languages of a text say the same, as far as signs can tell: formulas, placeholders, numbers, units.

What a language may change: the order, words within a formula, a number in words, a placeholder that chooses a word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from app.bank import markup
from app.bank.expressions import Expression, ExpressionError
from app.bank.findings import Complaint
from app.bank.numbers import different_numbers, percent_differs
from app.bank.schema import LANGS, Text
from app.bank.variants import placeholders
from app.bank.yaml_source import PathKey
from app.languages import phrase

UNTRANSLATED_WORDS = 4

_TEXT_IN_MATH = re.compile(r"\\(text\w*|mathrm|operatorname\*?|mbox)\s*\{[^{}]*\}")
_WORDS = re.compile(r"[A-Za-z]{2,}")
_BYTES = re.compile(r"(?<![A-Za-z])(?:[KMGT]iB|[kKMGT]B)(?![A-Za-z])")


def translation_complaints(path: PathKey, text: Text) -> Iterator[Complaint]:
    """Every difference, told at the language that lacks something."""
    yield from _formula_complaints(path, text)
    if odd := _different_placeholders(text):
        yield Complaint(
            (*path, "zh"),
            phrase("placeholders differ from 'en': %(names)s", names=", ".join(odd)),
            phrase("use the same ones in both languages"),
        )
    yield from _number_complaints(path, text)
    if text.en == text.zh and len(_WORDS.findall(markup.prose(text.zh))) >= UNTRANSLATED_WORDS:
        yield Complaint((*path, "zh"), phrase("the Chinese text is the English one"), phrase("write it in Chinese"))


def _formula_complaints(path: PathKey, text: Text) -> Iterator[Complaint]:
    formulas = {lang: {_comparable(latex) for latex in markup.formulas(text.in_(lang))} for lang in LANGS}
    for lang, other in (("zh", "en"), ("en", "zh")):
        for latex in sorted(formulas[other] - formulas[lang]):  # type: ignore[index]  # both are of LANGS
            message = phrase("the formula $%(latex)s$ stands in '%(other)s' only", latex=latex, other=other)
            yield Complaint((*path, lang), message, phrase("write the same formulas in both languages"))


def _comparable(latex: str) -> str:
    """A formula without what a language may change: spacing and words in it."""
    return re.sub(r"\s+|\\[,;:! ]", "", _TEXT_IN_MATH.sub(r"\\text{}", latex))


def _number_complaints(path: PathKey, text: Text) -> Iterator[Complaint]:
    mend = phrase("state the same numbers in both languages")
    for lang, other, numbers in zip(("zh", "en"), ("en", "zh"), different_numbers(text), strict=True):
        for number in numbers:
            yield Complaint(
                (*path, lang),
                phrase("the number %(number)s stands in '%(other)s' only", number=number, other=other),
                mend,
            )
    if percent_differs(text):
        yield Complaint((*path, "zh"), phrase("one language alone speaks of per cent"), mend)
    en, zh = (set(_BYTES.findall(text.in_(lang))) for lang in LANGS)
    if en != zh:
        message = phrase("units differ from 'en': %(names)s", names=", ".join(sorted(en ^ zh)))
        yield Complaint((*path, "zh"), message, phrase("use the same units in both languages; 1 MiB is not 1 MB"))


def _different_placeholders(text: Text) -> list[str]:
    """What one language has more often. Those that choose a word may differ as long as all ask the same names."""
    en, zh = _placeholders(text.en), _placeholders(text.zh)
    odd = (en - zh) + (zh - en)
    chooses_words = any("'" in expression or '"' in expression for expression, _ in odd)
    if chooses_words and _names(en) == _names(zh):
        return []
    return sorted(f"{expression}:{spec}" if spec else expression for expression, spec in odd)


def _placeholders(text: str) -> Counter[tuple[str, str]]:
    """(expression, format) of each, counted."""
    try:
        return Counter((expression.strip(), spec) for _, expression, spec in placeholders(text))
    except ExpressionError:
        return Counter()  # an open one is told by the numeric checks


def _names(used: Counter[tuple[str, str]]) -> set[str]:
    try:
        return {name for expression, _ in used for name in Expression.parse(expression).names}
    except ExpressionError:
        return set()  # told by the numeric checks
