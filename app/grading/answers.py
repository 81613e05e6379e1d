"""Judging answers that need no code to run: every kind of question but `code`.

An answer is keyed by what the learner was shown (positions after the seed's shuffle), so keys are resolved with the
same functions of `bank.variants` that `bank.present` shows them with.

Scores: single choice, numeric: all or nothing. Multi choice: (right picks - wrong picks) / correct options, not below
0. Cloze: share of blanks. Matching: share of lefts. Ordering: share of item pairs in the right relative order. All of
these are `correct` only at full credit. Open: share of the rubric's weight that the learner claims, correct from
`OPEN_PASS` on, because a good spoken answer rarely names every point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import assert_never

from app.bank.schema import (
    Cloze,
    Code,
    Flashcard,
    Matching,
    MultiChoice,
    Numeric,
    Open,
    Ordering,
    Question,
    SingleChoice,
    Text,
)
from app.bank.variants import letter, shown_items, shown_options, shown_rights
from app.grading import cloze
from app.grading.numeric import grade_number
from app.grading.outcome import MalformedAnswer, Outcome, Part
from app.languages import Message

OPEN_PASS = 0.6
MAX_FILLING = 200
MAX_ESSAY = 20_000

_CHOOSE_ONE = Message("Choose one option.", "请选择一个选项。")
_CHOOSE_SOME = Message("Choose at least one option.", "请至少选择一个选项。")
_UNREADABLE = Message("This answer could not be read; nothing was counted.", "无法读取这个答案，未计入任何结果。")


def grade_answer(question: Question, seed: int, answer: Mapping[str, object], *, finished: bool = True) -> Outcome:
    """Judge one answer to the variant of `question` that `seed` drew.

    `finished`: an answer lacks nothing. One that was cut off by the clock may; what it lacks is wrong.

    Raises `MalformedAnswer` where the answer can't be read, `BrokenQuestion` where the question can't be judged, and
    `TypeError` for code questions, which are graded by `code.grade_code`.
    """
    match question:
        case Flashcard():
            return Outcome(correct=None, score=0.0)
        case SingleChoice():
            return _single(question, seed, answer, finished)
        case MultiChoice():
            return _multi(question, seed, answer, finished)
        case Numeric():
            return grade_number(question, seed, _text(answer, "value", MAX_FILLING))
        case Cloze():
            return _cloze(question, answer, finished)
        case Ordering():
            return _ordering(question, seed, answer)
        case Matching():
            return _matching(question, seed, answer, finished)
        case Open():
            return _open(question, answer)
        case Code():
            raise TypeError("a code question is graded by its submissions")
        case _:
            assert_never(question)


def _single(question: SingleChoice, seed: int, answer: Mapping[str, object], finished: bool) -> Outcome:
    picked = answer.get("choice")
    if picked in (None, "") and finished:
        raise MalformedAnswer("choice", _CHOOSE_ONE)
    parts = _option_parts(question, seed, "choice", [picked] if picked else [])
    right = all(part.right for part in parts)
    return Outcome(right, float(right), parts)


def _multi(question: MultiChoice, seed: int, answer: Mapping[str, object], finished: bool) -> Outcome:
    picked = _list(answer, "choices")
    if not picked and finished:
        raise MalformedAnswer("choices", _CHOOSE_SOME)
    parts = _option_parts(question, seed, "choices", picked)
    hits = sum(part.given is not None and part.right for part in parts)
    strays = sum(part.given is not None and not part.right for part in parts)
    due = sum(part.expected is not None for part in parts)
    right = all(part.right for part in parts)
    note = None if right else _multi_note(hits, strays, due)
    return Outcome(right, max(0.0, (hits - strays) / due), parts, note)


def _multi_note(hits: int, strays: int, due: int) -> Message:
    return Message(
        f"{hits} of {due} right options picked, {strays} wrong. Score: (right - wrong) / {due}, never below 0.",
        f"{due} 个正确选项选中 {hits} 个，错选 {strays} 个。得分：（选对 − 选错）/ {due}，不低于 0。",
    )


def _option_parts(
    question: SingleChoice | MultiChoice, seed: int, field: str, picked: Sequence[object]
) -> tuple[Part, ...]:
    order = shown_options(question, seed)
    keys = [letter(position) for position in range(len(order))]
    if any(key not in keys for key in picked):
        raise MalformedAnswer(field, _UNREADABLE)
    parts = []
    for key, index in zip(keys, order, strict=True):
        option = question.options[index]
        given, expected = key in picked, option.correct
        parts.append(Part(key, key if given else None, key if expected else None, given == expected, option.why))
    return tuple(parts)


def _cloze(question: Cloze, answer: Mapping[str, object], finished: bool) -> Outcome:
    fillings = _mapping(answer, "blanks")
    if not set(fillings) <= set(question.blanks):
        raise MalformedAnswer("blanks", _UNREADABLE)
    typed = {name: _text(fillings, name, MAX_FILLING).strip() if name in fillings else "" for name in question.blanks}
    if not any(typed.values()) and finished:
        raise MalformedAnswer("blanks", Message("Fill in at least one blank.", "请至少填写一个空。"))
    parts = tuple(
        Part(
            key=name,
            given=typed[name] or None,
            expected=" / ".join(dict.fromkeys((blank.accept.en[0], blank.accept.zh[0]))),
            right=bool(typed[name]) and cloze.is_accepted(blank, typed[name]),
            why=blank.why,
        )
        for name, blank in question.blanks.items()
    )
    return _share(parts)


def _ordering(question: Ordering, seed: int, answer: Mapping[str, object]) -> Outcome:
    index_of = {letter(position): index for position, index in enumerate(shown_items(question, seed))}
    order = _list(answer, "order")
    if any(not isinstance(key, str) for key in order) or sorted(map(str, order)) != sorted(index_of):
        raise MalformedAnswer("order", Message("Put every item in its place, once.", "请把每一项各放一次。"))
    keys = [str(key) for key in order]
    ranks = _ranks([question.items[index_of[key]].text for key in keys], [item.text for item in question.items])
    key_at = dict(zip(ranks, keys, strict=True))
    parts = tuple(
        Part(str(place + 1), keys[place], key_at[place], rank == place, question.items[place].why)
        for place, rank in enumerate(ranks)
    )
    pairs = list(combinations(ranks, 2))
    kept = sum(first < second for first, second in pairs)
    if kept == len(pairs):
        return Outcome(True, 1.0, parts)
    note = Message(
        f"{kept} of {len(pairs)} pairs of items stand in the right relative order.",
        f"{len(pairs)} 对项目中有 {kept} 对先后正确。",
    )
    return Outcome(False, kept / len(pairs), parts, note)


def _ranks(given: Sequence[Text], right: Sequence[Text]) -> list[int]:
    """The right place of each given item; items that read the same take their places in the order given."""
    free = {text: [place for place, other in enumerate(right) if other == text] for text in right}
    return [free[text].pop(0) for text in given]


def _matching(question: Matching, seed: int, answer: Mapping[str, object], finished: bool) -> Outcome:
    rights = shown_rights(question, seed)
    keys = [letter(position) for position in range(len(rights))]
    lefts = [str(number) for number in range(1, len(question.pairs) + 1)]
    given = _mapping(answer, "pairs")
    if not set(given) <= set(lefts) or any(key not in (*keys, "", None) for key in given.values()):
        raise MalformedAnswer("pairs", _UNREADABLE)
    if any(not given.get(left) for left in lefts) and finished:
        raise MalformedAnswer("pairs", Message("Choose a match for every line.", "请为每一行选择配对。"))
    parts = []
    for left, pair in zip(lefts, question.pairs, strict=True):
        expected = keys[rights.index(pair.right)]
        key = given.get(left) or None
        parts.append(Part(left, None if key is None else str(key), expected, key == expected, pair.why))
    return _share(tuple(parts))


def _open(question: Open, answer: Mapping[str, object]) -> Outcome:
    _text(answer, "text", MAX_ESSAY)
    if answer.get("points") is None:
        return Outcome(correct=None, score=0.0)
    claimed = _list(answer, "points")
    if any(type(point) is not int or not 0 <= point < len(question.rubric) for point in claimed):
        raise MalformedAnswer("points", _UNREADABLE)
    parts = tuple(
        Part(str(index), str(index) if index in claimed else None, str(index), index in claimed, rubric.point)
        for index, rubric in enumerate(question.rubric)
    )
    weights = [point.weight for point in question.rubric]
    score = sum(weight for part, weight in zip(parts, weights, strict=True) if part.right) / sum(weights)
    return Outcome(score >= OPEN_PASS, score, parts)


def _share(parts: tuple[Part, ...]) -> Outcome:
    right = sum(part.right for part in parts)
    return Outcome(right == len(parts), right / len(parts), parts)


def _text(answer: Mapping[str, object], field: str, longest: int) -> str:
    value = answer.get(field, "")
    if not isinstance(value, str):
        raise MalformedAnswer(field, _UNREADABLE)
    if len(value) > longest:
        raise MalformedAnswer(field, Message(f"At most {longest} characters.", f"最多 {longest} 个字符。"))
    return value


def _list(answer: Mapping[str, object], field: str) -> list[object]:
    value = answer.get(field, [])
    if not isinstance(value, list | tuple) or len(value) > 50:
        raise MalformedAnswer(field, _UNREADABLE)
    return list(value)


def _mapping(answer: Mapping[str, object], field: str) -> Mapping[str, object]:
    value = answer.get(field, {})
    if not isinstance(value, Mapping):
        raise MalformedAnswer(field, _UNREADABLE)
    return value
