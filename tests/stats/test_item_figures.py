"""Item statistics worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.bank.loader import load_bank
from app.bank.schema import ChoiceBase, MultiChoice
from app.bank.variants import letter, shown_options
from app.settings import ROOT
from app.stats.items import Answer, Figures, Share, chosen_options, correlation, figures, flags, language_z

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BANK = load_bank(ROOT / "questions", None)[0]
CHOICES = [entry.question for entry in BANK.published if isinstance(entry.question, ChoiceBase)]
SINGLE = next(it for it in CHOICES if not isinstance(it, MultiChoice) and it.shuffle and len(it.options) == 4)
MULTI = next(it for it in CHOICES if isinstance(it, MultiChoice) and it.shuffle)
KEY = next(index for index, option in enumerate(SINGLE.options) if option.correct)
WRONG = next(index for index, option in enumerate(SINGLE.options) if not option.correct)


def given(account: int, right: bool, minute: int = 0, **more: object) -> Answer:
    usual: dict[str, object] = {"language": None, "score": float(right), "seconds": 10.0}
    return Answer(account_id=account, at=NOON + timedelta(minutes=minute), right=right, **(usual | more))  # type: ignore[arg-type]  # a test's shorthand


def test_first_try_is_the_earliest_answer_of_each_learner_in_whatever_order_they_come() -> None:
    found = figures([given(1, True, 5), given(1, False, 1), given(2, True, 3)], {})
    assert found.answers == 3
    assert found.first == Share(1, 2)


def test_times_are_the_median_and_the_nearest_rank_of_four_fifths() -> None:
    found = figures([given(n, True, seconds=float(n)) for n in range(1, 11)], {})
    assert (found.median_s, found.p80_s) == (5.5, 8.0)
    assert figures([given(1, True, seconds=4.0)], {}).p80_s == 4.0


def test_mean_score_counts_every_answer() -> None:
    assert figures([given(1, False, score=0.5), given(1, True, 1), given(2, False)], {}).mean_score == 0.5


def test_retention_counts_reviews_after_a_day_alone() -> None:
    recalled = [given(1, True, n, recalled=it) for n, it in enumerate((None, True, False, True, True))]
    assert figures(recalled, {}).retention == Share(3, 4)


def test_discrimination_of_ten_learners_worked_out_by_hand() -> None:
    """Right: 1 1 1 1 1 0 0 0 0 0; others: .9 .8 .7 .6 .5 .5 .4 .3 .2 .1, so r = 1.0 / sqrt(2.5 * 0.6)."""
    shares = [9, 8, 7, 6, 5, 5, 4, 3, 2, 1]
    answers = [given(n, n < 5) for n in range(10)]
    found = figures(answers, {n: Share(right, 10) for n, right in enumerate(shares)})
    assert found.discrimination == pytest.approx(1.0 / (2.5 * 0.6) ** 0.5)


def test_nine_learners_discriminate_nothing() -> None:
    answers = [given(n, n < 5) for n in range(9)]
    assert figures(answers, {n: Share(n, 10) for n in range(9)}).discrimination is None


def test_question_that_everybody_gets_right_has_no_discrimination() -> None:
    assert correlation(10, 10, 5, 10, 3, 5) is None


@pytest.mark.parametrize("seed", [0, 1, 7, 12345])
def test_options_are_told_in_the_question_s_own_order(seed: int) -> None:
    shown = shown_options(SINGLE, seed)
    assert chosen_options(SINGLE, seed, {"choice": letter(shown.index(2))}) == (2,)
    place = shown_options(MULTI, seed).index
    assert chosen_options(MULTI, seed, {"choices": [letter(place(2)), letter(place(0))]}) == (0, 2)


@pytest.mark.parametrize("answer", [None, {}, {"choice": "Z"}, {"choice": ["A"]}, {"choice": 3}, {"value": "1"}])
def test_answer_that_names_no_option_counts_for_none(answer: dict[str, object] | None) -> None:
    assert chosen_options(SINGLE, 1, answer) is None


def test_options_are_counted_by_answer() -> None:
    found = figures([given(1, True, options=(0, 1)), given(2, False, options=(1,)), given(3, False)], {}, SINGLE)
    assert (found.options, found.option_answers) == ((1, 2, 0, 0), 2)


def test_languages_are_told_apart_and_unknown_is_none_of_them() -> None:
    found = figures([given(1, True, language="en"), given(2, False, language="zh"), given(3, True)], {})
    assert found.by_language == {"en": Share(1, 1), "zh": Share(0, 1), None: Share(1, 1)}


def test_two_proportion_z_worked_out_by_hand() -> None:
    """18/20 and 8/20: pooled .65, error sqrt(.65 * .35 * .1) = .15083, z = .5 / .15083."""
    assert language_z({"en": Share(18, 20), "zh": Share(8, 20)}) == pytest.approx(3.3150, abs=1e-3)
    assert language_z({"en": Share(14, 14), "zh": Share(0, 20)}) is None
    assert language_z({"en": Share(20, 20), "zh": Share(20, 20)}) is None


def names(found: Figures) -> list[str]:
    return [flag.name for flag in flags(found)]


@pytest.mark.parametrize(
    ("right", "total", "raised"), [(30, 30, True), (29, 30, False), (29, 29, False), (97, 100, True)]
)
def test_too_easy_needs_thirty_learners_and_97_of_a_hundred(right: int, total: int, raised: bool) -> None:
    assert (names(Figures(first=Share(right, total))) == ["too-easy"]) is raised


def test_negative_discrimination_makes_the_key_suspicious_from_ten_learners() -> None:
    assert names(Figures(first=Share(5, 10), discrimination=-0.01)) == ["key"]
    assert names(Figures(first=Share(5, 9), discrimination=-0.01)) == []
    assert names(Figures(first=Share(5, 10), discrimination=0.0)) == []


def test_key_is_suspicious_where_the_best_learners_agree_on_a_wrong_option() -> None:
    """Twelve learners, two right; the best four all chose the same wrong option."""
    others = {n: Share(12 - n, 12) for n in range(12)}
    answers = [given(n, n > 9, options=(KEY if n > 9 else WRONG,)) for n in range(12)]
    found = figures(answers, others, SINGLE)
    assert found.best == (WRONG, 1.0)
    flag = flags(found)[0]
    assert (flag.name, flag.option) == ("key", WRONG)


def test_hard_question_whose_best_learners_are_right_is_not_suspicious() -> None:
    others = {n: Share(12 - n, 12) for n in range(12)}
    answers = [given(n, n < 2, options=(KEY if n < 2 else WRONG,)) for n in range(12)]
    found = figures(answers, others, SINGLE)
    assert found.best is None  # two of the best four, no more than half
    assert names(found) == []


def test_option_that_nobody_takes_is_named() -> None:
    found = Figures(first=Share(15, 30), options=(15, 14, 0, 1), option_answers=30)
    assert [(flag.name, flag.option) for flag in flags(found)] == [("unused-option", 2)]
    assert names(Figures(first=Share(15, 29), options=(15, 14, 0, 0), option_answers=29)) == []


def test_languages_that_differ_are_flagged() -> None:
    assert names(Figures(by_language={"en": Share(8, 20), "zh": Share(18, 20)})) == ["translation"]
    assert names(Figures(by_language={"en": Share(12, 20), "zh": Share(14, 20)})) == []


def test_question_without_answers_has_no_figures() -> None:
    assert figures([], {}) == Figures()
    assert flags(Figures()) == []
