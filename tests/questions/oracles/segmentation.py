"""Segmentation: pixel shuffle and U-Net's crop as PyTorch has them, and pixel by pixel."""

from __future__ import annotations

import numpy as np
from oracle import Oracle

Array = np.ndarray


def shuffled_by_torch(x: Array, r: int) -> Array:
    import torch

    try:
        return torch.nn.functional.pixel_shuffle(torch.from_numpy(x), r).numpy()
    except RuntimeError as error:  # channels that do not divide
        raise ValueError from error


def value_by_value(x: Array, r: int) -> Array:
    """By the formula, from the input's side."""
    n, channels, height, width = x.shape
    if channels % r**2:
        raise ValueError
    y = np.zeros((n, channels // r**2, height * r, width * r))
    for channel in range(channels):
        c, offset = divmod(channel, r**2)
        for h in range(height):
            for w in range(width):
                y[:, c, h * r + offset // r, w * r + offset % r] = x[:, channel, h, w]
    return y


def channels_and_factors(rng: np.random.Generator) -> tuple[object, ...]:
    """A few of them do not divide."""
    n, c, r, height, width = (int(value) for value in rng.integers(1, 5, 5))
    channels = c * r**2 + int(rng.random() < 0.2)
    return rng.normal(size=(n, channels, height, width)), r


ORACLES = [
    Oracle("pixel-shuffle", shuffled_by_torch, channels_and_factors, needs=("torch",)),
    Oracle("pixel-shuffle", value_by_value, channels_and_factors),
]
