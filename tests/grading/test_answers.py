"""Every kind of answer is judged by what was shown, part by part, and what can't be read is refused uncounted."""

from __future__ import annotations

from typing import Any

import pytest
from made_questions import build, code_question, text

from app.bank.schema import Text
from app.bank.variants import draw, letter, shown_items, shown_options, shown_rights
from app.grading.answers import grade_answer
from app.grading.outcome import MalformedAnswer, Outcome, suggest_rating


def option(words: str, correct: bool = False) -> dict[str, Any]:
    return {"text": text(words), "correct": correct, "why": text(f"why {words}")}


SINGLE = build("single-choice", options=[option("zero", True), option("one"), option("two")])
MULTI = build("multi-choice", options=[option("a", True), option("b", True), option("c"), option("d")])
SEEDS = range(12)


def key_of(question: Any, index: int, seed: int) -> str:
    return letter(shown_options(question, seed).index(index))


@pytest.mark.parametrize("seed", SEEDS)
def test_single_choice_follows_the_shown_order(seed: int) -> None:
    assert grade_answer(SINGLE, seed, {"choice": key_of(SINGLE, 0, seed)}).correct is True
    assert grade_answer(SINGLE, seed, {"choice": key_of(SINGLE, 2, seed)}).correct is False


def test_a_wrong_choice_says_why_that_option_is_wrong_and_which_was_right() -> None:
    picked = key_of(SINGLE, 1, 3)
    outcome = grade_answer(SINGLE, 3, {"choice": picked})
    parts = {part.key: part for part in outcome.parts}
    assert parts[picked].why == Text.model_validate(text("why one"))
    assert not parts[picked].right
    assert parts[key_of(SINGLE, 0, 3)].expected == key_of(SINGLE, 0, 3)


@pytest.mark.parametrize(
    ("picks", "score"), [([0, 1], 1.0), ([0], 0.5), ([0, 1, 2], 0.5), ([0, 2], 0.0), ([2, 3], 0.0), ([0, 1, 2, 3], 0.0)]
)
def test_multi_choice_scores_right_minus_wrong_over_all_correct(picks: list[int], score: float) -> None:
    outcome = grade_answer(MULTI, 5, {"choices": [key_of(MULTI, pick, 5) for pick in picks]})
    assert outcome.score == score
    assert outcome.correct is (score == 1.0)
    assert (outcome.note is None) is (score == 1.0)


NUMERIC = build(
    "numeric",
    params={"n": {"range": [10, 40]}, "k": {"choices": [3, 5]}},
    answer="(n - k) / 2",
    tolerance={"abs": 0.01},
    unit={"en": "pixels", "zh": "像素"},
    solution=text("@{answer}"),
    mistakes=[{"answer": "n - k", "why": text("You left out the stride of 2: @{n} - @{k}.")}],
)


def test_numeric_accepts_the_variant_of_its_seed_within_the_tolerance() -> None:
    for seed in SEEDS:
        answer = draw(NUMERIC, seed)["answer"]  # type: ignore[arg-type]  # built as numeric above
        assert isinstance(answer, float)
        for typed in (f"{answer}", f"{answer + 0.01:.2f} px".replace("px", "pixels"), f"{answer - 0.01:.2f}"):
            assert grade_answer(NUMERIC, seed, {"value": typed}).correct, typed
        assert not grade_answer(NUMERIC, seed, {"value": f"{answer + 0.011:.3f}"}).correct


def test_a_recognised_slip_gives_its_own_reason_filled_with_the_variants_numbers() -> None:
    names = draw(NUMERIC, 2)  # type: ignore[arg-type]  # built as numeric above
    slip = f"{names['n']} - {names['k']}"
    outcome = grade_answer(NUMERIC, 2, {"value": str(names["n"] - names["k"])})  # type: ignore[operator]  # integers
    assert outcome.correct is False
    assert outcome.note is None
    assert outcome.parts[0].why is not None
    assert slip in outcome.parts[0].why.en
    assert slip in outcome.parts[0].why.zh


def fixed(answer: str, **tolerance: float) -> Any:
    return build("numeric", answer=answer, tolerance=tolerance, solution=text("@{answer}"))


@pytest.mark.parametrize(
    ("answer", "typed", "hint"),
    [
        ("12", "-12", "sign"),
        ("12", "24", "twice"),
        ("12", "6", "half"),
        ("12", "13", "off by one"),
        ("4.0", "0.25", "reciprocal"),
        ("0.35", "35", "factor of 100"),
        ("7.0", "7000", "1000"),
        ("100.0", "100.4", "more digits"),
        ("100.0", "130", "Too large: off by about 30 %"),
        ("100.0", "7", "Too small: off by a factor of about 14"),
        ("0.0", "3", "Too large."),
        ("5.0", "-3", "Too small."),
        ("1.0", "1e30", "orders of magnitude"),
    ],
)
def test_a_wrong_number_says_how_it_is_off(answer: str, typed: str, hint: str) -> None:
    outcome = grade_answer(fixed(answer), 0, {"value": typed})
    assert outcome.correct is False
    assert outcome.note is not None
    assert hint in outcome.note.en
    assert outcome.note.zh


