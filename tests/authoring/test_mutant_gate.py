"""The mutant gate over a small bank: weak cases are told of at the line of the edit, waivers while they are true."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bench import Bench, Block

from app.authoring.check import Result
from app.authoring.mutant_gate import Figures, totals
from app.bank.findings import Finding
from app.sandbox import Job, Library, Run

STRICT = "comparison: x < 0 -> x <= 0"
ONE = "constant: x < 0 -> x < 1"


@pytest.fixture
def weak(bench: Bench) -> Bench:
    """A bank whose coding question has no case at the edge, zero."""
    bench.code["cases"] = bench.code["cases"].replace("'name': 'zero', 'args': [0]", "'name': 'zero', 'args': [2]")
    return bench


def waive(bench: Bench, *mutants: str) -> None:
    bench.code["waived_mutants"] = [{"mutant": it, "reason": "Zero is not asked here."} for it in mutants]


def messages(result: Result) -> list[str]:
    return [finding.message for finding in result.findings]


def told_of(mutant: str, result: Result) -> Finding:
    (found,) = [finding for finding in result.findings if f'"{mutant}"' in finding.mend]
    return found


def test_sound_cases_kill_every_mutant(bench: Bench) -> None:
    (figures,) = bench.check().mutants
    assert (figures.question, figures.survivors, figures.waived) == ("double", (), ())
    assert figures.made == figures.tried == figures.killed > 10
    assert min(figures.wrong_answer, figures.error) > 0


def test_mutant_that_the_cases_accept_is_told_at_its_place_with_the_edit(weak: Bench) -> None:
    result = weak.check(weak.file)
    assert not result.passed
    assert messages(result) == ["this mutant of the reference passes every case"] * 2
    strict = told_of(STRICT, result)
    assert strict.path == weak.file
    assert strict.mend.splitlines() == [
        "add a case on which they differ, or waive it",
        f"    {strict.line} - if x < 0:",
        f"    {strict.line} + if x <= 0:",
        f'    mutant: "{STRICT}"',
    ]
    (figures,) = result.mutants
    assert figures.survivors == (STRICT, ONE)
    assert f"{figures.tried} mutants, {figures.killed} killed" in str(figures)
    assert str(figures).endswith(", 2 survive")


def test_place_of_a_survivor_is_where_the_edit_is(weak: Bench) -> None:
    weak.code["reference"] = Block(weak.code["reference"])
    found = told_of(ONE, weak.check(weak.file))
    line = weak.file.read_text().splitlines()[found.line - 1]
    assert line.strip() == "if x < 0:"
    assert line[found.column - 1 :] == "0:"


def test_waived_mutants_are_no_fault(weak: Bench) -> None:
    waive(weak, STRICT, ONE)
    result = weak.check()
    assert result.passed, messages(result)
    (figures,) = result.mutants
    assert figures.waived == (STRICT, ONE)
    assert str(figures).endswith(", 2 waived")


def test_a_waiver_may_stand_for_any_text(weak: Bench) -> None:
    waive(weak, "…: x < 0 -> x <…")
    assert weak.check().passed


def test_waiver_of_a_mutant_that_is_killed_is_a_fault(bench: Bench) -> None:
    waive(bench, STRICT)
    assert f"'{STRICT}' is killed by the cases; remove the waiver" in bench.only_finding("- mutant:")


def test_waiver_of_no_mutant_is_a_fault(bench: Bench) -> None:
    waive(bench, "comparison: x < 7 -> x <= 7")
    assert "is no mutant of the reference; remove the waiver" in bench.only_finding("- mutant:")


def test_waiver_needs_a_reason(weak: Bench) -> None:
    weak.code["waived_mutants"] = [{"mutant": STRICT}]
    assert "'reason' is missing" in messages(weak.check(weak.file))


def test_endless_mutant_is_killed_by_time(bench: Bench) -> None:
    bench.code["reference"] = (
        "def double(x):\n    if x < 0:\n        raise ValueError\n    total = x\n"
        "    while x > 0:\n        x = x - 1\n        total = total + min(1, x + 1)\n    return total\n"
    )
    (figures,) = bench.check(only_mutants=True).mutants
    assert figures.time > 0
    waive(bench, "remove: x = x - 1 -> pass")  # one that is only slow may end either way, so this is not told
    result = bench.check(only_mutants=True)
    assert result.mutants == (figures,)
    assert not [finding for finding in result.findings if finding.mend == "remove the waiver"]


def test_mutant_that_changes_its_input_against_the_contract_is_killed(bench: Bench) -> None:
    bench.code["contract"] = {"mutation": "forbidden"}
    bench.code["cases"] = (
        "import numpy as np\ndef cases(rng):\n    yield {'name': 'one', 'args': [np.ones(2)], 'hidden': False}\n"
    )
    bench.code["reference"] = "def double(x):\n    x = x.copy()\n    x += x\n    return x\n"
    (figures,) = bench.check(only_mutants=True).mutants
    assert "remove-call: x.copy() -> x" not in figures.survivors
    bench.code["contract"] = {"mutation": "allowed"}
    (figures,) = bench.check(only_mutants=True).mutants
    assert "remove-call: x.copy() -> x" in figures.survivors


def test_hidden_cases_of_every_seed_are_tried(bench: Bench) -> None:
    """A mutant that only the cases of the last seed tell from the reference."""
    bench.code["cases"] = (
        "import numpy as np\n"
        "def cases(rng):\n"
        "    yield {'name': 'negative', 'args': [-1], 'error': 'ValueError', 'hidden': False}\n"
        "    last = rng.normal() == np.random.default_rng(2).normal()\n"
        "    yield {'name': 'random-0', 'args': [0 if last else 4]}\n"
    )
    (figures,) = bench.check(only_mutants=True).mutants
    assert not {STRICT, ONE} & set(figures.survivors)


def test_mutant_that_does_not_load_is_killed(bench: Bench) -> None:
    bench.code["reference"] = (
        "FACTOR = (2,)[0]\n\ndef double(x):\n    if x < 0:\n        raise ValueError\n    return FACTOR * x\n"
    )
    assert bench.check().passed


class Untouchable:
    """A sandbox in which nothing may run."""

    def run(self, job: Job, on_call: Any = None, cancelled: Any = None) -> Run:
        raise AssertionError("it was run again")

    def available(self, lib: Library) -> bool:
        return True


def test_figures_of_what_passed_are_kept_with_the_pass(weak: Bench) -> None:
    waive(weak, STRICT, ONE)
    first = weak.check()
    again = weak.check(sandbox=Untouchable())
    assert again.passed
    assert again.mutants == first.mutants
    weak.code["waived_mutants"].pop()
    assert len(weak.check(weak.file).findings) == 1


def test_mutants_alone_leave_everything_else_out_and_run_again_each_time(bench: Bench) -> None:
    bench.numeric["oracle"]["code"] = "def oracle(n):\n    return n\n"
    bench.code["wrong"][0]["verdict"] = "time_limit"
    result = bench.check(only_mutants=True)
    assert result.passed, messages(result)
    assert (result.questions, len(result.mutants)) == (1, 1)
    assert bench.check(only_mutants=True).checked == 1
    assert not bench.check().passed


def test_mutants_of_a_broken_reference_are_not_tried(bench: Bench) -> None:
    bench.code["reference"] = "def double(x):\n    return 2 * x\n"
    result = bench.check(only_mutants=True)
    assert "case negative: the reference must raise ValueError" in messages(result)[0]
    assert result.mutants == ()


def test_question_whose_library_is_missing_is_not_checked(bench: Bench) -> None:
    class Without(Untouchable):
        def available(self, lib: Library) -> bool:
            return False

    result = bench.check(only_mutants=True, sandbox=Without())
    assert [str(it) for it in result.not_checked] == ["double: not checked: numpy is not installed"]


def test_of_too_many_mutants_a_sample_is_tried_and_those_waived(weak: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.authoring.mutant_gate.CAP", 4)
    (figures,) = weak.check(only_mutants=True).mutants
    assert figures.tried == 4
    assert f"double: 4 of {figures.made} mutants" in str(figures)
    waive(weak, STRICT, ONE)
    (figures,) = weak.check(only_mutants=True).mutants
    assert figures.waived == (STRICT, ONE)
    assert 4 <= figures.tried <= 6


def figures(killed: int, survivors: int, waived: int = 0) -> Figures:
    names = tuple(map(str, range(survivors + waived)))
    return Figures("q", killed + len(names), killed + len(names), killed, 0, 0, names[:waived], names[waived:])


def test_share_is_of_the_mutants_that_are_not_waived() -> None:
    assert totals([figures(40, 0, 30), figures(8, 2)]).share == 48 / 50
    assert totals([]).share == 1


@pytest.mark.parametrize(("survivors", "faults"), [(2, 0), (3, 1)])
def test_a_bank_with_under_98_percent_killed_has_a_fault(weak: Bench, survivors: int, faults: int) -> None:
    found = list(totals([figures(100 - survivors, survivors, 50)]).findings(weak.questions_dir))
    assert len(found) == faults
    assert all("only 97.0% of the mutants" in finding.message for finding in found)


def test_share_of_the_whole_bank_is_told_only_where_all_of_it_was_checked(weak: Bench) -> None:
    assert "are due" in messages(weak.check())[0]
    assert len(weak.check(weak.file).findings) == 2


def test_figures_are_in_the_json(weak: Bench) -> None:
    shown: Any = json.loads(json.dumps(weak.check(weak.file).as_json()))["mutants"]
    assert (shown["survive"], shown["waived"]) == (2, 0)
    assert shown["questions"][0]["survivors"] == [STRICT, ONE]
