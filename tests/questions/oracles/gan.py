"""Generative adversarial networks: image metrics in exact arithmetic and by OpenCV."""

from __future__ import annotations

import math
from fractions import Fraction

import cv2
import numpy as np
from oracle import Oracle

Array = np.ndarray


def exact_psnr(a: Array, b: Array, max_val: float) -> float:
    if a.shape != b.shape:
        raise ValueError
    squares = [(Fraction(p) - Fraction(q)) ** 2 for p, q in zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)]
    mse = sum(squares, Fraction(0)) / len(squares)
    return 10 * math.log10(Fraction(max_val) ** 2 / mse) if mse else math.inf


def psnr_by_opencv(a: Array, b: Array, max_val: float) -> float:
    return float(cv2.PSNR(a, b, max_val)) if np.any(a != b) else math.inf  # OpenCV: 361 dB for a difference of 0


def images(rng: np.random.Generator) -> tuple[object, ...]:
    """Of several dtypes, some of them equal, some of shapes that differ but broadcast."""
    shape = [int(v) for v in rng.integers(1, 5, int(rng.integers(1, 4)))]
    kind = ("uint8", "uint16", "int64", "float64", "float32")[int(rng.integers(5))]
    a = (rng.random(shape) * 250).astype(kind)
    shape[-1] = 1 if rng.random() < 0.1 else shape[-1]
    b = (rng.random(shape) * 250).astype("uint8" if rng.integers(2) else kind)
    return a, a.copy() if rng.random() < 0.1 else b, float(rng.choice([1, 255, 65535]))


def byte_images(rng: np.random.Generator) -> tuple[object, ...]:
    shape = (*(int(v) for v in rng.integers(1, 9, 2)), int(rng.choice([1, 3])))
    a, b = rng.integers(0, 256, (2, *shape), dtype=np.uint8)
    return a, b, float(rng.choice([1, 255]))


ORACLES = [
    Oracle("psnr", exact_psnr, images, rtol=1e-6),
    Oracle("psnr", psnr_by_opencv, byte_images),
]
