"""Classical machine learning, second part: LDA by SciPy's generalised eigenproblem."""

from __future__ import annotations

import numpy as np
from oracle import Oracle

Args = tuple[object, ...]


def lda_by_scipy(x: np.ndarray, y: np.ndarray, m: int, reg: float) -> np.ndarray:
    """Within-class scatter from differences of pairs, between-class scatter as what remains of the total."""
    from scipy.linalg import eigh

    labels, d = sorted(set(y.tolist())), x.shape[1]
    if m < 1 or m >= len(labels) or m > d:
        raise ValueError("m")
    within = np.zeros((d, d))
    for label in labels:
        group = x[y == label]
        differences = (group[:, None] - group[None]).reshape(-1, d)
        within += differences.T @ differences / (2 * len(group))
    between = len(x) * np.cov(x, rowvar=False, bias=True).reshape(d, d) - within
    _, vectors = eigh(between, within + reg * np.eye(d), subset_by_index=(d - m, d - 1))
    rows = vectors.T[::-1] / np.linalg.norm(vectors, axis=0)[::-1, None]
    largest = np.take_along_axis(rows, abs(rows).argmax(axis=1)[:, None], axis=1)
    return np.asarray(rows * np.sign(largest))


def labelled_clouds(rng: np.random.Generator) -> Args:
    """Of one class or more, some of one sample, sometimes integers or too few samples; m may be too large."""
    classes, d = int(rng.integers(1, 6)), int(rng.integers(1, 6))
    sizes = rng.integers(1, 8, classes)
    y = rng.permutation(np.repeat(rng.choice(np.arange(-50, 50), classes, replace=False), sizes))
    x = rng.normal(size=(len(y), d)) + 2 * rng.normal(size=(100, d))[y]
    if rng.integers(4) == 0:
        x = np.round(5 * x).astype(np.int64)
    scarce = len(y) - classes < d + 2
    return x, y, int(rng.integers(0, min(classes, d) + 1)), float(rng.uniform(0.2, 3)) if scarce or rng.integers(2) else 0.0


ORACLES = [
    Oracle("lda-directions", lda_by_scipy, labelled_clouds, rtol=1e-6, atol=1e-8, rounds=300, needs=("scipy",)),
]
