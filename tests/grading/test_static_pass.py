"""Imports and calls that can't work are named with their line before anything runs."""

from __future__ import annotations

import ast

import pytest

from app.grading import dotted_names
from app.grading.static import examine, told

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
    assert finding.message.en.startswith(f"Line {line}, column {finding.column}: ")
    assert finding.message.zh.startswith(f"第 {line} 行第 {finding.column} 列：")


def test_a_submodule_may_be_allowed_alone() -> None:
    assert examine("import torch.nn", ["torch.nn"]) == []
    assert len(examine("import torch\nimport torch.optim", ["torch.nn"])) == 2


def test_findings_come_in_the_order_of_the_source() -> None:
    assert [it.line for it in examine("def f():\n    open('x')\nimport os\n", ALLOWED)] == [2, 3]


def test_the_column_counts_characters_and_the_mark_stands_under_it() -> None:
    source = "import numpy as np\n名字 = '数据'; 值 = open('x')\n"
    findings = examine(source, ALLOWED)
    assert [(it.line, it.column) for it in findings] == [(2, 16)]
    line, mark = told(findings, source).en.split("\n")[1:]
    assert line == "    名字 = '数据'; 值 = open('x')"
    assert mark.lstrip(" \u3000") == "^^^^^^^^^"


def test_all_findings_are_told_the_first_in_full() -> None:
    source = "\ufeffimport requests, os\r\ndef f():\r\n    open('x')\r\n"
    message = told(examine(source, ALLOWED), source)
    assert message.en == (
        "Line 1, column 8: import of requests is not allowed here. Allowed: math, numpy. "
        "Also line 1 (os), line 3 (open)."
        "\n    import requests, os\n           ^^^^^^^^"
    )
    assert "此题不允许导入 requests。可导入：math, numpy。还有第 1 行（os）、第 3 行（open）。" in message.zh
    many = "\n".join(f"import m{n}" for n in range(20))
    assert "line 6 (m5), 14 more." in told(examine(many, ALLOWED), many).en
    assert "等 14 处。" in told(examine(many, ALLOWED), many).zh


CONV, SVD, SOFTMAX = "torch.nn.functional.conv2d", "numpy.linalg.svd", "torch.Tensor.softmax"
FORBIDDEN = (CONV, SVD, SOFTMAX, "builtins.sorted", "builtins.list.sort", "numpy.fft")
LIBRARIES = ("numpy", "torch")


@pytest.mark.parametrize(
    ("source", "name", "column"),
    [
        ("import torch\ntorch.nn.functional.conv2d(x, w)", CONV, 1),
        ("import torch.nn.functional as F\ny = F.conv2d(x, w)", CONV, 5),
        ("import torch.nn as nn\ny = nn.functional.conv2d(x, w)", CONV, 5),
        ("from torch import nn\nf = nn.functional.conv2d", CONV, 5),
        ("from torch.nn import functional\nmap(functional.conv2d, x)", CONV, 5),
        ("import torch.nn.functional as F\ny = getattr(F, 'conv2d')(x, w)", CONV, 5),
        ("import torch\ny = getattr(torch.nn, 'functional').conv2d(x, w)", CONV, 5),
        ("import torch; F = torch.nn.functional\ny = F.conv2d(x, w)", CONV, 5),
        ("import numpy as np; la = np.linalg\ny = 1 + la.svd(x)[0]", SVD, 9),
        ("def f():\n    import numpy; return numpy.linalg.svd(x)", SVD, 26),
        ("import numpy as np\ny = np.fft.fft2(x)", "numpy.fft", 5),
        ("import numpy as np\ny = sorted(x)", "builtins.sorted", 5),
        ("import numpy as np\ny = map(sorted, x)", "builtins.sorted", 9),
        ("import numpy as np\nx.sort()", "builtins.list.sort", 1),
        ("import numpy as np\nlist.sort(x)", "builtins.list.sort", 1),
        ("import torch\ny = x.softmax(dim=-1)", SOFTMAX, 5),
        ("import torch\nsoftmax = (x / 2).softmax(-1)", SOFTMAX, 11),
        ("import torch\ny = torch.Tensor.softmax(x, -1)", SOFTMAX, 5),
    ],
)
def test_what_is_to_be_written_is_found_through_its_aliases(source: str, name: str, column: int) -> None:
    (finding,) = examine(source, LIBRARIES, FORBIDDEN)
    assert (finding.name, finding.line, finding.column) == (name, 2, column)
    assert f"{name} must not be used here: write it yourself." in finding.message.en
    assert f"此题不能使用 {name}，请自己实现。" in finding.message.zh


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("from torch.nn.functional import conv2d as c", CONV),
        ("from numpy.linalg import norm, svd", SVD),
        ("import numpy.fft", "numpy.fft"),
        ("from numpy.fft import ifft", "numpy.fft"),
        ("from numpy import fft as f", "numpy.fft"),
        ("from torch.nn.functional import *", CONV),
        ("from numpy.linalg import *", SVD),
    ],
)
def test_what_is_to_be_written_is_found_where_it_is_imported(source: str, name: str) -> None:
    (finding,) = examine(source, LIBRARIES, FORBIDDEN)
    assert (finding.name, finding.line) == (name, 1)
    assert ("'*' brings in" in finding.message.en) is source.endswith("*")


@pytest.mark.parametrize(
    "source",
    [
        "import torch.nn.functional as F\nF.relu(x); F.softmax(x); F.conv1d(x, w)",
        "import torch.nn.functional\nfrom torch import nn\nnn.Conv2d(1, 1, 3)",
        "def conv2d(x, w):\n    return x\nconv2d(x, w)\nx.conv2d(w)",
        "import numpy as np\nnp.linalg.norm(x); np.linalg.svdvals(x); np.sort(x)",
        "def sorted(x):\n    return x\nsorted(x)",
        "class Net:\n    def softmax(self, x):\n        return x\n    def f(self, x):\n        return self.softmax(x)",
        "class Net:\n    def __init__(self):\n        self.softmax = 3\n    def f(self, x):\n        self.softmax(x)",
        "import numpy as np\nx.softmax\nsort = 3",
        "from torch import *\nrelu(x)",
        "import numpy as np\ngetattr(np.linalg, name)(x)",
        "def softmax(x):\n    return x\nsoftmax(x)",
    ],
)
def test_names_that_are_others_or_the_learners_own_are_let_pass(source: str) -> None:
    assert examine(source, LIBRARIES, FORBIDDEN) == []


def test_an_own_function_of_a_methods_name_does_not_hide_the_method() -> None:
    source = "def softmax(x):\n    return x.softmax(-1)\n"
    assert [it.line for it in examine(source, LIBRARIES, FORBIDDEN)] == [2]


def test_long_chains_of_attributes_are_passed_over_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = 0
    real = dotted_names.Names._resolve

    def counted(self: dotted_names.Names, expression: ast.expr) -> str | None:
        nonlocal resolved
        resolved += 1
        return real(self, expression)

    monkeypatch.setattr(dotted_names.Names, "_resolve", counted)
    chain = "a" + ".a" * 800
    assert examine(f"import numpy as a\n{chain}\n{chain}\n", LIBRARIES, FORBIDDEN) == []
    assert resolved <= 4
