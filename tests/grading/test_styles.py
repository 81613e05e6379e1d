"""Arguments and results count by their values, whatever layout, width or container they come in."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from typing import Any

import pytest
from made_questions import code_question, text

from app.bank.schema import Code
from app.grading.cases import prepare
from app.grading.code import grade_code
from app.grading.verdict import Verdict
from app.sandbox import Sandbox

LAYOUTS = {
    "transposed": "base.T",
    "reversed": "base[::-1, ::-1]",
    "every-second": "base[::2, 1:]",
    "broadcast": "np.broadcast_to(base[0], (3, 4))",
    "fortran": "np.asfortranarray(base)",
    "byte-swapped": "base.astype('>f8')",
    "float32": "base.astype(np.float32)",
    "integers": "base.astype(np.int16)",
    "no-axis": "np.array(2.5)",
    "list": "base.tolist()",
    "tuple-of-rows": "tuple(base)",
}
RESULTS = {
    "as-it-is": "y",
    "transposed-twice": "np.ascontiguousarray(y.T).T",
    "a-view-backwards": "y[::-1].copy()[::-1]",
    "strided": "np.repeat(y, 2, axis=0)[::2]",
    "fortran": "np.asfortranarray(y)",
    "float32": "y.astype(np.float32)",
    "byte-swapped": "y.astype('>f8')",
    "list": "y.tolist()",
    "tuple-of-rows": "tuple(y)",
    "read-only": "np.broadcast_to(y, y.shape)",
}
TORCH_LAYOUTS = {
    "transposed": "base.t()",
    "expanded": "base[0].expand(3, 4)",
    "every-second": "base[::2, 1:]",
    "flipped": "base.flip(0)",
    "with-gradient": "base.clone().requires_grad_()",
    "float32": "base.float()",
}
TORCH_RESULTS = {
    "as-it-is": "y",
    "transposed-twice": "y.t().contiguous().t()",
    "strided": "y.repeat_interleave(2, dim=0)[::2]",
    "with-graph": "y.clone().requires_grad_() * 1",
    "float32": "y.float()",
    "negated-twice": "torch.neg(torch._neg_view(y))",
}


def twice(layouts: dict[str, str], head: str, lib: str = "numpy") -> Code:
    """`double(x)` with a case for each layout of a 3×4 array."""
    cases = "".join(f'    yield {{"name": "{name}", "args": [{layout}]}}\n' for name, layout in layouts.items())
    first = '    yield {"name": "plain", "args": [base], "hidden": False}\n'
    return code_question(
        lib=lib,
        allowed_imports=[lib],
        cases=f"import numpy as np\n{head}{first}{cases}",
        case_titles={name: text(name) for name in ("plain", *layouts)},
        reference=(
            "import numpy as np\ndef double(x):\n    return 2 * np.array(x)\n"
            if lib == "numpy"
            else "def double(x):\n    return 2 * x\n"
        ),
    )


NUMPY_QUESTION = twice(LAYOUTS, "def cases(rng):\n    base = rng.integers(-9, 9, (3, 4)) + 0.0\n")
TORCH_QUESTION = twice(
    TORCH_LAYOUTS,
    "import torch\ndef cases(rng):\n    base = torch.from_numpy(rng.integers(-9, 9, (3, 4)) + 0.0)\n",
    "torch",
)


@pytest.mark.parametrize("result", RESULTS)
def test_arrays_count_by_their_values_in_and_out(sandbox: Sandbox, result: str) -> None:
    returned = RESULTS[result]
    source = f"import numpy as np\ndef double(x):\n    y = 2 * np.asarray(x)\n    return {returned} if y.ndim else y\n"
    report = grade_code(NUMPY_QUESTION, source, sandbox=sandbox, mode="submit", seed=1)
    assert [(case.name, case.message.en) for case in report.cases if case.verdict is not Verdict.accepted] == []


def test_every_solution_gets_fresh_writable_arrays_in_plain_order(sandbox: Sandbox) -> None:
    spoilt = "        x[...] = 0\n"
    source = (
        "import numpy as np\ndef double(x):\n    y = 2 * np.array(x)\n"
        "    if isinstance(x, np.ndarray):\n"
        "        assert x.flags.c_contiguous and x.flags.writeable and x.dtype.isnative, x.flags\n"
        f"{spoilt}    return y\n"
    )
    question = NUMPY_QUESTION.model_copy(
        update={"contract": NUMPY_QUESTION.contract.model_copy(update={"mutation": "allowed"})}
    )
    for _ in range(2):
        assert grade_code(question, source, sandbox=sandbox, mode="submit", seed=1).verdict is Verdict.accepted


@pytest.fixture(scope="module")
def torch_sandbox() -> Iterator[Sandbox]:
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    with Sandbox(("torch",)) as made:
        yield made


@pytest.mark.parametrize("result", TORCH_RESULTS)
def test_tensors_count_by_their_values_in_and_out(torch_sandbox: Sandbox, result: str) -> None:
    source = f"import torch\ndef double(x):\n    y = 2 * x\n    return {TORCH_RESULTS[result]}\n"
    report = grade_code(TORCH_QUESTION, source, sandbox=torch_sandbox, mode="submit", seed=1)
    assert [(case.name, case.message.en) for case in report.cases if case.verdict is not Verdict.accepted] == []


def test_tensors_arrive_dense_and_without_gradient_and_as_they_were_drawn(torch_sandbox: Sandbox) -> None:
    source = (
        "def double(x):\n    assert x.is_contiguous() and not x.requires_grad and str(x.device) == 'cpu'\n"
        "    return 2 * x\n"
    )
    report = grade_code(TORCH_QUESTION, source, sandbox=torch_sandbox, mode="submit", seed=1)
    assert report.verdict is Verdict.accepted
    drawn: dict[str, Any] = {case.name: case.args[0] for case in prepare(TORCH_QUESTION, torch_sandbox, 1).cases}
    assert drawn["transposed"].array.tolist() == drawn["plain"].array.T.tolist()
    assert drawn["flipped"].array.tolist() == drawn["plain"].array[::-1].tolist()
