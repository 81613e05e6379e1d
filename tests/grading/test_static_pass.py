"""Imports and calls that can't work are named with their line before anything runs."""

from __future__ import annotations

import pytest

from app.grading.static import examine

ALLOWED = ("math", "numpy")


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nimport math\n",
        "from numpy.linalg import norm\nfrom typing import Any\nfrom __future__ import annotations\n",
        "import collections, itertools, functools\n",
        "def open(x):\n    return x\nopen(3)\n",
        "compile = 3\nx.compile()\nmodel.eval()\nre.compile('x')\n",
        "def f(input):\n    return input(1)\n",
        "def broken(:\n",
        "x = '\0'",
        "(" * 500,
    ],
)
def test_ordinary_code_and_code_that_does_not_parse_has_no_findings(source: str) -> None:
    assert examine(source, ALLOWED) == []


@pytest.mark.parametrize(
    ("source", "name", "line"),
    [
        ("import os", "os", 1),
        ("x = 1\n\ndef f():\n    import torch.nn as nn\n", "torch.nn", 4),
        ("from scipy.signal import convolve2d", "scipy.signal", 1),
        ("from . import solution", ".", 1),
        ("import numpyx", "numpyx", 1),
        ("import math, socket", "socket", 1),
        ("\nopen('/etc/passwd')", "open", 2),
        ("f = lambda: eval('1')", "eval", 1),
        ("exec('1')", "exec", 1),
        ("input()", "input", 1),
        ("__import__('os')", "__import__", 1),
        ("breakpoint()", "breakpoint", 1),
    ],
)
def test_a_finding_names_the_line_and_the_reason(source: str, name: str, line: int) -> None:
    (finding,) = examine(source, ALLOWED)
    assert (finding.name, finding.line) == (name, line)
    assert f"Line {line}" in finding.message.en
    assert f"第 {line} 行" in finding.message.zh


def test_a_submodule_may_be_allowed_alone() -> None:
    assert examine("import torch.nn", ["torch.nn"]) == []
    assert len(examine("import torch\nimport torch.optim", ["torch.nn"])) == 2


def test_findings_come_in_the_order_of_the_source() -> None:
    assert [it.line for it in examine("def f():\n    open('x')\nimport os\n", ALLOWED)] == [2, 3]
