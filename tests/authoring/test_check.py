"""The gate finds what is planted: each test breaks one thing in a sound bank and expects a finding in its place."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from bench import CODE, TOPICS, Bench, Block, both

from app.authoring.check import Progress
from app.bank.schema import Numeric
from app.bank.variants import draw
from app.sandbox import Job, Library, Run, Sandbox


def test_sound_bank_passes_with_its_counts(bench: Bench) -> None:
    result = bench.check()
    assert result.passed, [str(finding) for finding in result.findings]
    assert (result.questions, result.checked, result.kept, result.not_checked) == (4, 4, 0, ())
    assert (result.coverage.facts, result.coverage.facts_asked, result.coverage.topics_asked) == (2, 2, 1)
    assert result.as_json()["passed"] is True


def test_reference_that_fails_its_own_case_is_found(bench: Bench) -> None:
    bench.code["reference"] = "def double(x):\n    return 2 * x\n"
    told = bench.only_finding("reference:")
    assert "case negative: the reference must raise ValueError" in told


def test_reference_that_changes_its_input_against_its_contract_is_found(bench: Bench) -> None:
    bench.code["contract"] = {"mutation": "forbidden"}
    bench.code["cases"] = "def cases(rng):\n    yield {'name': 'one', 'args': [[1.0, 2.0]], 'hidden': False}\n"
    bench.code["reference"] = "def double(x):\n    x[:] = [2 * v for v in x]\n    return list(x)\n"
    bench.code["accepted"] = []
    bench.code["wrong"] = [bench.code["wrong"][0] | {"verdict": "runtime_error"}]
    assert "the reference fails its own cases" in bench.only_finding("reference:")


def test_reference_that_differs_from_run_to_run_is_found(bench: Bench) -> None:
    bench.code["reference"] = (
        "import numpy as np\n\ndef double(x):\n    return 2 * x + np.random.default_rng().normal()\n"
    )
    bench.code["cases"] = "def cases(rng):\n    yield {'name': 'one', 'args': [1], 'hidden': False}\n"
    assert "two runs with seed 0" in bench.only_finding("cases:")


def test_case_without_a_title_is_found(bench: Bench) -> None:
    del bench.code["case_titles"]["random"]
    assert "random" in bench.only_finding("")


def test_case_whose_name_only_running_tells_needs_a_title_too(bench: Bench) -> None:
    bench.code["cases"] += "    yield {'name': 'un' + 'named', 'args': [2]}\n"
    assert "'case_titles' has no title for unnamed" in bench.only_finding("cases:")


def test_starter_that_passes_is_found(bench: Bench) -> None:
    bench.code["starter"] = bench.code["reference"]
    assert "the starter passes" in bench.only_finding("starter:")


def test_wrong_solution_that_is_accepted_is_found(bench: Bench) -> None:
    bench.code["wrong"][0]["code"] = bench.code["accepted"][0]["code"]
    told = bench.only_finding("verdict:")
    assert "'square' must get wrong_answer, not accepted" in told


def test_wrong_solution_with_another_verdict_is_found(bench: Bench) -> None:
    bench.code["wrong"][0]["code"] = "def double(x):\n    return x / 0\n"
    assert "not runtime_error (seed 0, case one: " in bench.only_finding("verdict:")


def test_accepted_solution_that_fails_is_found(bench: Bench) -> None:
    bench.code["accepted"][0]["code"] = "def double(x):\n    return 2 * x\n"
    assert "the accepted solution 'plus' fails: wrong_answer (seed 0, case negative" in bench.only_finding("code:")


def test_wrong_solutions_that_no_case_tells_apart_are_found(bench: Bench) -> None:
    twin = {"name": "power", "code": "def double(x):\n    return x ** 2\n"}
    bench.code["wrong"].append(copy.deepcopy(bench.code["wrong"][0]) | twin)
    findings = [finding.message for finding in bench.check().findings]
    told = "gives the results of another one (seed 0), so that its note is never shown"
    assert findings == [f"the wrong solution '{name}' {told}" for name in ("square", "power")]


SLOW_CASE = "    yield {'name': 'many', 'args': [2], 'times_reference': 20}\n"


def slowly(spent_s: float) -> str:
    wait = f"    end = time.process_time() + {spent_s}\n    while x == 2 and time.process_time() < end: pass\n"
    return f"import time\ndef double(x):\n{wait}    if x < 0:\n        raise ValueError\n    return x + x\n"


@pytest.mark.parametrize(
    ("accepted_s", "wrong_s", "told"),
    [
        (0.0, 0.3, None),
        (0.06, 0.3, "the accepted solution 'plus' fails: case many takes"),
        (0.0, 0.12, "the wrong solution 'square' is hardly too slow: case many takes"),
        (0.0, 0.0, "the wrong solution 'square' must get time_limit, not accepted"),
    ],
)
def test_solutions_keep_clear_of_what_a_case_allows_in_times_of_the_reference(
    bench: Bench, accepted_s: float, wrong_s: float, told: str | None
) -> None:
    bench.code["cases"] += SLOW_CASE
    del bench.code["without"]["performance"]
    bench.code["case_titles"]["many"] = both("Many")
    bench.code["allowed_imports"] = ["time"]
    bench.code["accepted"][0]["code"] = slowly(accepted_s)
    bench.code["wrong"][0] |= {"code": slowly(wrong_s), "verdict": "time_limit"}
    findings = [finding.message for finding in bench.check().findings]
    assert len(findings) == (told is not None)
    assert not told or findings[0].startswith(told)


@pytest.mark.parametrize(
    ("fields", "line_text", "told"),
    [
        ({"hints": [both("Twice.")]}, "hints:", "1 hints; give exactly 2"),
        ({"complexity": None}, "- id: double", "the reference's complexity is missing"),
        ({"wrong": CODE["wrong"][:3]}, "wrong:", "3 wrong solutions; give at least 4"),
        ({"accepted": CODE["accepted"][:1]}, "accepted:", "1 accepted solutions; give at least 2"),
        ({"follow_ups": []}, "follow_ups:", "no follow-up question"),
        ({"without": {"performance": "Constant time."}}, "- id: double", "no picture of a failing case"),
        ({"without": {"picture": "One number."}}, "cases:", "no performance case"),
        ({"picture": "matrix"}, "picture:", "there is a picture"),
        ({"cases": CODE["cases"].replace("range(6)", "range(5)")}, "cases:", "7 hidden cases; give at least 8"),
        ({"cases": CODE["cases"].replace("rng.uniform(3, 5)", "i + 3")}, "cases:", "every case is the same"),
        ({"case_titles": CODE["case_titles"] | {"two": both("Two")}}, "two:", "no case has the title 'two'"),
    ],
)
def test_what_a_published_question_owes_is_found(
    bench: Bench, fields: dict[str, Any], line_text: str, told: str
) -> None:
    bench.code = copy.deepcopy({name: it for name, it in (bench.code | fields).items() if it is not None})
    assert told in bench.only_finding(line_text)


def test_performance_case_owes_a_slow_solution_and_room_below_the_time_limit(bench: Bench) -> None:
    bench.code["cases"] += SLOW_CASE
    bench.code["case_titles"]["many"] = both("Many")
    del bench.code["without"]["performance"]
    bench.code |= {"allowed_imports": ["time"], "reference": slowly(0.02), "limits": {"time_s": 0.3}}
    told = [finding.message.partition(":")[0] for finding in bench.check().findings]
    assert told == ["no slow solution proves the performance case", "case many allows more than 'time_s' does"]


def test_code_of_its_own_that_uses_what_it_forbids_is_found_at_its_line(bench: Bench) -> None:
    bench.code["forbidden_calls"] = ["numpy.add", "numpy.ndarray.sum"]
    bench.code["reference"] = Block("import numpy as np\n\ndef double(x):\n    return np.add(x, x)\n")
    bench.code["accepted"][0]["code"] = Block("def double(x):\n    return x.sum()\n")
    result = bench.check()
    lines = bench.file.read_text().splitlines()
    assert [(finding.message, lines[finding.line - 1].strip()) for finding in result.findings] == [
        ("the reference is refused for numpy.add", "return np.add(x, x)"),
        ("the accepted solution 'plus' is refused for numpy.ndarray.sum", "return x.sum()"),
    ]
    assert lines[result.findings[0].line - 1][result.findings[0].column - 1 :].startswith("np.add(x, x)")


def test_wrong_solution_may_be_wrong_by_what_it_forbids(bench: Bench) -> None:
    bench.code["forbidden_calls"] = ["numpy.add"]
    bench.code["wrong"][0] |= {"code": "from numpy import add\ndouble = add\n", "verdict": "forbidden"}
    assert bench.check().passed


@pytest.mark.parametrize(
    ("contract", "reference", "says"),
    [
        ({"answers": "any_of"}, "return 2 * x", "must return a list of 1 to 100 acceptable answers"),
        (
            {"dtype": "int", "ties": {"argument": 0}},
            "return [0]",
            "argument 0 has no entries that an index could point at",
        ),
        ({"dtype": "int"}, "return 0.5", "The dtype must be of kind int, got float"),
    ],
)
def test_reference_that_breaks_its_own_contract_is_found(
    bench: Bench, contract: dict[str, Any], reference: str, says: str
) -> None:
    bench.code["contract"] = contract
    bench.code["reference"] = f"def double(x):\n    {reference}\n"
    bench.code["cases"] = "def cases(rng):\n    yield {'name': 'one', 'args': [1], 'hidden': False}\n"
    told = bench.only_finding("reference:")
    assert "case one: the reference breaks its own contract: " in told
    assert says in told


def test_oracle_that_disagrees_is_found(bench: Bench) -> None:
    bench.numeric["oracle"]["code"] = "def oracle(n):\n    return 2 * n + (n > 18)\n"
    told = bench.only_finding("code:")
    assert "the oracle gives 39 for n=19" in told or "the oracle gives 41 for n=20" in told


def test_oracle_that_disagrees_by_more_than_rounding_is_found(bench: Bench) -> None:
    bench.numeric["tolerance"] = {"rel": 0.1}
    bench.numeric["oracle"]["code"] = "def oracle(n):\n    return 2.0001 * n\n"
    assert "the oracle gives" in bench.only_finding("code:")


@pytest.mark.parametrize("code", ["def oracle(n):\n    return float('nan')\n", "def oracle(n):\n    return 'many'\n"])
def test_oracle_without_a_number_is_found(bench: Bench, code: str) -> None:
    bench.numeric["oracle"]["code"] = code
    assert "not a finite number" in bench.only_finding("code:")


def test_oracle_that_fails_is_found(bench: Bench) -> None:
    bench.numeric["oracle"]["code"] = "def oracle(n):\n    return n + 'x'\n"
    assert "the oracle fails (TypeError" in bench.only_finding("code:")


def test_answer_that_never_varies_is_found(bench: Bench) -> None:
    bench.numeric["answer"] = "2 * n - n - n"
    assert "the answer is 0 in all of 50 variants" in bench.only_finding("answer:")


def test_answer_that_some_variant_cannot_have_is_found(bench: Bench) -> None:
    bench.numeric["params"] = {"n": {"range": [1, 200]}}
    question = Numeric.model_validate_json(json.dumps(bench.numeric))
    early, late = ({draw(question, seed)["n"] for seed in seeds} for seeds in (range(30), range(30, 50)))
    bench.numeric["answer"] = f"2 / (n - {min(late - early)})"
    assert "a variant cannot be drawn" in bench.only_finding("answer:")


def test_mistake_that_is_the_right_answer_is_found(bench: Bench) -> None:
    bench.numeric["mistakes"][0]["answer"] = "n + n"
    assert "is the right value" in bench.only_finding("- answer:")


def test_fault_of_form_is_found_beside_faults_of_substance(bench: Bench) -> None:
    del bench.code["explanation"]["zh"]
    bench.numeric["oracle"]["code"] = "def oracle(n):\n    return n\n"
    told = "\n".join(str(finding) for finding in bench.check().findings)
    assert "'explanation.zh' is missing" in told
    assert "the oracle gives" in told


class Without:
    """A sandbox on a machine where one library is missing."""

    def __init__(self, sandbox: Sandbox, missing: Library) -> None:
        self._sandbox, self._missing = sandbox, missing

    def run(self, job: Job, on_call: Any = None, cancelled: Any = None) -> Run:
        assert job.lib != self._missing
        return self._sandbox.run(job, on_call, cancelled)

    def available(self, lib: Library) -> bool:
        return lib != self._missing


def test_question_whose_library_is_missing_is_counted_as_not_checked_and_not_remembered(
    bench: Bench, sandbox: Sandbox
) -> None:
    bench.numeric["oracle"] = {"lib": "torch", "code": "def oracle(n):\n    return 2 * n\n"}
    for _ in range(2):
        result = bench.check(sandbox=Without(sandbox, "torch"))
        assert result.passed
        assert [str(question) for question in result.not_checked] == ["twice: not checked: torch is not installed"]
    assert (result.checked, result.kept) == (0, 3)


def test_numeric_question_without_an_oracle_is_counted_as_not_checked(bench: Bench) -> None:
    del bench.numeric["oracle"]
    result = bench.check()
    assert [str(question) for question in result.not_checked] == ["twice: not checked: it has no oracle"]


def test_draft_need_not_hold_yet(bench: Bench) -> None:
    bench.code["status"] = "draft"
    bench.code["reference"] = "def double(x):\n    return 3 * x\n"
    (gap,) = bench.check().findings
    assert gap.message == "no published question asks doubling/f1"


def test_what_passed_is_not_run_again_until_it_changes(bench: Bench) -> None:
    heard: list[Progress] = []
    bench.check()
    assert (bench.check().checked, bench.check().kept) == (0, 4)
    bench.numeric["answer"] = "n + n"
    result = bench.check(on_progress=heard.append)
    assert (result.checked, result.kept) == (1, 3)
    assert [(one.question, one.kept, one.done, one.total) for one in heard][:2] == [
        ("double", True, 1, 4),
        ("twice", False, 2, 4),
    ]
    assert bench.check(fresh=True).checked == 4


def test_what_failed_is_run_again(bench: Bench) -> None:
    bench.numeric["oracle"]["code"] = "def oracle(n):\n    return n\n"
    assert len(bench.check().findings) == len(bench.check().findings) == 1


def test_pass_of_another_judge_does_not_count(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.check()
    monkeypatch.setattr("app.authoring.passed.judge", lambda: "numpy of tomorrow")
    assert bench.check().checked == 4


def test_paths_choose_the_questions_and_a_wrong_path_is_a_finding(bench: Bench, tmp_path: Path) -> None:
    assert bench.check(bench.file).questions == 4
    assert bench.check(bench.file.parent).questions == 4
    (missing,) = bench.check(bench.questions_dir / "nothing").findings
    assert "no such file or folder" in missing.message
    outside = tmp_path / "outside"
    outside.mkdir()
    result = bench.check(outside)
    assert "outside the question bank" in result.findings[0].message
    assert result.questions == 0


def test_gaps_are_told_of_the_topics_asked_for_only(bench: Bench) -> None:
    bench.write()
    topics = copy.deepcopy(TOPICS)
    halving = copy.deepcopy(topics["topics"][0]) | {"id": "halving", "kinds": ["numeric"], "facts": {"f1": "c"}}
    topics["topics"].append(halving)
    (bench.questions_dir / "topics.yaml").write_text(yaml.safe_dump(topics))
    errata = [
        {"id": f"e00{number}", "says": "a", "right": "b", "source": "c", "severity": severity, "topics": ["halving"]}
        for number, severity in enumerate(("wrong", "imprecise", "dated", "typo"), start=1)
    ]
    (bench.questions_dir / "errata.yaml").write_text(yaml.safe_dump(errata))
    assert bench.check(bench.file).passed
    told = [finding.message for finding in bench.check().findings]
    assert told == [
        "no published question uses e001, which is wrong",
        "no published question uses e002, which is imprecise",
        "no published question uses e003, which is dated",
        "no published question asks halving/f1",
        "'halving' has 0 published questions of 0 kinds beside code",
        "'halving' lists numeric and has no numeric question",
    ]
    assert "0 of 3 errata that count" in str(bench.check().coverage)


def test_glossary_holds_for_titles_and_for_what_passed_before(bench: Bench) -> None:
    bench.numeric["prompt"] = {"en": "Twice @{n}, with a stride?", "zh": "步长为 @{n} 的两倍？"}
    assert bench.check().passed
    topics = copy.deepcopy(TOPICS)
    topics["topics"][0]["title"] = {"en": "Doubling", "zh": "步长"}
    (bench.questions_dir / "topics.yaml").write_text(yaml.safe_dump(topics, allow_unicode=True))
    (bench.questions_dir / "glossary.yaml").write_text("- {en: stride, zh: 步幅, avoid: [步长]}\n", encoding="utf-8")
    result = bench.check()
    assert [finding.path.name for finding in result.findings] == ["doubling.yaml", "topics.yaml"]
    assert {finding.message for finding in result.findings} == {"'步长' is not our word for stride"}
    assert result.kept == 4


def test_a_term_of_a_topics_title_is_given_in_english_somewhere(bench: Bench) -> None:
    bench.write()
    topics = copy.deepcopy(TOPICS)
    topics["topics"][0]["title"] = {"en": "Receptive fields", "zh": "感受野"}
    (bench.questions_dir / "topics.yaml").write_text(yaml.safe_dump(topics, allow_unicode=True))
    (bench.questions_dir / "glossary.yaml").write_text("- {en: receptive field, zh: 感受野}\n", encoding="utf-8")
    (finding,) = bench.check().findings
    assert finding.message == "no Chinese text of 'doubling' gives the English of 感受野"
    assert finding.mend == "write 感受野（receptive field） in one of them"
    bench.numeric["prompt"] = {"en": "The receptive field of @{n}?", "zh": "感受野（receptive field）为 @{n}？"}
    assert bench.check().passed


def test_circle_of_requirements_is_found_at_the_one_to_take_away(bench: Bench) -> None:
    (told,) = mapped(bench, doubling=["halving"], halving=["adding"], adding=["doubling"])
    circle = "doubling requires halving requires adding requires doubling"
    assert told == f"topic 1, requirement 1: a circle: {circle}; take one of these requirements away in - halving"


def test_topic_that_requires_itself_is_found(bench: Bench) -> None:
    (told,) = mapped(bench, doubling=["doubling"])
    assert "requirement 1: a circle: doubling requires doubling;" in told


def test_requirement_that_names_no_topic_is_found(bench: Bench) -> None:
    (told,) = mapped(bench, doubling=[], halving=["doubling", "dubling"])
    assert told == "topic 2, requirement 2: unknown topic 'dubling'; did you mean 'doubling'? in - dubling"


def mapped(bench: Bench, **requires: list[str]) -> list[str]:
    """What the gate says of a map with these requirements, and the line that each finding points to."""
    topics = [copy.deepcopy(TOPICS["topics"][0]) | {"id": topic, "requires": it} for topic, it in requires.items()]
    path = bench.questions_dir / "topics.yaml"
    path.write_text(yaml.safe_dump(TOPICS | {"topics": topics}))
    lines = path.read_text().splitlines()
    found = [it for it in bench.check().findings if "published" not in it.message]  # what a map lacks is told elsewhere
    assert {finding.path for finding in found} <= {path}
    return [f"{str(it).split(': ', 1)[1]} in {lines[it.line - 1].strip()}" for it in found]
