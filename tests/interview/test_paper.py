"""Drawing papers: over thousands of draws the shares, quotas, preferences and the difference of facts hold."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.bank.blueprints import load_blueprints
from app.bank.catalog import Bank, Entry
from app.bank.loader import load_bank
from app.bank.schema import Area, SingleChoice, Text, Topic
from app.bank.schema.blueprint import Blueprint, Section
from app.interview.paper import CannotFill, Drawn, draw, eligible, facts_of, group_of
from app.settings import ROOT

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def text(words: str) -> Text:
    return Text(en=words, zh=words)


def question(topic: str, number: int, difficulty: int, fact: int) -> Entry:
    asked = SingleChoice.model_validate_json(
        f'{{"id": "{topic}-{number}", "kind": "single-choice", "difficulty": {difficulty}, "minutes": 1,'
        f'"prompt": {{"en": "?", "zh": "？"}}, "covers": ["f{fact}"], "sources": ["A book"],'
        '"options": [{"text": {"en": "a", "zh": "a"}, "correct": true, "why": {"en": "x", "zh": "x"}},'
        '{"text": {"en": "b", "zh": "b"}, "why": {"en": "x", "zh": "x"}}], "explanation": {"en": "x", "zh": "x"}}'
    )
    area = Area(id="area", title=text("Area"))
    return Entry(
        asked, Topic(id=topic, area="area", title=text(topic), kinds=("single-choice",), facts={}), area, Path(), 1
    )


def section(count: int, **more: object) -> Section:
    return Section(title=text("s"), minutes=float(count), count=count, kinds=("single-choice",), **more)  # type: ignore[arg-type]  # what a test asks for


def blueprint(*sections: Section) -> Blueprint:
    minutes = sum(it.minutes for it in sections)
    return Blueprint(id="b", title=text("b"), summary=text("b"), minutes=minutes, sections=sections)


@pytest.fixture(scope="module")
def bank() -> Bank:
    return load_bank(ROOT / "questions", None)[0]


@pytest.fixture(scope="module")
def real(bank: Bank) -> list[Blueprint]:
    found, findings = load_blueprints(ROOT / "questions", bank)
    assert findings == []
    return found


def holds(plan: Blueprint, paper: tuple[Drawn, ...]) -> None:
    """What every paper has to be."""
    for number, part in enumerate(plan.sections):
        drawn = [it.entry for it in paper if it.section == number]
        assert len(drawn) == part.count
        assert all(eligible(part, entry) for entry in drawn)
        if part.difficulty:
            assert Counter(entry.question.difficulty for entry in drawn) == Counter(part.difficulty)
        groups = Counter(group_of(part, entry) for entry in drawn)
        assert None not in groups
        total = sum(part.topics.values())
        for name, weight in part.topics.items():
            assert abs(groups[name] - part.count * weight / total) < 1 + 1e-9
    assert len({it.entry.question.id for it in paper}) == len(paper)
    for one, other in combinations(paper, 2):
        assert not facts_of(one.entry) & facts_of(other.entry)


def test_there_are_six_real_blueprints(real: list[Blueprint]) -> None:
    assert len(real) >= 6


@pytest.mark.parametrize("number", range(6))
def test_real_papers_hold_over_hundreds_of_draws_by_one_learner(bank: Bank, real: list[Blueprint], number: int) -> None:
    plan = real[number]
    seen: dict[str, datetime] = {}
    for sitting in range(200):
        paper = draw(plan, bank.published, seen, Random(sitting))
        holds(plan, paper)
        seen |= {it.entry.question.id: LONG_AGO + timedelta(days=sitting) for it in paper}


def test_same_seed_draws_the_same_paper(bank: Bank, real: list[Blueprint]) -> None:
    for plan in real:
        one, other = (draw(plan, bank.published, {}, Random(7)) for _ in range(2))
        assert [(it.entry.question.id, it.seed) for it in one] == [(it.entry.question.id, it.seed) for it in other]
        assert one != draw(plan, bank.published, {}, Random(8))


@st.composite
def banks(draw_: st.DrawFn) -> list[Entry]:
    return [
        question(topic, number, draw_(st.integers(1, 3)), draw_(st.integers(1, 9)))
        for topic in ("one", "two", "three")
        for number in range(draw_(st.integers(2, 14)))
    ]


@settings(max_examples=1500)
@given(
    entries=banks(),
    seen=st.dictionaries(st.integers(0, 41), st.integers(0, 50), max_size=42),
    count=st.integers(1, 7),
    by_level=st.booleans(),
    weights=st.dictionaries(st.sampled_from(["one", "two", "three"]), st.integers(1, 5), min_size=1),
    seed=st.integers(0, 10_000),
)
def test_any_paper_that_is_drawn_holds_and_prefers_the_unseen(
    entries: list[Entry],
    seen: dict[int, int],
    count: int,
    by_level: bool,
    weights: dict[str, int],
    seed: int,
) -> None:
    seen_at = {
        entries[place].question.id: LONG_AGO + timedelta(days=day)
        for place, day in seen.items()
        if place < len(entries)
    }
    quotas = Counter(1 + place % 3 for place in range(count)) if by_level else {}
    part = section(count, topics={name: float(weight) for name, weight in weights.items()}, difficulty=dict(quotas))
    plan = blueprint(part)
    try:
        paper = draw(plan, entries, seen_at, Random(seed))
    except CannotFill:
        return
    holds(plan, paper)
    used = {fact for it in paper for fact in facts_of(it.entry)}
    for it in paper:
        free_without = used - facts_of(it.entry)
        for other in entries:
            same_cell = group_of(part, other) == group_of(part, it.entry) and (
                not by_level or other.question.difficulty == it.entry.question.difficulty
            )
            if same_cell and other.question.id not in seen_at and not facts_of(other) & free_without:
                assert it.entry.question.id not in seen_at or other.question.id in {x.entry.question.id for x in paper}


def test_seen_longest_ago_comes_first_of_the_seen() -> None:
    entries = [question("one", number, 1, number + 1) for number in range(6)]
    seen = {entry.question.id: LONG_AGO + timedelta(days=place) for place, entry in enumerate(entries)}
    for seed in range(50):
        paper = draw(blueprint(section(2)), entries, seen, Random(seed))
        assert {it.entry.question.id for it in paper} == {"one-0", "one-1"}


def test_weights_are_met_over_many_papers_not_only_rounded() -> None:
    entries = [question(topic, number, 1, number + 1) for topic in ("one", "two", "three") for number in range(9)]
    plan = blueprint(section(2, topics={"one": 3.0, "two": 2.0, "three": 1.0}))
    counts = Counter(it.entry.topic.id for seed in range(3000) for it in draw(plan, entries, {}, Random(seed)))
    assert [round(counts[name] / 1000) for name in ("one", "two", "three")] == [3, 2, 1]


def test_too_small_a_bank_is_told_by_the_section() -> None:
    entries = [question("one", number, 1, 1) for number in range(5)]  # all of one fact
    with pytest.raises(CannotFill) as short:
        draw(blueprint(section(1), section(1)), entries, {}, Random(0))
    assert short.value.section == 1


def test_filled_although_the_first_choice_shares_a_fact() -> None:
    """One and two share their only easy fact: the paper must take another level from one of them."""
    entries = [question("one", 0, 1, 1), question("one", 1, 2, 2), question("two", 0, 1, 1), question("two", 1, 2, 3)]
    entries[2] = Entry(
        entries[2].question.model_copy(update={"covers": ("one/f1",)}), entries[2].topic, entries[2].area, Path(), 1
    )
    plan = blueprint(section(2, topics={"one": 1.0, "two": 1.0}))
    for seed in range(40):
        holds(plan, draw(plan, entries, {}, Random(seed)))


def test_question_seen_at_the_beginning_of_time_counts_as_seen() -> None:
    entries = [question("one", number, 1 + number % 2, number + 1) for number in range(8)]
    seen = {entry.question.id: datetime.fromtimestamp(0, tz=UTC) for entry in entries[:4]}
    for seed in range(20):
        paper = draw(blueprint(section(4, difficulty={1: 2, 2: 2})), entries, seen, Random(seed))
        assert not {it.entry.question.id for it in paper} & set(seen)
