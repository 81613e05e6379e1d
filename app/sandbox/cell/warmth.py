"""Everything done once so that no submission waits for it: imports, first-use costs, reproducible random states."""

from __future__ import annotations

import importlib
import random
import sys

import numpy as np

from . import failures
from .values import Tensor
from .wire import Decoder, Encoder

# What answers commonly import; loading it here costs the child nothing.
_COMMON = (
    "abc", "bisect", "cmath", "collections", "contextlib", "copy", "dataclasses", "decimal", "enum", "fractions", "functools",
    "heapq", "itertools", "json", "linecache", "math", "numbers", "operator", "random", "re", "statistics", "string", "textwrap",
    "time", "traceback", "types", "typing", "warnings",
)  # fmt: skip

_SOURCE = """
import numpy as np
def f(a, b):
    inter = np.maximum(0, np.minimum(a[:, 2:], b[:, 2:]) - np.maximum(a[:, :2], b[:, :2])).prod(axis=1)
    return inter / (a.sum(axis=1) + b[b.argsort(axis=0)[:, 0]].sum(axis=1)), [int(x) for x in np.where(inter > 0)[0]]
"""


def import_all(libraries: list[str]) -> None:
    """Import the libraries of this parent and the modules answers commonly use."""
    for name in (*_COMMON, *libraries):
        importlib.import_module(name)
    # Loaded on first use otherwise, which behind the walls would come out of the learner's time.
    for name in ("numpy.linalg", "numpy.random", "numpy.fft"):
        importlib.import_module(name)


def exercise() -> None:
    """Walk the road of a job once: compile, run, encode, decode, describe a failure."""
    namespace: dict[str, object] = {}
    exec(compile(_SOURCE, failures.FILENAME, "exec", dont_inherit=True), namespace)  # noqa: S102 (our own text)
    boxes = np.arange(12.0).reshape(3, 4)
    answer = namespace["f"](boxes, boxes)  # type: ignore[operator]  # defined by the text above
    Decoder(Encoder(1 << 16).encode((answer, {"a": 1}, None, True, 1.5, "x"))).decode()
    (boxes @ boxes.T).astype(np.float32)
    try:
        namespace["f"](None, None)  # type: ignore[operator]  # as above
    except Exception as error:
        failures.describe(error)


def exercise_torch() -> None:
    """Make torch's own first use happen here: it asks for processor details that are out of reach later."""
    torch = sys.modules["torch"]
    torch.set_num_threads(1)
    weight = torch.ones(2, 2, requires_grad=True)
    (torch.ones(2, 2) @ weight).sum().backward()
    torch.nn.functional.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 3, 3))


def seed() -> None:
    """Give every child the same random states, so that a verdict can be reproduced."""
    random.seed(0)
    np.random.seed(0)  # noqa: NPY002 (the legacy state is the one answers use without asking)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


def to_torch(value: Tensor) -> object:
    """Return the torch tensor that `value` stands for."""
    return sys.modules["torch"].from_numpy(value.array)


def from_torch(value: object) -> Tensor | None:
    """Return a dense torch tensor as data, None for anything else."""
    torch = sys.modules["torch"]
    if not issubclass(type(value), torch.Tensor):
        return None
    try:
        return Tensor(torch.Tensor.numpy(torch.Tensor.detach(value), force=True))
    except (TypeError, RuntimeError):  # sparse, quantised, bfloat16: numpy has no such array
        return None
