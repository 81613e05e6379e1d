"""Submissions are judged in the real sandbox, each failure with its own verdict, and faults of ours cost nothing."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from made_questions import DOUBLE_CASES, code_question, text

from app.bank.schema import Lib
from app.grading.cases import Case, draw_fresh, prepare
from app.grading.code import Cancelled, grade_code
from app.grading.outcome import MalformedAnswer
from app.grading.verdict import KEPT, BrokenQuestion, Report, Verdict
from app.sandbox import Call, Job, Run, Sandbox, SandboxError

RIGHT = "def double(x):\n    return x + x\n"


def grade(sandbox: Any, source: str, mode: Any = "submit", seed: int = 3, **fields: Any) -> Report:
    return grade_code(code_question(**fields), source, sandbox=sandbox, mode=mode, seed=seed)


def test_a_right_solution_passes_every_case_visible_and_hidden(sandbox: Sandbox) -> None:
    report = grade(sandbox, RIGHT)
    assert (report.verdict, report.score, len(report.cases)) == (Verdict.accepted, 1.0, 6)
    assert report.message.en == "All 6 cases passed."
    assert [case.hidden for case in report.cases] == [False, True, True, True, True, True]


def test_run_judges_the_visible_cases_only(sandbox: Sandbox) -> None:
    report = grade(sandbox, RIGHT, mode="run")
    assert [case.name for case in report.cases] == ["small"]
    assert report.verdict is Verdict.accepted
    assert "Submit" in report.message.en


def test_a_wrong_answer_shows_a_visible_case_whole_and_a_hidden_one_in_its_time(sandbox: Sandbox) -> None:
    report = grade(sandbox, "def double(x):\n    print('seen')\n    return 3 * x\n")
    visible, hidden = report.cases[0], report.cases[3]
    assert report.verdict is visible.verdict is hidden.verdict is Verdict.wrong_answer
    assert "First difference at [0]: got 3, expected 2" in visible.message.en
    assert "1.5 times" in visible.message.en
    assert visible.args_preview is not None
    assert "array([ 1., -2.]" in visible.args_preview
    assert visible.got_preview is not None
    assert visible.expected_preview is not None
    assert visible.stdout == "seen\n"
    assert hidden.args_preview is not None
    kept = report.shown(tries=0).cases
    assert kept[0] == visible
    assert [getattr(kept[3], name) for name in KEPT] == [None] * len(KEPT)
    assert kept[3].message == hidden.message
    assert hidden.title is not None
    assert hidden.title.en == "random"
    assert report.score == pytest.approx(2 / 6)  # the empty array is right whatever the factor, and the error is raised


@pytest.mark.parametrize(
    ("source", "verdict", "says"),
    [
        ("def double(x)\n    return x\n", Verdict.compile_error, "Line 1"),
        ("def other(x):\n    return x\n", Verdict.compile_error, "does not define the function double"),
        ("import nowhere_to_be_found\n", Verdict.forbidden, "import of nowhere_to_be_found is not allowed"),
        ("1 / 0\ndef double(x): return x\n", Verdict.runtime_error, "Before any case ran"),
        ("x" * (64 * 1024 + 1), Verdict.compile_error, "64 KiB"),
    ],
)
def test_what_does_not_load_has_no_cases(sandbox: Sandbox, source: str, verdict: Verdict, says: str) -> None:
    report = grade(sandbox, source)
    assert (report.verdict, report.score, report.cases) == (verdict, 0.0, ())
    assert says in report.message.en
    assert report.message.zh


@pytest.mark.parametrize(
    ("body", "verdict", "says"),
    [
        ("return x.missing", Verdict.runtime_error, "AttributeError"),
        ("while True: pass", Verdict.time_limit, "the limit is 0.2 s"),
        ("return bytearray(1 << 30)", Verdict.memory_limit, "64 MiB"),
        ("print('a' * (1 << 24))", Verdict.output_limit, "Too much"),
        ("raise SystemExit", Verdict.runtime_error, ""),
        ("return (value for value in x)", Verdict.wrong_answer, "generator"),
        ("return None", Verdict.wrong_answer, "'return' missing"),
        ("return x / 0 * 0", Verdict.wrong_answer, "nan"),
        ("return [x]", Verdict.wrong_answer, "Shape: expected (2,), got (1, 2)"),
        ("return list(map(str, x))", Verdict.wrong_answer, "array"),
    ],
)
def test_each_failure_of_a_case_has_its_verdict_and_reason(
    sandbox: Sandbox, body: str, verdict: Verdict, says: str
) -> None:
    source = f"import numpy as np\nnp.seterr(all='ignore')\ndef double(x):\n    {body}\n"
    report = grade(sandbox, source, mode="run", limits={"time_s": 0.2, "memory_mib": 64})
    assert (report.verdict, report.cases[0].verdict) == (verdict, verdict)
    assert says in report.cases[0].message.en
    assert report.cases[0].message.zh


def test_cases_after_a_time_limit_are_left_out_and_the_report_says_so(sandbox: Sandbox) -> None:
    source = "def double(x):\n    while x is not None and len(x) == 0: pass\n    return 2 * x\n"
    report = grade(sandbox, source, limits={"time_s": 0.2})
    assert [case.verdict for case in report.cases] == [Verdict.accepted, Verdict.time_limit]
    assert report.score == pytest.approx(1 / 6)
    assert "The last 4 did not run" in report.message.en


@pytest.mark.parametrize(
    ("raised", "verdict"),
    [
        ("TypeError('no')", Verdict.accepted),
        ("ValueError('no')", Verdict.wrong_answer),
    ],
)
def test_an_error_that_is_due_must_be_of_its_type(sandbox: Sandbox, raised: str, verdict: Verdict) -> None:
    source = f"def double(x):\n    if x is None:\n        raise {raised}\n    return 2 * x\n"
    report = grade(sandbox, source)
    assert report.cases[2].verdict is verdict
    assert report.verdict is verdict


def test_returning_a_value_where_an_error_is_due_is_wrong(sandbox: Sandbox) -> None:
    report = grade(sandbox, "def double(x):\n    return 0 if x is None else 2 * x\n")
    assert report.verdict is Verdict.wrong_answer
    assert report.cases[2].message.en.startswith("TypeError must be raised")


def test_an_error_derived_from_the_one_due_will_do(sandbox: Sandbox) -> None:
    cases = 'def cases(rng):\n    yield {"name": "bad", "args": [{}], "hidden": False, "error": "LookupError"}\n'
    reference = "def double(x):\n    raise LookupError\n"
    report = grade(sandbox, "def double(x):\n    return x['a']\n", cases=cases, reference=reference)
    assert report.verdict is Verdict.accepted


IN_PLACE = "def double(x):\n    x *= 2\n    return x\n"


def test_changing_an_input_in_place_is_wrong_only_where_the_contract_forbids_it(sandbox: Sandbox) -> None:
    report = grade(sandbox, IN_PLACE)
    assert report.verdict is Verdict.wrong_answer
    assert "argument 1 was changed in place" in report.cases[0].message.en
    assert report.cases[0].picture_svg is None
    assert grade(sandbox, IN_PLACE, contract={"mutation": "allowed"}).verdict is Verdict.accepted


def test_the_same_seed_gives_the_same_cases_and_another_seed_others(sandbox: Sandbox) -> None:
    def drawn(seed: int) -> list[float]:
        return [float(value) for value in prepare(code_question(), sandbox, seed).cases[3].args[0]]  # type: ignore[attr-defined]  # an array

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


RANDOM_VISIBLE = DOUBLE_CASES.replace("np.array([1.0, -2.0])", "rng.normal(size=2)")


def test_visible_cases_are_the_same_in_every_submission_and_hidden_ones_are_fresh(sandbox: Sandbox) -> None:
    def args(seed: int) -> dict[str, list[float]]:
        cases = draw_fresh(code_question(cases=RANDOM_VISIBLE), sandbox, seed)
        return {case.name: case.args[0].tolist() for case in cases if case.name in ("small", "random-0")}  # type: ignore[attr-defined]  # arrays

    first, second = args(1), args(2)
    assert first["small"] == second["small"]
    assert first["random-0"] != second["random-0"]


def test_a_run_shows_the_visible_cases_that_a_submission_shows(sandbox: Sandbox) -> None:
    run = grade(sandbox, RIGHT, mode="run", seed=8, cases=RANDOM_VISIBLE)
    submitted = grade(sandbox, RIGHT, seed=9, cases=RANDOM_VISIBLE)
    assert run.cases[0].args_preview == submitted.cases[0].args_preview


def test_visible_cases_that_come_and_go_with_the_seed_are_a_fault_of_the_question(sandbox: Sandbox) -> None:
    hidden = "bool(rng.integers(1 << 40) % 2)"
    wandering = code_question(
        cases=f'{DOUBLE_CASES}    yield {{"name": "random-9", "args": [1.0], "hidden": {hidden}}}\n'
    )
    with pytest.raises(BrokenQuestion, match="random-9"):
        _ = [draw_fresh(wandering, sandbox, seed) for seed in range(20)]


def test_reference_and_submission_run_at_the_same_time(sandbox: Sandbox) -> None:
    """Each waits for the other to have begun."""
    both = threading.Barrier(2, timeout=20)

    class Meeting(Failing):
        def run(self, job: Job, *heard: Any, **more: Any) -> Run:
            if job.source == RIGHT or (job.function == "double" and len(job.calls) == 5):
                both.wait()
            return self.real.run(job, *heard, **more)

    assert grade(Meeting(sandbox, 0), RIGHT, seed=77).verdict is Verdict.accepted


def test_prepared_cases_are_kept_for_the_next_submission(sandbox: Sandbox) -> None:
    assert prepare(code_question(), sandbox, 11) is prepare(code_question(), sandbox, 11)
    other = code_question(reference="def double(x):\n    return 2 * x if x is not None else {}[1]\n")
    with pytest.raises(BrokenQuestion):
        prepare(other, sandbox, 11)


def test_progress_is_told_case_by_case(sandbox: Sandbox) -> None:
    heard: list[tuple[int, int]] = []
    grade_code(
        code_question(),
        RIGHT,
        sandbox=sandbox,
        mode="submit",
        seed=0,
        on_progress=lambda done, total: heard.append((done, total)),
    )
    assert heard == [(done, 6) for done in range(7)]


def test_a_cancelled_submission_has_no_report(sandbox: Sandbox) -> None:
    with pytest.raises(Cancelled):
        grade_code(code_question(), RIGHT, sandbox=sandbox, mode="submit", seed=0, cancelled=lambda: True)


@pytest.mark.parametrize(
    ("custom", "source", "verdict", "expected"),
    [
        ("[3.5]", "def double(x): return 7", Verdict.accepted, "7.0"),
        ("[[1, 2]]", "def double(x): return 3", Verdict.wrong_answer, "[1, 2, 1, 2]"),
        ("[None]", "def double(x): return x", Verdict.wrong_answer, "raises TypeError"),
    ],
)
def test_a_custom_input_is_judged_by_the_reference(
    sandbox: Sandbox, custom: str, source: str, verdict: Verdict, expected: str
) -> None:
    report = grade_code(code_question(), source, sandbox=sandbox, mode="run", seed=0, custom=custom)
    (case,) = report.cases
    assert (report.verdict, case.expected_preview) == (verdict, expected)
    assert case.title is not None


@pytest.mark.parametrize("custom", ["3", "[open('x')]", "[1", "[" * 5000, "x", "[1]" * 9999, "[10 ** 9]"])
def test_a_custom_input_that_is_no_list_of_literals_is_refused(sandbox: Sandbox, custom: str) -> None:
    with pytest.raises(MalformedAnswer):
        grade_code(code_question(), RIGHT, sandbox=sandbox, mode="run", seed=0, custom=custom)


TITLES = {"case_titles": {"small": text("small")}}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"cases": "def cases(rng):\n    return []\n"}, "1 to 200 cases"),
        ({"cases": "def cases(rng):\n    1 / 0\n"}, "ZeroDivisionError"),
        ({"cases": "def cases(rng)\n"}, "did not load"),
        ({"cases": "def cases(rng):\n    yield {'name': 'small', 'args': [1.0]}\n"}, "no case is visible"),
        ({"cases": "def cases(rng):\n    yield {'name': 'new', 'args': [1.0], 'hidden': False}\n"}, "no title"),
        ({"cases": "def cases(rng):\n    yield {'name': 'Small', 'args': [1.0], 'hidden': False}\n"}, "kebab-case"),
        (
            {"cases": "def cases(rng):\n    yield {'name': 'small', 'args': 1.0, 'hidden': False}\n"},
            "list of positional",
        ),
        ({"cases": "def cases(rng):\n    yield {'name': 'small', 'args': [1], 'hiden': False}\n"}, "nothing else"),
        ({"cases": DOUBLE_CASES.replace("bad", "small")}, "names repeat"),
        ({"reference": "def double(x):\n    return x\n"}, "must raise TypeError"),
        ({"reference": "def double(x):\n    return x.nothing\n"}, "must raise|AttributeError"),
        ({"reference": "def other(x):\n    return 2 * x\n"}, "did not load"),
        ({"contract": {"dtype": "int"}}, "breaks its own contract"),
    ],
)
def test_a_broken_question_is_our_fault(sandbox: Sandbox, fields: dict[str, Any], why: str) -> None:
    with pytest.raises(BrokenQuestion, match=why):
        prepare(code_question(**fields), sandbox, 0)
    report = grade(sandbox, RIGHT, seed=0, **fields)
    assert report.verdict is Verdict.internal_error
    assert "not counted" in report.message.en


class Failing:
    """A sandbox that breaks on the learner's job a number of times, and can lack a library."""

    def __init__(self, real: Sandbox, times: int, lib: bool = True) -> None:
        self.real, self.left, self.lib = real, times, lib

    def run(
        self,
        job: Job,
        on_call: Callable[[int, Call], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Run:
        if job.source == RIGHT and self.left:
            self.left -= 1
            raise SandboxError("the child was lost")
        return self.real.run(job, on_call, cancelled)

    def available(self, library: Lib) -> bool:
        return self.lib


def test_a_sandbox_that_breaks_once_is_tried_again(sandbox: Sandbox) -> None:
    assert grade(Failing(sandbox, 1), RIGHT).verdict is Verdict.accepted


def test_a_sandbox_that_stays_broken_is_our_fault(sandbox: Sandbox) -> None:
    report = grade(Failing(sandbox, 2), RIGHT)
    assert (report.verdict, report.cases) == (Verdict.internal_error, ())
    assert "not in your code" in report.message.en


def test_a_missing_library_is_named(sandbox: Sandbox) -> None:
    report = grade(Failing(sandbox, 0, lib=False), RIGHT, lib="torch")
    assert report.verdict is Verdict.internal_error
    assert "torch is not installed here" in report.message.en
    assert "torch" in report.message.zh


def test_a_report_survives_storage_and_speaks_both_languages(sandbox: Sandbox) -> None:
    report = grade(sandbox, "def double(x):\n    return x\n")
    assert Report.model_validate_json(report.model_dump_json()) == report
    en, zh = report.as_json("en"), report.as_json("zh")
    assert {"question", "verdict", "score", "wall_ms", "cases"} <= set(en)
    assert isinstance(en["cases"], list)
    assert {"name", "verdict", "wall_ms", "cpu_ms", "peak_mib", "message", "stdout", "hidden"} <= set(en["cases"][0])
    assert en["message"] != zh["message"]


def test_text_that_steers_a_terminal_is_shown_as_escapes(sandbox: Sandbox) -> None:
    report = grade(
        sandbox, "def double(x):\n    print('\\x1b[31m\\u202e!')\n    raise ValueError('\\x07')\n", mode="run"
    )
    assert report.cases[0].stdout.endswith("!\n")
    assert not {"\x1b", "\u202e"} & set(report.cases[0].stdout)
    assert "\x07" not in report.cases[0].message.en


# --- speed measured against the reference

SORTED_CASES = """
def cases(rng):
    yield {"name": "small", "args": [[3, 1, 2]], "hidden": False}
    yield {"name": "many", "args": [rng.permutation(4000).tolist()], "times_reference": 20}
    yield {"name": "after", "args": [[2, 1]]}
"""
SORTED = {
    "function": "order",
    "signature": "order(x: list) -> list",
    "starter": "def order(x):\n    ...\n",
    "reference": "def order(x):\n    return sorted(x)\n",
    "cases": SORTED_CASES,
    "case_titles": {"small": text("small"), "many": text("4,000 numbers"), "after": text("after")},
    "wrong": [{"name": "same", "code": "order = abs", "verdict": "wrong_answer", "note": text("No.")}],
    "contract": {"dtype": "int"},
}
SELECTION = """
def order(x):
    x, due = list(x), []
    while x:
        due.append(min(x))
        x.remove(due[-1])
    return due
"""


def test_right_but_of_too_high_complexity_is_told_by_the_ratio_in_both_languages(sandbox: Sandbox) -> None:
    assert grade(sandbox, "def order(x):\n    return sorted(x)\n", **SORTED).verdict is Verdict.accepted
    report = grade(sandbox, SELECTION, **SORTED)
    case = report.cases[-1]
    assert (report.verdict, case.name, case.verdict) == (Verdict.time_limit, "many", Verdict.time_limit)
    assert case.cpu_limit_ms is not None
    assert case.cpu_limit_ms < case.cpu_ms < 2000, "it ran to its end, and was judged afterwards"
    assert re.match(r"Took [\d.]+ m?s of CPU time; the limit is \d+ ms, 20 times the reference's time", case.message.en)
    assert " on: 4,000 numbers. Too high a complexity" in case.message.en
    assert re.match(r"用了 [\d.]+ m?s CPU 时间，上限 \d+ ms（参考答案用时的 20 倍", case.message.zh)
    assert "，用例：4,000 numbers。" in case.message.zh
    assert report.score == pytest.approx(2 / 3)


def test_the_questions_own_limit_stops_what_is_far_too_slow_and_the_ratio_is_still_told(sandbox: Sandbox) -> None:
    source = "def order(x):\n    while len(x) > 9: pass\n    return sorted(x)\n"
    report = grade(sandbox, source, limits={"time_s": 0.3}, **SORTED)
    assert [case.verdict.value for case in report.cases] == ["accepted", "accepted", "time_limit"]
    assert "20 times the reference's time" in report.cases[2].message.en


def test_slow_and_wrong_is_wrong(sandbox: Sandbox) -> None:
    report = grade(sandbox, SELECTION.replace("return due", "return due[::-1] if len(due) > 9 else due"), **SORTED)
    assert report.cases[-1].verdict is Verdict.wrong_answer


def test_a_tiny_reference_leaves_a_floor_and_a_slow_one_the_questions_limit() -> None:
    def limit_ms(reference_ms: float, times: float = 20) -> float | None:
        case = Case("many", None, (), False, None, None, times_reference=times, reference_ms=reference_ms)
        return case.cpu_limit_ms(time_limit_s=1.0)

    assert [limit_ms(it) for it in (0.0, 6.0, 45.0, 46.0)] == [80.0, 200.0, 980.0, None]
    assert limit_ms(0.0, times=5) == 50.0


@pytest.mark.parametrize("times", ["4.9", "1001", "True", "'20'", "float('nan')"])
def test_a_ratio_that_noise_would_decide_is_a_fault_of_the_question(sandbox: Sandbox, times: str) -> None:
    cases = SORTED_CASES.replace('"times_reference": 20', f'"times_reference": {times}')
    with pytest.raises(BrokenQuestion, match="a number from 5 to 1000"):
        prepare(code_question(**SORTED | {"cases": cases}), sandbox, 0)
