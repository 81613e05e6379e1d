"""The answers that a preview shows: the right one is right, the wrong ones are wrong and say what they are."""

from __future__ import annotations

import pytest

from app.bank.loader import load_bank
from app.bank.schema import LANGS, Lang, Question
from app.grading.answers import grade_answer
from app.grading.specimens import right_answer, wrong_answers
from app.settings import ROOT

SEEDS = range(3)
SELF_JUDGED = ("flashcard", "code")


@pytest.fixture(scope="module")
def asked() -> list[Question]:
    bank, _ = load_bank(ROOT / "questions", None)
    return [entry.question for entry in bank.questions.values()]


@pytest.mark.parametrize("lang", LANGS)
def test_right_answer_of_every_question_is_right(asked: list[Question], lang: Lang) -> None:
    wrong = [
        (question.id, seed)
        for question in asked
        if question.kind not in SELF_JUDGED
        for seed in SEEDS
        if not grade_answer(question, seed, right_answer(question, seed, lang)).correct
    ]
    assert wrong == []


@pytest.mark.parametrize("lang", LANGS)
def test_wrong_answers_of_every_question_are_wrong(asked: list[Question], lang: Lang) -> None:
    right = [
        (question.id, wrong.key, wrong.given)
        for question in asked
        if question.kind not in SELF_JUDGED
        for wrong in wrong_answers(question, 0, lang)
        if grade_answer(question, 0, wrong.given).correct is not False
    ]
    assert right == []


def test_every_question_but_a_flashcard_has_wrong_answers_with_keys_and_words_of_their_own(
    asked: list[Question],
) -> None:
    for question in asked:
        found = wrong_answers(question, 0, "en")
        assert bool(found) == (question.kind != "flashcard"), question.id
        assert len({it.key for it in found}) == len(found), question.id
        for lang in LANGS:
            assert all(it.says.in_(lang).strip() for it in found), question.id


def test_key_names_the_same_option_for_every_seed(asked: list[Question]) -> None:
    question = next(it for it in asked if it.kind == "single-choice")
    said = [{it.key: it.says.en for it in wrong_answers(question, seed, "en")} for seed in range(8)]
    given = [[it.given for it in wrong_answers(question, seed, "en")] for seed in range(8)]
    assert all(it == said[0] for it in said)
    assert any(it != given[0] for it in given)
