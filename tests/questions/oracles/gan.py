"""Generative adversarial networks: losses by PyTorch's own, image metrics in exact arithmetic and by OpenCV."""

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
    high = 65000 if kind == "uint16" else 250
    a = (rng.random(shape) * high).astype(kind)
    shape[-1] = 1 if rng.random() < 0.1 else shape[-1]
    b = (rng.random(shape) * 250).astype("uint8") if rng.integers(2) else (rng.random(shape) * high).astype(kind)
    return a, a.copy() if rng.random() < 0.1 else b, float(rng.choice([1, 255, 65535]))


def byte_images(rng: np.random.Generator) -> tuple[object, ...]:
    shape = (*(int(v) for v in rng.integers(1, 9, 2)), int(rng.choice([1, 3])))
    a, b = rng.integers(0, 256, (2, *shape), dtype=np.uint8)
    return a, b, float(rng.choice([1, 255]))


def losses_by_torch(real: Array, fake: Array, mode: str) -> tuple[float, float]:
    """Binary cross-entropy, squared error and margin losses against targets of 1 and 0 (or -1)."""
    import torch  # heavy: only where it is wanted
    from torch.nn import functional

    a, b = torch.from_numpy(real), torch.from_numpy(fake)
    ones, zeros = torch.ones_like, torch.zeros_like
    if mode in ("minimax", "non_saturating"):
        entropy = functional.binary_cross_entropy_with_logits
        generator = -entropy(b, zeros(b)) if mode == "minimax" else entropy(b, ones(b))
        losses = entropy(a, ones(a)) + entropy(b, zeros(b)), generator
    elif mode == "lsgan":
        losses = (
            (functional.mse_loss(a, ones(a)) + functional.mse_loss(b, zeros(b))) / 2,
            functional.mse_loss(b, ones(b)) / 2,
        )
    elif mode == "wgan":
        losses = b.mean() - a.mean(), -b.mean()
    elif mode == "hinge":
        margin = functional.hinge_embedding_loss  # for the target -1 the mean of max(0, 1 - x)
        losses = margin(a, -ones(a)) + margin(-b, -ones(b)), -b.mean()
    else:
        raise ValueError
    return losses[0].item(), losses[1].item()


def logits_and_modes(rng: np.random.Generator) -> tuple[object, ...]:
    """Batches of different length, some with logits that would overflow, now and then an unknown mode."""
    n, m = (int(v) for v in rng.integers(1, 9, 2))
    scale = float(rng.choice([1, 5, 500]))
    modes = ("minimax", "non_saturating", "lsgan", "wgan", "hinge", "relativistic")
    return rng.normal(0, scale, n), rng.normal(0, scale, m), modes[int(rng.integers(6))]


ORACLES = [
    Oracle("gan-losses", losses_by_torch, logits_and_modes, needs=("torch",)),
    Oracle("psnr", exact_psnr, images, rtol=1e-6),
    Oracle("psnr", psnr_by_opencv, byte_images),
]
