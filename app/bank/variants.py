"""What a seed decides: drawn parameters, the text filled with them, and the order in which things are shown.

The same question and seed give the same variant on every machine and Python version: only `Random.random()` is used,
whose sequence Python guarantees for a text seed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from random import Random

from app.bank.expressions import Expression, ExpressionError, Work
from app.bank.schema import ChoiceBase, Drawable, Matching, Numeric, Ordering, Param, Text
from app.languages import Phrase, phrase

MAX_DRAWS = 1000
MAX_DRAW_STEPS = 200_000  # of the expressions of all draws of one variant together
MAX_PERMUTATIONS = 100

PLACEHOLDER = re.compile(r"@\{([^{}]*)\}")
_FORMAT = re.compile(r"\+?,?(\.\d{1,2})?[deEfg%]?")


class NoDraw(ValueError):  # noqa: N818  (an outcome of drawing that callers name)
    """No parameters were found for which `where` holds."""

    def __init__(self, told: Phrase) -> None:
        super().__init__(told)
        self.told = told


def draw(question: Numeric, seed: int) -> dict[str, object]:
    """Parameters, derived values and `answer` of one variant.

    Raises `NoDraw` if `where` failed for 1000 draws, `ExpressionError` if an expression has no value.
    """
    random = Random(f"{question.id}:{seed}")
    where = Expression.parse(question.where) if question.where else None
    work = Work(MAX_DRAW_STEPS)
    for _ in range(MAX_DRAWS):
        names: dict[str, object] = {name: _drawn(param, random) for name, param in question.params.items()}
        if where is None or where.evaluate(names, work):
            break
    else:
        raise NoDraw(
            phrase("'where' held for none of %(max_draws)s draws: %(where)s", max_draws=MAX_DRAWS, where=question.where)
        )
    for name, expression in question.derived.items():
        names[name] = Expression.parse(expression).evaluate(names, work)
    names["answer"] = Expression.parse(question.answer).evaluate(names, work)
    return names


def _drawn(param: Param, random: Random) -> Drawable:
    if param.choices is not None:
        return param.choices[_below(len(param.choices), random)]
    low, high = param.range or (0, 0)
    start, step = Fraction(repr(low)), Fraction(repr(param.step))
    value = start + step * _below(int((Fraction(repr(high)) - start) / step) + 1, random)
    whole = all(isinstance(number, int) for number in (low, param.step))
    return int(value) if whole else float(value)


def _below(n: int, random: Random) -> int:
    return min(int(random.random() * n), n - 1)


def fill(text: str, names: Mapping[str, object], work: Work | None = None) -> str:
    """`text` with every `@{expression}` or `@{expression:.2f}` replaced by its value, by no more than `work` in all.

    Raises `ExpressionError` whose column is that of the fault in `text`.
    """
    filled, end = [], 0
    work = work or Work()
    for start, expression, spec in placeholders(text):
        opening = text.rindex("@{", 0, start + 1)
        filled.append(text[end:opening])
        filled.append(_formatted(_valued(expression, start, names, work), spec, opening))
        end = text.index("}", start) + 1
    return "".join(filled) + text[end:]


def placeholders(text: str) -> Iterator[tuple[int, str, str]]:
    """Offset of the expression, expression and format of each placeholder. Raises `ExpressionError` if one is open."""
    opened = text.find("@{")
    while opened != -1:
        match = PLACEHOLDER.match(text, opened)
        if match is None:
            raise ExpressionError(phrase("'@{' without its '}'"), opened + 1)
        expression, spec = _split(match[1])
        if not _FORMAT.fullmatch(spec):
            raise ExpressionError(
                phrase("'%(spec)s' is not a format; write for instance ':.2f', ':,' or ':g'", spec=spec), opened + 1
            )
        yield match.start(1), expression, spec
        opened = text.find("@{", match.end())


def mask(text: str) -> str:
    """`text` of the same length with digits in the place of each placeholder, for checks that need none."""
    return PLACEHOLDER.sub(lambda match: "1" * len(match[0]), text)


def _split(inside: str) -> tuple[str, str]:
    """The expression and the format after its last colon outside brackets."""
    depth = 0
    for at, character in enumerate(inside):
        depth += character in "[("
        depth -= character in "])"
        if character == ":" and depth == 0:
            return inside[:at], inside[at + 1 :].strip()
    return inside, ""


def _valued(expression: str, start: int, names: Mapping[str, object], work: Work) -> object:
    try:
        return Expression.parse(expression).evaluate(names, work)
    except ExpressionError as error:
        raise ExpressionError(error.told, start + error.column) from None


def _formatted(value: object, spec: str, opening: int) -> str:
    if not spec:
        return plain(value)
    if not isinstance(value, int | float):
        raise ExpressionError(phrase("only a number takes a format, not %(value)s", value=repr(value)), opening + 1)
    try:
        return format(value, spec)
    except (ValueError, OverflowError) as error:
        raise ExpressionError(phrase("a format that does not fit (%(why)s)", why=error), opening + 1) from None


def plain(value: object, digits: int = 6) -> str:
    """A value as it is read: whole numbers whole, others with up to `digits` significant digits and no idle zeros."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(plain(item, digits) for item in value)}]"
    if not isinstance(value, float):
        return str(value)
    rounded = Decimal(f"{value:.{digits}g}")
    if value == 0:
        return "0"
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if 1e-9 <= abs(value) < 1e15:
        text = f"{rounded:f}" if abs(value) < 10**digits else f"{value:.0f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def permutation(n: int, question_id: str, seed: int, salt: str = "") -> tuple[int, ...]:
    """Shown position -> original index, of `n` things."""
    random = Random(f"{question_id}:{seed}:{salt}")
    order = list(range(n))
    for last in range(n - 1, 0, -1):
        other = _below(last + 1, random)
        order[last], order[other] = order[other], order[last]
    return tuple(order)


def letter(position: int) -> str:
    """The key of a shown position: 0 is "A"."""
    return chr(ord("A") + position)


def shown_options(question: ChoiceBase, seed: int) -> tuple[int, ...]:
    """Shown position -> index in `options`."""
    if not question.shuffle:
        return tuple(range(len(question.options)))
    return permutation(len(question.options), question.id, seed)


def shown_items(question: Ordering, seed: int) -> tuple[int, ...]:
    """Shown position -> index in `items`; never already in the right order."""
    right = [item.text for item in question.items]
    for attempt in range(MAX_PERMUTATIONS):
        order = permutation(len(right), question.id, seed, f"items{attempt}")
        if [right[index] for index in order] != right:
            return order
    return (*range(1, len(right)), 0)


def shown_rights(question: Matching, seed: int) -> tuple[Text, ...]:
    """Shown position -> right side: those of pairs and decoys, equal ones once."""
    rights = list(dict.fromkeys([*(pair.right for pair in question.pairs), *question.decoys]))
    return tuple(rights[index] for index in permutation(len(rights), question.id, seed, "rights"))
