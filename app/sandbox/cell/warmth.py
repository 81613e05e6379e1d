"""Everything done once so that no submission waits for it: imports, first-use costs, reproducible random states."""

from __future__ import annotations

import importlib
import random
import sys
import tempfile
from types import ModuleType
from typing import Any

import numpy as np

from . import failures
from .decoding import Decoder
from .encoding import Encoder
from .values import Tensor

# What answers commonly import; loading it here costs the child nothing.
_COMMON = (
    "abc", "bisect", "cmath", "collections", "contextlib", "copy", "dataclasses", "decimal", "enum", "fractions",
    "functools", "heapq", "itertools", "json", "linecache", "math", "numbers", "operator", "random", "re", "statistics",
    "string", "textwrap", "time", "traceback", "types", "typing", "warnings",
)  # fmt: skip

# A program like an answer: it makes the compiler, the interpreter and numpy touch the memory they will need.
_SOURCE = """
import math
from collections import defaultdict
from dataclasses import dataclass
import numpy as np

@dataclass
class Kept:
    index: int
    score: float = 0.0

def suppress(boxes, scores, threshold=0.5):
    '''Greedy, by descending score.'''
    if len(boxes) == 0:
        return np.zeros(0, dtype=np.int64)
    order = np.argsort(-scores, kind="stable")
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept, seen = [], defaultdict(int)
    while order.size > 0:
        i = order[0]
        kept.append(Kept(int(i), float(scores[i])))
        seen[int(i)] += 1
        low = np.maximum(boxes[i, :2], boxes[order[1:], :2])
        high = np.minimum(boxes[i, 2:], boxes[order[1:], 2:])
        inter = np.clip(high - low, 0, None).prod(axis=1)
        union = np.maximum(area[i] + area[order[1:]] - inter, 1e-9)
        order = order[1:][inter / union <= threshold]
    return np.array([k.index for k in kept])

def shapes(x, k=3):
    padded = np.pad(x, ((1, 1), (1, 1)), mode="constant")
    out = np.zeros_like(x)
    for i, row in enumerate(x):
        for j in range(len(row)):
            out[i, j] = (padded[i : i + k, j : j + k] * np.ones((k, k))).sum()
    grid = np.exp(-((np.arange(k)[:, None] - 1) ** 2 + (np.arange(k)[None, :] - 1) ** 2) / (2 * math.pi))
    soft = np.exp(x - x.max(axis=-1, keepdims=True))
    soft = soft / soft.sum(axis=-1, keepdims=True)
    mixed = np.concatenate([np.stack([out, soft]), np.where(x > 0, x, 0.0)[None]], axis=0)
    return mixed.astype(np.float32), grid.mean(), np.sqrt(np.einsum("ij,ij->i", x, x)), (x @ x.T).reshape(-1).argmax()
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
    module = ModuleType("solution")
    sys.modules["solution"] = module
    exec(compile(_SOURCE, failures.FILENAME, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 (our own text)
    boxes = np.array([[0.0, 0.0, 4.0, 4.0], [1.0, 1.0, 4.0, 5.0], [6.0, 6.0, 9.0, 9.0]])
    for _ in range(2):
        answer = module.suppress(boxes, np.array([0.3, 0.9, 0.5])), module.shapes(boxes)
        Decoder(Encoder(1 << 16).encode((answer, {"a": [1, None, True, 1.5, "x"]}))).decode()
    try:
        module.suppress(None, None)
    except Exception as error:
        failures.describe(error)
    del sys.modules["solution"]


# The same in a few lines, for every new child.
SHORT_SOURCE = """
import numpy as np

def overlap(a, b):
    '''Of two boxes.'''
    low = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    area = (a[2] - a[0]) * (a[3] - a[1])
    kept = [i for i in range(3) if area > 0]
    while kept:
        kept.pop()
    return float(low / area) if area else float(np.asarray(a + b[0]).sum())
"""


def exercise_torch() -> None:
    """Make torch's own first use happen here: it asks for processor details that are out of reach later."""
    torch = sys.modules["torch"]
    torch.set_num_threads(1)
    tempfile.tempdir = "/tmp"  # noqa: S108 (there is no such place; torch.optim asks for a name and writes nothing)
    weight = torch.ones(2, 2, requires_grad=True)
    (torch.ones(2, 2) @ weight).sum().backward()
    torch.nn.functional.conv2d(torch.ones(1, 1, 4, 4), torch.ones(1, 1, 3, 3))
    torch.optim.SGD([weight], lr=0.1).step()  # imports half of torch again, most of a second


def exercise_torch_again() -> None:
    """Touch in a child what most answers in torch touch: tensors made, indexed, reduced, differentiated."""
    torch = sys.modules["torch"]
    given: Any = to_torch(Tensor(np.ones((2, 4))))
    weight = torch.ones(4, 2, dtype=torch.float64, requires_grad=True)
    product = (given.clone() @ weight).clamp(min=0).softmax(-1)
    torch.maximum(product, product / 2).prod().backward()
    kept = torch.where(product > 0, product, torch.zeros_like(product))[:, 1:].sum()
    low, high = torch.minimum(given[0, :2], given[1, 2:]), given[1, 2:] - given[0, :2] / 2
    kept = kept + torch.cat([low, high]).mean() if (high - low).prod() > 0 else kept * 0
    Decoder(Encoder(1 << 16, from_torch).encode((kept, float(kept) if kept > 0 else 0.0)), to_torch).decode()


def seed() -> None:
    """Give every child the same random states, so that a verdict can be reproduced. They survive the fork."""
    np.random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


def seed_again() -> None:
    """As `seed`, for the one state that does not survive a fork."""
    random.seed(0)


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