def test_an_exact_fraction_matches_a_float_answer_with_zero_tolerance() -> None:
    assert grade_answer(fixed("1 / 3"), 0, {"value": "1/3"}).correct
    assert not grade_answer(fixed("1 / 3"), 0, {"value": "0.33"}).correct
    assert not grade_answer(fixed("2 ** 60"), 0, {"value": str(2**60 + 1)}).correct


CLOZE = build(
    "cloze",
    prompt={"en": "[[axes]] and [[p]]", "zh": "[[p]]和[[axes]]"},
    blanks={
        "axes": {"accept": {"en": ["N, H, W", "batch-norm axes"], "zh": ["N、H、W"]}, "why": text("per channel")},
        "p": {"accept": {"en": ["1/2", "$n-1$"], "zh": ["一半"]}, "why": text("half")},
    },
)


@pytest.mark.parametrize(
    "typed",
    ["nhw", "N,H,W", "（Ｎ，Ｈ，Ｗ）", "n h w", "N、H、W", "Batch norm axes", "n-h-w".upper().replace("-", ", ")],
)
def test_cloze_folds_case_width_spacing_and_separators(typed: str) -> None:
    outcome = grade_answer(CLOZE, 0, {"blanks": {"axes": typed, "p": "0.5"}})
    assert outcome.correct, [part for part in outcome.parts if not part.right]


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("0.50", True),
        ("½", True),
        ("n - 1", True),
        ("n-1", True),
        ("一半", True),
        ("1/2 (a half)", True),
        ("一半（0.5）", True),
        ("n+1", False),
        ("2 (1/2)", False),
        ("(1/2)", True),
        ("n-1(x)", False),
        ("n1", False),
        ("-1/2", False),
    ],
)
def test_cloze_keeps_what_carries_meaning(typed: str, right: bool) -> None:
    outcome = grade_answer(CLOZE, 0, {"blanks": {"axes": "NHW", "p": typed}})
    assert outcome.correct is right
    assert outcome.score == (1.0 if right else 0.5)


def test_an_empty_blank_is_wrong_and_shows_what_was_due() -> None:
    part = grade_answer(CLOZE, 0, {"blanks": {"p": "1/2"}}).parts[0]
    assert (part.key, part.given, part.expected, part.right) == ("axes", None, "N, H, W / N、H、W", False)


ORDERING = build(
    "ordering", items=[{"text": text(word), "why": text(f"why {word}")} for word in ("a", "b", "same", "same")]
)


def order_of(seed: int, indices: list[int]) -> list[str]:
    shown = shown_items(ORDERING, seed)  # type: ignore[arg-type]  # built as ordering above
    return [letter(shown.index(index)) for index in indices]


@pytest.mark.parametrize(
    ("indices", "score"),
    [([0, 1, 2, 3], 1.0), ([0, 1, 3, 2], 1.0), ([1, 0, 2, 3], 5 / 6), ([3, 2, 1, 0], 1 / 6), ([2, 0, 1, 3], 4 / 6)],
)
def test_ordering_scores_pairs_in_the_right_relative_order_and_equal_items_are_interchangeable(
    indices: list[int], score: float
) -> None:
    outcome = grade_answer(ORDERING, 4, {"order": order_of(4, indices)})
    assert outcome.score == pytest.approx(score)
    assert outcome.correct is (score == 1.0)


def test_a_wrong_place_says_which_item_belongs_there_and_why() -> None:
    outcome = grade_answer(ORDERING, 4, {"order": order_of(4, [1, 0, 2, 3])})
    first = outcome.parts[0]
    assert [first.given, first.expected] == order_of(4, [1, 0])
    assert first.why is not None
    assert first.why.en == "why a"
    assert [part.right for part in outcome.parts] == [False, False, True, True]


MATCHING = build(
    "matching",
    pairs=[{"left": text(str(n)), "right": text(right), "why": text(f"why {n}")} for n, right in enumerate("xyx")],
    decoys=[text("z")],
)


