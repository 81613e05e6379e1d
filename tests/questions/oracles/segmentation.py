"""Segmentation: pixel shuffle as PyTorch has it and value by value, U-Net's crop row by row."""

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


def trimmed(skip: Array, up: Array) -> Array:
    """Rows and columns are taken off one at a time: bottom and right first, then top and left, in turn."""
    for axis in (2, 3):
        surplus = skip.shape[axis] - up.shape[axis]
        if surplus < 0:
            raise ValueError
        for turn in range(surplus):
            skip = np.delete(skip, 0 if turn % 2 else -1, axis=axis)
    return np.array([[*a, *b] for a, b in zip(skip, up, strict=True)])


def maps_to_join(rng: np.random.Generator) -> tuple[object, ...]:
    """A few skips are too small; some maps hold integers."""
    n, c1, c2, height, width = (int(value) for value in rng.integers(1, 5, 5))
    more_height, more_width = (int(value) for value in rng.integers(-1, 7, 2))
    skip = rng.normal(size=(n, c1, max(1, height + more_height), max(1, width + more_width)))
    up = rng.normal(size=(n, c2, height, width))
    return (np.round(9 * skip).astype(int), np.round(9 * up).astype(int)) if rng.integers(2) else (skip, up)


ORACLES = [
    Oracle("pixel-shuffle", shuffled_by_torch, channels_and_factors, needs=("torch",)),
    Oracle("pixel-shuffle", value_by_value, channels_and_factors),
    Oracle("center-crop-concat", trimmed, maps_to_join),
]
