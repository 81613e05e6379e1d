"""Lightweight networks: layers as PyTorch has them, and written another way."""

from __future__ import annotations

import numpy as np
from oracle import Oracle

Array = np.ndarray
Args = tuple[object, ...]


def merged_kernel(x: Array, w_dw: Array, w_pw: Array, stride: int, padding: int) -> Array:
    """One dense convolution whose kernel is the product of the two, a window at a time."""
    n, m, height, width = x.shape
    k = w_dw.shape[-1]
    if k > min(height, width) + 2 * padding:
        raise ValueError
    padded = np.zeros((n, m, height + 2 * padding, width + 2 * padding))
    padded[:, :, padding : padding + height, padding : padding + width] = x
    kernel = (w_pw[:, :, None, None] * w_dw[None, :, 0]).reshape(len(w_pw), -1)
    rows, columns = (range(0, size - k + 1, stride) for size in padded.shape[2:])
    windows = [[padded[:, :, r : r + k, c : c + k].reshape(n, -1) @ kernel.T for c in columns] for r in rows]
    return np.transpose(windows, (2, 3, 0, 1))


def grouped_by_torch(x: Array, w_dw: Array, w_pw: Array, stride: int, padding: int) -> Array:
    import torch  # heavy: only where it is wanted

    conv2d, tensor = torch.nn.functional.conv2d, torch.from_numpy
    middle = conv2d(tensor(x), tensor(w_dw), None, stride, padding, groups=len(w_dw))
    return conv2d(middle, tensor(w_pw)[:, :, None, None]).numpy()


def separable_layers(rng: np.random.Generator) -> Args:
    m, c_out, k, stride = (int(value) for value in rng.integers(1, 5, 4))
    padding, n = int(rng.integers(0, 3)), int(rng.integers(1, 3))
    height, width = (max(1, k - 2 * padding) + int(value) for value in rng.integers(0, 5, 2))
    x = rng.normal(size=(n, m, height, width))
    return x, rng.normal(size=(m, 1, k, k)), rng.normal(size=(c_out, m)), stride, padding


def separable_layers_that_may_not_fit(rng: np.random.Generator) -> Args:
    height, width, k, m = (int(value) for value in rng.integers(1, 6, 4))
    x = rng.integers(-3, 4, (1, m, height, width))
    return x, rng.normal(size=(m, 1, k, k)), rng.normal(size=(2, m)), int(rng.integers(1, 4)), int(rng.integers(0, 2))


ORACLES = [
    Oracle("depthwise-separable-conv", merged_kernel, separable_layers),
    Oracle("depthwise-separable-conv", merged_kernel, separable_layers_that_may_not_fit),
    Oracle("depthwise-separable-conv", grouped_by_torch, separable_layers, needs=("torch",)),
]