def test_matching_merges_equal_rights_and_scores_the_share_of_lefts() -> None:
    rights = shown_rights(MATCHING, 7)  # type: ignore[arg-type]  # built as matching above
    key = {right.en: letter(position) for position, right in enumerate(rights)}
    assert sorted(key) == ["x", "y", "z"]
    good = grade_answer(MATCHING, 7, {"pairs": {"1": key["x"], "2": key["y"], "3": key["x"]}})
    assert (good.correct, good.score) == (True, 1.0)
    bad = grade_answer(MATCHING, 7, {"pairs": {"1": key["x"], "2": key["z"], "3": key["y"]}})
    assert (bad.correct, bad.score) == (False, pytest.approx(1 / 3))
    assert bad.parts[1].expected == key["y"]
    assert bad.parts[1].why == Text.model_validate(text("why 1"))


OPEN = build(
    "open",
    model_answer=text("m"),
    rubric=[{"point": text("p0"), "weight": 3}, {"point": text("p1")}, {"point": text("p2")}],
    follow_ups=[{"ask": text("q"), "answer": text("a")}],
)


def test_open_is_not_judged_before_the_rubric_is_scored() -> None:
    assert grade_answer(OPEN, 0, {"text": "because"}) == Outcome(correct=None, score=0.0)


@pytest.mark.parametrize(
    ("points", "score", "correct"), [([0], 0.6, True), ([1, 2], 0.4, False), ([], 0.0, False), ([0, 1, 2], 1.0, True)]
)
def test_open_scores_the_claimed_weight(points: list[int], score: float, correct: bool) -> None:
    outcome = grade_answer(OPEN, 0, {"text": "because", "points": points})
    assert (outcome.score, outcome.correct) == (pytest.approx(score), correct)
    assert [part.right for part in outcome.parts] == [index in points for index in range(3)]


def test_a_flashcard_is_the_learners_to_judge() -> None:
    assert grade_answer(build("flashcard", answer=text("a")), 0, {}).correct is None


@pytest.mark.parametrize(
    ("question", "answer", "field"),
    [
        (SINGLE, {}, "choice"),
        (SINGLE, {"choice": ""}, "choice"),
        (SINGLE, {"choice": "Z"}, "choice"),
        (SINGLE, {"choice": ["A"]}, "choice"),
        (MULTI, {"choices": []}, "choices"),
        (MULTI, {"choices": "A"}, "choices"),
        (MULTI, {"choices": ["A", "Q"]}, "choices"),
        (NUMERIC, {}, "value"),
        (NUMERIC, {"value": 3}, "value"),
        (NUMERIC, {"value": "x" * 300}, "value"),
        (CLOZE, {"blanks": {}}, "blanks"),
        (CLOZE, {"blanks": {"axes": "", "p": " "}}, "blanks"),
        (CLOZE, {"blanks": {"other": "x"}}, "blanks"),
        (CLOZE, {"blanks": {"p": 1}}, "p"),
        (CLOZE, {"blanks": ["p"]}, "blanks"),
        (ORDERING, {"order": ["A", "B", "C"]}, "order"),
        (ORDERING, {"order": ["A", "A", "B", "C"]}, "order"),
        (ORDERING, {"order": [1, 2, 3, 4]}, "order"),
        (MATCHING, {"pairs": {"1": "A"}}, "pairs"),
        (MATCHING, {"pairs": {"1": "A", "2": "B", "3": ""}}, "pairs"),
        (MATCHING, {"pairs": {"1": "A", "2": "B", "3": "Z"}}, "pairs"),
        (MATCHING, {"pairs": {"1": "A", "2": "B", "3": "A", "4": "A"}}, "pairs"),
        (OPEN, {"text": 3}, "text"),
        (OPEN, {"text": "x" * 20_001}, "text"),
        (OPEN, {"text": "", "points": [3]}, "points"),
        (OPEN, {"text": "", "points": [True]}, "points"),
        (OPEN, {"text": "", "points": "0"}, "points"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_field(question: Any, answer: dict[str, object], field: str) -> None:
    with pytest.raises(MalformedAnswer) as refused:
        grade_answer(question, 1, answer)
    assert refused.value.field == field
    assert refused.value.message.en
    assert refused.value.message.zh


def test_code_is_not_judged_as_an_answer() -> None:
    with pytest.raises(TypeError):
        grade_answer(code_question(), 0, {})


@pytest.mark.parametrize(
    ("outcome", "seconds", "hinted", "rating"),
    [
        (Outcome(False, 0.0), 1, False, 1),
        (Outcome(False, 0.8), 1, False, 1),
        (Outcome(True, 1.0), 10, False, 3),
        (Outcome(True, 1.0), 61, False, 2),
        (Outcome(True, 1.0), 10, True, 2),
        (Outcome(None, 0.0), 10, False, 3),
    ],
)
def test_wrong_suggests_again_right_good_and_slow_or_hinted_hard(
    outcome: Outcome, seconds: float, hinted: bool, rating: int
) -> None:
    assert suggest_rating(outcome, seconds, slow_after_s=60, hinted=hinted) == rating
