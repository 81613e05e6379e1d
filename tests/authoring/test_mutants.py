"""Every operator on small sources: what it makes of them, and what is left out because it would be the same program."""

from __future__ import annotations

import ast

import pytest

from app.authoring.mutants import Mutant, mutants, sample


def made(expression: str, operator: str) -> set[str]:
    """What an operator makes of an expression that a function returns."""
    found = mutants(f"import numpy as np\ndef f(x, y, n, *rest, **more):\n    return {expression}\n")
    lines = {it.source.splitlines()[2].removeprefix("    return ") for it in found if it.operator == operator}
    assert all(ast.parse(it.source) for it in found)
    return lines


def made_of_lines(lines: str, operator: str) -> set[str]:
    """What an operator makes of a source, without its line ends."""
    return {" ".join(it.source.split()) for it in mutants(lines) if it.operator == operator}


@pytest.mark.parametrize(
    ("expression", "becomes"),
    [
        ("x + y", {"x - y", "x * y"}),
        ("x - y", {"x + y"}),
        ("x * y", {"x / y", "x + y"}),
        ("x / y", {"x * y", "x // y"}),
        ("x // y", {"x / y", "x % y"}),
        ("x % y", {"x // y"}),
        ("x ** y", {"x * y"}),
        ("x @ y", {"x * y"}),
        ("x & y", {"x | y"}),
        ("x | y", {"x & y"}),
        ("x << y", {"x >> y"}),
    ],
)
def test_arithmetic_signs_are_exchanged(expression: str, becomes: set[str]) -> None:
    assert made(expression, "arithmetic") == becomes


def test_an_exchanged_sign_keeps_the_grouping() -> None:
    assert "x - (y + n)" in made("x - y * n", "arithmetic")
    assert "(x - y) * n" in made("(x + y) * n", "arithmetic")
    assert made("-x ** 2", "constant") == {"-x ** 3", "-x ** 1", "-x ** 4", "-x ** -2"}
    assert "(-2) ** x" in made("2 ** x", "constant")


def test_signs_within_an_assignment_are_exchanged() -> None:
    assert made_of_lines("def f(x):\n    x += 3\n    return x\n", "arithmetic") == {
        "def f(x): x -= 3 return x",
        "def f(x): x *= 3 return x",
    }


@pytest.mark.parametrize(
    ("expression", "becomes"),
    [
        ("x < y", {"x <= y", "x > y"}),
        ("x <= y", {"x < y", "x >= y"}),
        ("x > y", {"x >= y", "x < y"}),
        ("x >= y", {"x > y", "x <= y"}),
        ("x == y", {"x != y"}),
        ("x != y", {"x == y"}),
        ("x is None", {"x is not None"}),
        ("x not  in y", {"x in y"}),
        ("x < y <= n", {"x <= y <= n", "x > y <= n", "x < y < n", "x < y >= n"}),
    ],
)
def test_comparisons_lose_their_strictness_and_direction(expression: str, becomes: set[str]) -> None:
    assert made(expression, "comparison") == becomes


@pytest.mark.parametrize(
    ("expression", "becomes"),
    [
        ("x and y and n", {"x or y or n"}),
        ("(x or y) and n", {"(x or y) or n", "(x and y) and n"}),
        ("not x", {"x"}),
        ("x[~y]", {"x[y]"}),
    ],
)
def test_and_or_and_not_are_mistaken(expression: str, becomes: set[str]) -> None:
    assert made(expression, "boolean") == becomes


@pytest.mark.parametrize(
    ("expression", "becomes"),
    [
        ("x * 2", {"x * 3", "x * 1", "x * 4", "x * -2"}),
        ("x * 0.5", {"x * 1.5", "x * -0.5", "x * 1.0"}),
        ("x - 1", {"x - 2", "x - 0", "x - -1"}),
        ("x - 0", {"x - 1", "x - -1"}),
        ("x - -2", {"x - -1", "x - -3", "x - -4", "x - 2"}),
        ("x[0]", {"x[1]", "x[-1]"}),
        ("np.sum(x, axis=-1)", {"np.sum(x, axis=0)", "np.sum(x, axis=-2)"}),
        ("np.sum(x, axis=(1, 2))", {f"np.sum(x, axis={axes})" for axes in ("(2, 2)", "(0, 2)", "(1, 3)", "(1, 1)")}),
        ("np.sum(x, keepdims=True)", {"np.sum(x, keepdims=False)"}),
        ("np.var(x, ddof=1)", {"np.var(x, ddof=2)", "np.var(x, ddof=0)"}),
        ("x + 1e-12", {"x + 0.0", "x + 1.0"}),
        ("np.where(y, x, -1e9)", {"np.where(y, x, 0.0)", "np.where(y, x, 1000000000.0)"}),
        ("'1 and 2'", set()),
        ("f'{x + 1}'", set()),
    ],
)
def test_numbers_are_one_off_doubled_or_of_the_other_sign(expression: str, becomes: set[str]) -> None:
    assert made(expression, "constant") == becomes


