"""Calls are sent ahead of their answers: what each printed, returned and cost must still be told apart."""

from __future__ import annotations

import numpy as np

from app.sandbox import Ending


def test_each_call_keeps_its_own_output(run):
    source = (
        "import os\ndef f(n):\n    print('call', n)\n    os.write(1, b'raw\\n')\n    os.write(2, b'err')\n    return n"
    )
    done = run(source, *((n,) for n in range(40)))
    assert [call.value for call in done.calls] == list(range(40))
    assert [call.stdout for call in done.calls] == [f"call {n}\nraw\nerr" for n in range(40)]


def test_output_while_loading_is_apart_from_the_first_call(run):
    done = run("print('loading')\ndef f():\n    print('calling')\n")
    assert (done.load_stdout, done.calls[0].stdout) == ("loading\n", "calling\n")


def test_output_without_its_mark_belongs_to_the_call_that_was_running(run):
    source = "import os\ndef f(n):\n    print(n)\n    if n == 1:\n        os.close(1)\n    return n\n"
    done = run(source, (0,), (1,), (2,))
    assert [call.stdout for call in done.calls[:2]] == ["0\n", "1\n"]


def test_answers_before_a_crash_count(run):
    source = "import ctypes\ndef f(n):\n    print(n, flush=True)\n    return ctypes.string_at(0) if n == 3 else n\n"
    done = run(source, *((n,) for n in range(6)))
    assert [call.ending for call in done.calls] == [*[Ending.RETURNED] * 3, Ending.CRASHED, *[Ending.NOT_RUN] * 2]
    assert [call.stdout for call in done.calls[:4]] == ["0\n", "1\n", "2\n", "3\n"]


def test_answers_before_a_time_limit_count_and_the_figures_are_those_of_each_call(run):
    source = (
        "import time\ndef f(n):\n    end = time.process_time() + (0.1 if n == 1 else 9.0 if n == 3 else 0.0)\n"
        "    while time.process_time() < end: pass\n    return n\n"
    )
    done = run(source, *((n,) for n in range(5)), cpu_s=0.4)
    assert [call.ending for call in done.calls] == [*[Ending.RETURNED] * 3, Ending.TIME_LIMIT, Ending.NOT_RUN]
    assert done.calls[1].cpu_ms >= 100
    assert done.calls[0].cpu_ms < 50 > done.calls[2].cpu_ms
    assert done.calls[3].cpu_ms >= 400


def test_figures_a_child_claims_are_never_above_what_was_seen_from_outside(run):
    source = """
import sys
def f():
    runner = sys.modules["cell.runner"]
    runner._wall = lambda: 1e9
    runner._cpu = lambda: float("nan")
"""
    call = run(source).calls[0]
    assert call.ending is Ending.RETURNED
    assert call.wall_ms < 10_000
    assert call.cpu_ms == 0.0


def test_arguments_larger_than_the_pipe_pass_while_answers_flow(run):
    source = "def f(a):\n    return a + 1\n"
    arrays = [np.full(60_000, float(n)) for n in range(12)]
    done = run(source, *((array,) for array in arrays))
    assert all(np.array_equal(call.value, array + 1) for call, array in zip(done.calls, arrays, strict=True))
