"""Whether a typed filling is one of the accepted ones.

Two fillings are equal if they read the same after folding: compatibility forms and width (NFKC), case, spacing, math
dollars and backslashes, Greek letters against their names, `×` against `x`, and separators. A comma or point between
digits, a minus sign, brackets and operators carry meaning and stay. Fillings that are numbers are compared as
numbers. What is added in brackets to explain a filling, `mean (average)`, is left aside.
"""

from __future__ import annotations

import re
import unicodedata

from app.bank.schema import Blank
from app.grading.numbers import NotANumber, caret_superscripts, parse_number

_SEPARATORS = re.compile(
    r"[$\\{}_'\"`´‘’“”、;:?·]"
    r"|(?<!\d),|,(?!\d)"  # 1,000 and (0,1) keep theirs
    r"|\.(?!\d)"
    r"|(?<=[^\W\d]{2})-(?=\w)|(?<=\w)-(?=[^\W\d]{2})"  # batch-norm, k-means; but not n-1 or a-b
)
_GLOSS = re.compile(r"(?<=\S)(\s+\([^()（）]+\)|\s*（[^()（）]+）)\s*$")  # set off by a space or by its width, not f(x)
_SAME = {"×": "x", "−": "-", "–": "-", "—": "-", "‐": "-", "‑": "-", "<=": "≤", ">=": "≥", "!=": "≠", "。": "."}


def fold(text: str) -> str:
    """The form in which fillings are compared."""
    folded = unicodedata.normalize("NFKC", caret_superscripts(text)).casefold()
    for written, read in _SAME.items():
        folded = folded.replace(written, read)
    folded = "".join(map(_spelled, folded))
    kept = _SEPARATORS.sub("", "".join(folded.split()))
    if kept.startswith("(") and kept.endswith(")") and kept.count("(") == 1:
        kept = kept[1:-1]
    return kept or folded.strip()


def _spelled(letter: str) -> str:
    name = unicodedata.name(letter, "")
    if not name.startswith("GREEK SMALL LETTER "):
        return letter
    return name.rpartition(" ")[2].lower().replace("lamda", "lambda")  # Unicode's spelling of λ


def is_accepted(blank: Blank, given: str) -> bool:
    """Whether `given` is one of the accepted fillings of either language."""
    plain = _GLOSS.sub("", given)
    return _is_one_of(blank, given) or (plain != given and _is_one_of(blank, plain))


def _is_one_of(blank: Blank, given: str) -> bool:
    fillings = (*blank.accept.en, *blank.accept.zh)
    if fold(given) in {fold(filling) for filling in fillings}:
        return True
    try:
        number = parse_number(given)
    except NotANumber:
        return False
    return any(_reads_as(filling, number) for filling in fillings)


def _reads_as(filling: str, number: object) -> bool:
    try:
        return parse_number(filling) == number
    except NotANumber:
        return False