def test_the_exact_size_and_sign_of_a_guard_against_zero_is_no_matter() -> None:
    assert made("x / (y + 1e-12)", "arithmetic") == {"x * (y + 1e-12)", "x // (y + 1e-12)", "x / (y * 1e-12)"}


def test_a_negated_value_loses_its_sign() -> None:
    assert made("np.argsort(-x)", "sign") == {"np.argsort(x)"}


@pytest.mark.parametrize(
    ("expression", "becomes"),
    [
        ("x[n]", {"x[n + 1]", "x[n - 1]"}),
        ("x[:n]", {"x[:n + 1]", "x[:n - 1]"}),
        ("x[n:, y]", {"x[n + 1:, y]", "x[n - 1:, y]", "x[n:, y + 1]", "x[n:, y - 1]"}),
        ("x[1:-1, None, ..., x > 0]", set()),
        ("range(n, y)", {"range(n + 1, y)", "range(n - 1, y)", "range(n, y + 1)", "range(n, y - 1)"}),
        ("np.arange(n)", {"np.arange(n + 1)", "np.arange(n - 1)"}),
    ],
)
def test_indices_and_bounds_are_off_by_one(expression: str, becomes: set[str]) -> None:
    assert made(expression, "off-by-one") == becomes


@pytest.mark.parametrize(
    ("expression", "becomes"),
    [("x[::-1]", {"x[:]"}), ("x[y:n:2]", {"x[y:n]"}), ("x[:, ::2]", {"x[:, :]"}), ("x[y:n]", set())],
)
def test_steps_are_left_out(expression: str, becomes: set[str]) -> None:
    assert made(expression, "slice-step") == becomes


@pytest.mark.parametrize(
    ("expression", "becomes"),
    [
        ("np.where(x, y, n)", {"np.where(y, x, n)"}),
        ("np.clip(x + 1, (y), n)", {"np.clip(y, (x + 1), n)"}),
        ("max(x, y)", set()),
        ("np.minimum(x, y)", set()),
        ("f(x)", set()),
        ("f(*rest, y)", set()),
        ("x.transpose(1, 0)", {"x.transpose(0, 1)"}),
    ],
)
def test_arguments_change_places_where_places_matter(expression: str, becomes: set[str]) -> None:
    assert made(expression, "swap-arguments") == becomes


def test_the_two_axes_of_a_transpose_in_torch_have_no_order() -> None:
    assert made_of_lines("import torch\ndef f(x):\n    return x.transpose(1, 2)\n", "swap-arguments") == set()


@pytest.mark.parametrize(
    ("expression", "becomes"),
    [
        ("np.sum(x, axis=0, keepdims=True)", {"np.sum(x, keepdims=True)", "np.sum(x, axis=0)"}),
        ("np.divide(x, y, out=n, where=y > 0)", {"np.divide(x, y, out=n)"}),
        ("f(x, **more)", set()),
    ],
)
def test_keywords_are_left_out(expression: str, becomes: set[str]) -> None:
    assert made(expression, "drop-keyword") == becomes


@pytest.mark.parametrize(
    ("expression", "becomes"),
    [
        ("max(x, y)", {"min(x, y)"}),
        ("x.argmin()", {"x.argmax()"}),
        ("np.maximum(x, y)", {"np.minimum(x, y)"}),
        ("np.any(x)", {"np.all(x)"}),
        ("x.sum(0)", {"x.mean(0)"}),
        ("sum(x)", set()),
        ("np.zeros(n)", {"np.ones(n)"}),
        ("np.floor(x)", {"np.ceil(x)", "np.round(x)"}),
        ("math.floor(x)", {"math.ceil(x)", "round(x)"}),
    ],
)
def test_functions_are_taken_for_their_twins(expression: str, becomes: set[str]) -> None:
    assert made(expression, "function") == becomes


@pytest.mark.parametrize(
    ("expression", "becomes"),
    [
        ("abs(x) * y", {"x * y"}),
        ("np.abs(x - y) * n", {"(x - y) * n"}),
        ("np.clip(x, 0, 1)", {"x"}),
        ("x.clip(0, 1)", {"x"}),
        ("(x > y).astype(int)", {"x > y"}),
        ("x.copy()", {"x"}),
    ],
)
def test_calls_are_left_out_and_their_subject_stays(expression: str, becomes: set[str]) -> None:
    assert made(expression, "remove-call") == becomes


def test_what_is_joined_changes_order() -> None:
    assert made("np.concatenate([x, y[:1]], axis=0)", "order") == {"np.concatenate([y[:1], x], axis=0)"}
    assert made("np.stack((x, y))", "order") == {"np.stack((y, x))"}


