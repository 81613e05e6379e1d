"""The sums of docs/operations/capacity.md, and that the page says what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from benchmarks import capacity, database_costs, measured
from benchmarks.capacity_model import Ceilings, Habits, bytes_a_year, checks, limits, needs, rates

HABITS = Habits(active_share=0.5, answers=10, submissions=1, mocks=0, minutes=60, sessions=1, bank=100, peak=2, use=0.5)


def test_page_says_what_the_kept_runs_say() -> None:
    text = capacity.PAGE.read_text(encoding="utf-8")
    made = capacity.page(Habits(), Ceilings(), measured.get("sqlite"), measured.get("cluster"))
    assert capacity.written(text, made) == text


def test_learners_at_the_peak_answer_so_often() -> None:
    at = rates(86_400, HABITS)  # half of them active: half an answer a second for each of ten, twice that at the peak
    assert at.answers == pytest.approx(10)
    assert at.verdicts == pytest.approx(1)
    assert at.open_sessions == pytest.approx(86_400 * 0.5 * 2 / 24)


def test_twice_the_learners_need_twice_the_processors() -> None:
    cluster = measured.get("cluster")
    cluster["at_rest"] = {"web": 0.1, "database": 0.0, "worker": 0.0}
    one, two = needs(50_000, HABITS, cluster), needs(100_000, HABITS, cluster)
    assert two.database_processors == pytest.approx(2 * one.database_processors)
    assert two.worker_processors == pytest.approx(2 * one.worker_processors)
    assert two.web_processors <= two.webs < two.web_processors + 1


def test_year_has_the_rows_that_habits_make() -> None:
    row = dict.fromkeys(database_costs.TABLES, 1.0)
    days = 365 / 2
    assert bytes_a_year(HABITS, {"row_bytes": row}) == pytest.approx(days * (10 * 2 + 1 + 1) + 100 + 1)


def test_each_part_is_full_at_its_number_of_learners_and_the_first_comes_first() -> None:
    found = limits(Habits(), Ceilings(), measured.get("sqlite"), measured.get("cluster"))
    assert all(before.learners <= after.learners for before, after in pairwise(found))
    for limit in found:
        assert limit.share(limit.learners * 1.1) >= 1 > limit.share(limit.learners * 0.9)


def test_run_that_has_half_the_processors_is_foretold_half() -> None:
    cluster = measured.get("cluster")
    all_ours = json.loads(json.dumps(cluster)) | {"processors": 2}
    halved = json.loads(json.dumps(all_ours))
    all_ours["two_webs"]["others"], halved["two_webs"]["others"] = 0.0, 1.0
    for it in (all_ours, halved):
        it["one_web"] |= {"web_ms": 1.0, "database_ms": 1.0}
    foretold = [checks(measured.get("sqlite"), it)[1].foretold for it in (all_ours, halved)]
    assert foretold == pytest.approx([1000, 500])


def test_busier_processors_carry_more() -> None:
    cluster = measured.get("cluster")
    assert needs(1e6, replace(HABITS, use=1.0), cluster).webs < needs(1e6, HABITS, cluster).webs
