"""What gives an answer away is measured: a planted habit of an author passes its bound, a fair bank passes none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.authoring.form import Form, form_findings, forms
from app.bank.catalog import Bank, Entry
from app.bank.schema import Area, MultiChoice, Option, SingleChoice, Text, Topic

OTHER = Area(id="gan", title=Text(en="GAN", zh="对抗"))
AREA = Area(id="cnn", title=Text(en="CNN", zh="卷积"))
TOPIC = Topic(id="pooling", area="cnn", title=Text(en="Pooling", zh="池化"), kinds=("single-choice",), facts={})
WHY = Text(en="So.", zh="如此。")
HEAD = "topic: pooling\nquestions:\n"


def option(words: str, *, correct: bool = False) -> Option:
    return Option(text=Text(en=words, zh=words), correct=correct, why=WHY)


def single(number: int, texts: list[str], right: int) -> SingleChoice:
    return SingleChoice(
        id=f"q-{number}", kind="single-choice", difficulty=1, minutes=1, prompt=WHY, sources=("A book, 2001",),
        explanation=WHY, options=tuple(option(text, correct=index == right) for index, text in enumerate(texts)),
    )  # fmt: skip


def multi(number: int, right: int, *tags: str) -> MultiChoice:
    return MultiChoice(
        id=f"m-{number}", kind="multi-choice", difficulty=1, minutes=1, prompt=WHY, sources=("A book, 2001",),
        tags=tags,
        explanation=WHY, options=tuple(option("abcde"[index] * 3, correct=index < right) for index in range(5)),
    )  # fmt: skip


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., list[str]]:
    def of(*questions: SingleChoice | MultiChoice) -> list[str]:
        path = tmp_path / "pooling.yaml"
        path.write_text(HEAD + "".join(f"- id: {question.id}\n" for question in questions), encoding="utf-8")
        entries = [
            Entry(question, TOPIC, OTHER if "other" in question.tags else AREA, path, line)
            for line, question in enumerate(questions, start=3)
        ]
        bank = Bank({entry.question.id: entry for entry in entries}, {TOPIC.id: TOPIC}, (AREA, OTHER))
        found = form_findings(entries, forms(bank))
        return [finding.message for finding in found if "'zh'" not in finding.message]

    return of


LENGTHS = ["a" * 20, "b" * 22, "c" * 24, "d" * 26]


def test_right_options_of_every_length_are_no_fault(told: Callable[..., list[str]]) -> None:
    assert told(*(single(number, LENGTHS, number % 4) for number in range(24))) == []


@pytest.mark.parametrize(
    ("right", "guess"), [((3,), "the longest"), ((0,), "the shortest"), ((1, 2), "one between these")]
)
def test_a_habit_of_length_is_told(told: Callable[..., list[str]], right: tuple[int, ...], guess: str) -> None:
    found = told(*(single(number, LENGTHS, right[number % len(right)]) for number in range(24)))
    assert any(f"single-choice questions {guess} is right in" in message for message in found)


def test_a_habit_in_few_questions_is_chance(told: Callable[..., list[str]]) -> None:
    assert told(*(single(number, LENGTHS, 3) for number in range(19))) == []


def test_a_single_right_option_longer_or_shorter_by_far_is_told(told: Callable[..., list[str]]) -> None:
    longer = told(single(1, ["a" * 31, "b" * 20, "c" * 20, "d" * 19], 0))
    assert any("31 characters, the next longest 20" in message for message in longer)
    shorter = told(single(1, ["a" * 13, "b" * 20, "c" * 20, "d" * 21], 0))
    assert any("13 characters, the next shortest 20" in message for message in shorter)
    assert told(single(1, ["a" * 30, "b" * 20, "c" * 20, "d" * 19], 0)) == []


def test_absolute_words_that_mark_wrong_options_are_told(told: Callable[..., list[str]]) -> None:
    marked = ["It always is so", "It is so at times", "It may well be so", "It can be that so"]
    assert any(
        "100% of 24 options" in message
        for message in told(*(single(number, marked, 1 + number % 3) for number in range(24)))
    )
    assert told(*(single(number, marked, number % 4) for number in range(24))) == []


def test_an_area_with_another_share_of_right_options_is_told(told: Callable[..., list[str]]) -> None:
    alike = [multi(number, 3) for number in range(40)]
    assert told(*alike, *(multi(number, 3, "other") for number in range(40, 50))) == []
    assert told(*alike, *(multi(number, 4, "other") for number in range(40, 48))) == [
        "gan, 'en': 80% of 40 options of multi-choice questions are right"
    ]


def test_too_few_and_too_many_options_are_told(told: Callable[..., list[str]]) -> None:
    assert told(single(1, LENGTHS[:3], 1)) == ["3 options"]
    assert told(single(1, [*LENGTHS, "e" * 25, "f" * 23], 1)) == ["6 options"]


def test_figures_are_of_the_bank_then_of_each_area_in_both_languages(tmp_path: Path) -> None:
    entry = Entry(single(1, LENGTHS, 3), TOPIC, AREA, tmp_path, 1)
    figures = forms(Bank({"q-1": entry}, {TOPIC.id: TOPIC}, (AREA,)))
    assert [(form.area, form.lang) for form in figures] == [(None, "en"), (None, "zh"), ("cnn", "en"), ("cnn", "zh")]
    assert (figures[0].longest, figures[0].shortest, figures[0].between, figures[0].chance) == (1, 0, 0, 0.25)
    assert isinstance(figures[0], Form)
