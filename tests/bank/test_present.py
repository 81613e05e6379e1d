"""What a learner sees: everything needed to answer, and no answer before it is given."""

from __future__ import annotations

import json

import pytest

from app.bank.catalog import Bank
from app.bank.present import Presented, Revealed, hint_html, present, reveal, title
from app.bank.schema import KINDS, LANGS, Lang
from app.bank.variants import draw

ANSWER_FIELDS = {"correct", "why", "why_html", "answer", "answer_html", "accepted", "reference", "explanation_html"}


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in keys_of(inner)}
    return {key for inner in value for key in keys_of(inner)} if isinstance(value, list) else set()


def shown(bank: Bank, name: str, lang: Lang = "en", seed: int = 1) -> tuple[Presented, Revealed]:
    entry = bank.questions[f"every-{name}"]
    return present(entry, lang, seed), reveal(entry, lang, seed)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_is_presented_gives_the_answer_away(bank: Bank, kind: str, lang: Lang) -> None:
    for seed in range(5):
        text = present(bank.questions[f"every-{kind}"], lang, seed).model_dump_json()
        assert "SECRET" not in text
        assert "1000003" not in text
        assert keys_of(json.loads(text)) & ANSWER_FIELDS == set()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", KINDS)
def test_everything_survives_json(bank: Bank, kind: str, lang: Lang) -> None:
    before, after = shown(bank, kind, lang)
    assert Presented.model_validate_json(before.model_dump_json()) == before
    assert Revealed.model_validate_json(after.model_dump_json()) == after
    assert before.lang == lang
    assert before.topic_title == ("Pooling layers" if lang == "en" else "池化层")


def test_options_bear_letters_by_shown_place_and_are_revealed_under_the_same(bank: Bank) -> None:
    places = set()
    for seed in range(20):
        before, after = shown(bank, "single-choice", seed=seed)
        assert [option.key for option in before.options] == ["A", "B", "C"]
        assert [(it.key, it.html) for it in before.options] == [(it.key, it.html) for it in after.options]
        [right] = [it for it in after.options if it.correct]
        assert right.html == "<p>two</p>"
        assert right.why_html == "<p>SECRET b</p>"
        places.add(right.key)
    assert places == {"A", "B", "C"}


def test_options_keep_their_order_where_the_question_says_so(bank: Bank) -> None:
    for seed in range(5):
        before, _ = shown(bank, "multi-choice", seed=seed)
        assert [option.html for option in before.options] == ["<p>one</p>", "<p>two</p>", "<p>three</p>"]


def test_ordering_is_shuffled_and_revealed_in_order(bank: Bank) -> None:
    for seed in range(20):
        before, after = shown(bank, "ordering", seed=seed)
        assert [item.html for item in before.items] != ["<p>first</p>", "<p>second</p>", "<p>third</p>"]
        assert [item.html for item in after.order] == ["<p>first</p>", "<p>second</p>", "<p>third</p>"]
        assert {(item.key, item.html) for item in before.items} == {(item.key, item.html) for item in after.order}


def test_matching_merges_equal_rights_and_offers_decoys(bank: Bank) -> None:
    before, after = shown(bank, "matching")
    assert [left.key for left in before.lefts] == ["1", "2", "3"]
    assert sorted(right.html for right in before.rights) == ["<p>x</p>", "<p>y</p>", "<p>z</p>"]
    html = {right.key: right.html for right in before.rights}
    assert [(pair.left, html[pair.right]) for pair in after.pairs] == [
        ("1", "<p>x</p>"),
        ("2", "<p>y</p>"),
        ("3", "<p>x</p>"),
    ]


def test_cloze_is_cut_at_its_blanks(bank: Bank) -> None:
    before, after = shown(bank, "cloze", "zh")
    assert [segment.blank for segment in before.segments] == [None, "mode", None, "axes", None]
    joined = "".join(segment.html or f"[[{segment.blank}]]" for segment in before.segments)
    assert joined == before.prompt_html == "<p>BN 取 [[mode]] 与 <strong>[[axes]]</strong>。</p>"
    assert [blank.accepted for blank in after.blanks] == [
        ("SECRET 三轴", "SECRET NHW"),
        ("SECRET 训练", "SECRET train"),
    ]
    assert before.title == "BN 取 ____ 与 ____。"


def test_numbers_are_drawn_by_seed_and_worked_in_the_solution(bank: Bank) -> None:
    question = bank.questions["every-numeric"].question
    assert question.kind == "numeric"
    names = draw(question, 3)
    before, after = shown(bank, "numeric", seed=3)
    assert before.prompt_html.startswith(f"<p>A map of <math><mn>{names['n']}</mn></math> rows, stride {names['s']}")
    assert before.unit_html == f"<p>rows at stride {names['s']}</p>"
    assert before.tolerance is not None
    assert before.tolerance.rel == 0.01
    assert after.answer_html == f"<p>{names['answer']} rows at stride {names['s']}</p>"
    assert after.explanation_html is not None
    assert f"<mn>{names['answer']}</mn>" in after.explanation_html
    assert present(bank.questions["every-numeric"], "en", 3) == before
    assert len({shown(bank, "numeric", seed=seed)[0].prompt_html for seed in range(10)}) > 5


def test_open_and_code_reveal_what_they_must(bank: Bank) -> None:
    before, after = shown(bank, "open")
    assert before.rubric_points == 2
    assert [(line.html, line.weight) for line in after.rubric] == [("<p>SECRET one</p>", 2), ("<p>SECRET two</p>", 1)]
    assert after.follow_ups[0].answer_html == "<p>SECRET so</p>"
    before, after = shown(bank, "code")
    assert before.code is not None
    assert (before.code.function, before.code.hints, before.code.limits.memory_mib) == ("double", 1, 256)
    assert before.code.starter == "def double(x):\n    ...\n"
    assert after.reference == "def double(x):\n    return 2 * x  # SECRET\n"
    assert hint_html(bank.questions["every-code"], 0, "zh") == "<p>SECRET 提示</p>"


def test_sources_and_errata_come_after_the_answer(bank: Bank) -> None:
    _, after = shown(bank, "single-choice", "zh")
    assert after.sources == ("Paper 2015",)
    assert after.erratum_html == "<p>SECRET 说明</p>"


def test_titles_are_short_and_plain(bank: Bank) -> None:
    assert title(bank.questions["every-code"], "en") == "Write double."
    entry = bank.questions["every-flashcard"]
    long = entry.question.model_copy(update={"prompt": entry.question.prompt.model_copy(update={"en": "word " * 100})})
    shown_title = title(type(entry)(long, entry.topic, entry.area, entry.path, 1), "en")
    assert len(shown_title) <= 120
    assert shown_title.endswith("word…")