def test_conditions_hold_always_or_never() -> None:
    assert made("x if y else n", "branch") == {"x if True else n", "x if False else n"}
    assert made("[it for it in x if it > y]", "branch") == {"[it for it in x if True]"}
    assert made_of_lines("def f(x):\n    if x:\n        return 1\n    return 2\n", "branch") == {
        "def f(x): if True: return 1 return 2",
        "def f(x): if False: return 1 return 2",
    }


LOOP = """\
def f(rows):
    '''Sum them.'''
    total = 0
    for row in rows:
        if row:
            continue
        total += row
        break
    return total
"""


def test_loops_go_on_where_they_should_end() -> None:
    assert [it.id for it in mutants(LOOP) if it.operator == "loop-exit"] == [
        "loop-exit: continue -> break",
        "loop-exit: break -> continue",
    ]


def test_statements_are_left_out_but_docstrings_are_none() -> None:
    assert [(it.line, it.id) for it in mutants(LOOP) if it.operator == "remove"] == [
        (3, "remove: total = 0 -> pass"),
        (4, "remove: for row in rows: … -> pass"),
        (7, "remove: total += row -> pass"),
    ]


def test_the_result_is_forgotten() -> None:
    assert made("x", "return-none") == {"None"}
    assert made("None", "return-none") == set()


def test_hints_of_types_are_not_touched() -> None:
    assert mutants("def f(x: tuple[1, 2] = None) -> list[3]:\n    y: int[4]\n    return None\n") == []


def test_programs_that_compile_to_the_same_are_left_out() -> None:
    assert made("x * 1", "constant") == {"x * 2", "x * 0", "x * -1"}  # twice 1 is one more, too
    assert made("1 * 1", "arithmetic") == {"1 / 1"}  # 1 + 1 is 2 * 1 ...
    assert "2 * 1" in made("1 * 1", "constant")  # ... which came before
    assert "1 * 2" not in made("1 * 1", "constant")


def test_every_line_of_a_mutant_but_the_edited_one_is_the_references() -> None:
    source = "def f(x):\n    # 均值 + 1\n    mean = x.mean(  # 注\n        axis=0,\n    )\n    return x - mean\n"
    for mutant in mutants(source):
        assert mutant.before in " ".join(map(str.strip, source.splitlines()))
        assert mutant.after in " ".join(map(str.strip, mutant.source.splitlines()))
    (removed,) = [it for it in mutants(source) if it.id == "drop-keyword: x.mean( axis=0, ) -> x.mean()"]
    assert (removed.line, removed.before, removed.after) == (3, "mean = x.mean(  # 注 axis=0, )", "mean = x.mean()")


def test_mutants_are_the_same_every_time_and_have_names_of_their_own() -> None:
    found = mutants(LOOP)
    assert found == mutants(LOOP)
    assert len({it.id for it in found}) == len(found)


def ids(source: str) -> list[str]:
    return [mutant.id for mutant in mutants(source)]


def test_a_name_outlives_edits_of_other_lines() -> None:
    edited = LOOP.replace("total = 0", "count = []\n    total = 0.0")
    assert set(ids(LOOP)) - set(ids(edited)) == {
        "constant: total = 0 -> total = 1",
        "constant: total = 0 -> total = -1",
        "remove: total = 0 -> pass",
    }


def test_edits_of_the_same_text_are_numbered() -> None:
    assert [name for name in ids("def f(x, y):\n    a = x < y\n    return a, x < y\n") if "comparison" in name] == [
        "comparison: x < y -> x <= y",
        "comparison: x < y -> x > y",
        "comparison: x < y -> x <= y (2)",
        "comparison: x < y -> x > y (2)",
    ]


def test_a_number_is_named_with_what_it_stands_in() -> None:
    assert "constant: n=1 -> n=0" in ids("def f(x, n=1):\n    return x\n")
    assert "constant: return 3 -> return 4" in ids("def f():\n    return 3\n")
    assert "branch: if x < 3 -> if True" in ids("def f(x):\n    if x < 3:\n        x = 2\n    return x\n")


def test_a_sample_takes_from_every_line_and_operator_in_turn_and_is_stable() -> None:
    found = mutants("def f(x):\n" + "".join(f"    x = x * {n} - {n}\n" for n in range(3, 33)) + "    return x\n")
    taken = sample(found, 100)
    assert len(taken) == 100
    assert taken == [mutant for mutant in found if mutant in taken]
    places = {(it.line, it.operator) for it in found}
    assert {(it.line, it.operator) for it in taken} == places
    assert len(set(sample(found[1:], 100)) - set(taken)) <= 1
    assert sample(found, len(found)) == found


def test_a_source_that_ends_with_the_edit_has_its_place() -> None:
    found: list[Mutant] = mutants("def f(x): return x[0]")
    assert {(it.line, it.source) for it in found if it.operator == "constant"} == {
        (1, "def f(x): return x[1]"),
        (1, "def f(x): return x[-1]"),
    }
