"""Image processing: kernels and filters as OpenCV has them, or entry by entry from its documented formulas."""

from __future__ import annotations

import math

import cv2
import numpy as np
from oracle import Oracle


def entry_by_entry(ksize: int, sigma: float) -> list[list[float]]:
    """A Gaussian kernel from the documented formula, with sigma's rule in its linear form."""
    if ksize <= 0 or ksize % 2 == 0:
        raise ValueError
    if sigma <= 0:
        sigma = 0.15 * ksize + 0.35
    half = ksize // 2
    line = [math.exp(-0.5 * (offset / sigma) ** 2) for offset in range(-half, half + 1)]
    total = math.fsum(p * q for p in line for q in line)
    return [[p * q / total for q in line] for p in line]


def by_opencv(ksize: int, sigma: float) -> np.ndarray:
    line = cv2.getGaussianKernel(ksize, sigma, cv2.CV_64F)
    return line @ line.T


def sizes_and_sigmas(rng: np.random.Generator) -> tuple[object, ...]:
    """Now and then a size that is refused, and a sigma that calls for the rule."""
    sigma = float(rng.uniform(0.2, 6)) if rng.integers(2) else float(rng.integers(-2, 1))
    return int(rng.integers(-3, 1) if rng.random() < 0.1 else rng.integers(1, 26)), sigma


def sizes_without_tables(rng: np.random.Generator) -> tuple[object, ...]:
    """OpenCV has fixed tables for small sizes without a sigma, which the question does not want."""
    large = bool(rng.integers(2))
    ksize = 2 * int(rng.integers(5 if large else 0, 13)) + 1
    return ksize, float(rng.integers(-2, 1)) if large else float(rng.uniform(0.2, 6))


ORACLES = [
    Oracle("gaussian-2d-kernel", entry_by_entry, sizes_and_sigmas, atol=1e-300),
    Oracle("gaussian-2d-kernel", by_opencv, sizes_without_tables),
]
