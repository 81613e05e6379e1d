from __future__ import annotations

import numpy as np
import pytest

from app.sandbox import Ending, Job, Opaque

SAME = "def f(x):\n    return x\n"


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -(2**4000),
        1.5,
        2j,
        "naïve 框",
        b"\0\xff",
        [1, [2, (3,)]],
        {"a": [1], 2: None},
        {1, 2},
        (),
        [],
        {},
    ],
)
def test_plain_value_comes_back_as_it_went(call, value):
    returned = call(SAME, value).value
    assert returned == value
    assert type(returned) is type(value)


@pytest.mark.parametrize(
    "dtype", ["bool", "int8", "uint64", "float16", "float32", "float64", "complex128", "<U3", "S2"]
)
@pytest.mark.parametrize("shape", [(), (0,), (2, 3), (1, 0, 2)])
def test_array_comes_back_with_dtype_and_shape(call, dtype, shape):
    sent = np.arange(int(np.prod(shape))).reshape(shape).astype(dtype)
    returned = call(SAME, sent).value
    assert (returned.dtype, returned.shape) == (sent.dtype, sent.shape)
    assert np.array_equal(returned, sent)


def test_not_a_number_and_infinity_travel(call):
    returned = call("import numpy as np\ndef f():\n    return np.array([np.nan, np.inf, -np.inf], np.float32)\n").value
    assert returned.dtype == np.float32
    assert np.array_equal(returned, np.array([np.nan, np.inf, -np.inf], np.float32), equal_nan=True)


def test_numpy_scalar_keeps_its_type(call):
    returned = call("import numpy as np\ndef f():\n    return np.float32(1.5)\n").value
    assert type(returned) is np.float32


def test_arguments_are_writable_and_the_callers_own_stay_untouched(run):
    mine = np.arange(3)
    ended = run("def f(a):\n    a[0] = 9\n    return a.flags.writeable\n", (mine,), return_args=True)
    assert ended.calls[0].value is True
    assert ended.calls[0].args_after[0].tolist() == [9, 1, 2]
    assert mine.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("(i for i in [1])", "generator"),
        ("range(3)", "range"),
        ("object()", "object"),
        ("f", "function"),
        ("__import__('collections').deque()", "collections.deque"),
        ("__import__('numpy').array([object()])", "numpy array of object"),
        ("__import__('numpy').zeros(1, 'M8[s]')", "numpy array of datetime64[s]"),
        ("__import__('numpy').matrix([[1]])", "numpy.matrix"),
        ("1 << 5000", "int of 5001 bits"),
        ("'\\ud800'", "str with lone surrogates"),
    ],
)
def test_value_that_cannot_travel_is_named(call, expression, name):
    assert call(f"def f():\n    return {expression}\n").value == Opaque(name)


def test_object_that_would_run_code_on_unpickling_is_only_named(call):
    source = (
        "import os\nclass E:\n    def __reduce__(self):\n        return os.system, ('true',)\n"
        "def f():\n    return [E()]\n"
    )
    assert call(source).value == [Opaque("E")]


def test_lying_class_is_named_by_its_real_type(call):
    source = "import numpy as np\nclass L:\n    __class__ = np.ndarray\n    shape = (2,)\ndef f():\n    return L()\n"
    assert call(source).value == Opaque("L")


def test_subclass_of_a_builtin_travels_as_the_builtin(call):
    source = (
        "from collections import Counter, namedtuple\nP = namedtuple('P', 'x y')\n"
        "def f():\n    return P(1, Counter('aa'))\n"
    )
    assert call(source).value == (1, {"a": 2})


def test_cyclic_result_ends_in_a_named_stand_in(call):
    assert call("def f():\n    x = []\n    x.append(x)\n    return x\n").value == [Opaque("list that contains itself")]


def test_very_deep_result_is_cut(call):
    value = call("def f():\n    x = 1\n    for _ in range(100_000):\n        x = [x]\n    return x\n").value
    depth = 0
    while isinstance(value, list):
        depth, value = depth + 1, value[0]
    assert 32 < depth <= 64
    assert value == Opaque("list nested more than 64 deep")


def test_result_that_doubles_at_every_level_is_output_limit(call):
    ended = call(
        "def f():\n    x = [1]\n    for _ in range(60):\n        x = [x, x]\n    return x\n", cpu_s=5, wall_s=10
    )
    assert ended.ending is Ending.OUTPUT_LIMIT


def test_every_child_starts_from_the_same_random_state(run):
    source = "import random, numpy as np\ndef f():\n    return random.random(), np.random.rand()\n"
    assert run(source).calls[0].value == run(source).calls[0].value


GIVEN = """
import math  # the submission has no part in these names
class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b
def given(a, b):
    a += 1
    return (Pair(a, b),)
"""


def given_job(source, *calls, given=GIVEN):
    return Job(source, "f", list(calls), return_args=True, given=given)


def test_object_that_cannot_travel_is_given_to_the_call_from_what_can(sandbox):
    mine = np.zeros(2)
    ended = sandbox.run(given_job("def f(pair):\n    return pair.a + pair.b\n", (mine, 1.0), (mine, 2.0)))
    assert [call.value.tolist() for call in ended.calls] == [[2.0, 2.0], [3.0, 3.0]], "made anew for each call"
    assert [call.args_after[0].tolist() for call in ended.calls] == [[1.0, 1.0]] * 2


def test_names_of_what_is_given_are_not_the_submissions(sandbox):
    source = "def f(pair):\n    return 'Pair' in globals() or 'math' in globals()\ndef given(a, b):\n    return 1, 2\n"
    assert sandbox.run(given_job(source, (1, 2))).calls[0].value is False


def test_fault_of_the_submission_is_told_by_its_own_lines_only(sandbox):
    failure = sandbox.run(given_job("def f(pair):\n    return pair.c\n", (1, 2))).calls[0].failure
    assert (failure.type, failure.line) == ("AttributeError", 2)
    assert "given" not in failure.traceback
