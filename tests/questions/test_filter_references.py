"""The references of the convolution and Gaussian questions agree with oracles written another way."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable

import numpy as np
import pytest
from bank_code import reference

Array = np.ndarray
ROUNDS = 200


def scattered(x: Array, w: Array, b: Array | None, stride: int, padding: int) -> Array:
    """Convolution the other way round: every input pixel adds itself to the outputs whose window holds it."""
    n, _, height, width = x.shape
    c_out, _, kh, kw = w.shape
    oh, ow = ((size + 2 * padding - k) // stride + 1 for size, k in ((height, kh), (width, kw)))
    y = np.zeros((n, c_out, oh, ow))
    for r in range(height):
        for c in range(width):
            for u in range(kh):
                for v in range(kw):
                    (i, rest_i), (j, rest_j) = divmod(r + padding - u, stride), divmod(c + padding - v, stride)
                    if rest_i == rest_j == 0 and 0 <= i < oh and 0 <= j < ow:
                        y[:, :, i, j] += x[:, :, r, c] @ w[:, :, u, v].T
    return y if b is None else y + b.reshape(-1, 1, 1)


def by_torch(x: Array, w: Array, b: Array | None, stride: int, padding: int) -> Array:
    import torch  # heavy: only where it is installed and wanted

    bias = None if b is None else torch.from_numpy(b)
    y = torch.nn.functional.conv2d(torch.from_numpy(x), torch.from_numpy(w), bias, stride, padding)
    return np.asarray(y.numpy())


ORACLES = [scattered] + [by_torch] * (importlib.util.find_spec("torch") is not None)


@pytest.mark.parametrize("oracle", ORACLES)
def test_conv2d_agrees_with_another_implementation(oracle: Callable[..., Array]) -> None:
    rng, conv2d = np.random.default_rng(21), reference("conv2d")
    for round_ in range(ROUNDS):
        c_in, c_out, kh, kw, stride = (int(value) for value in rng.integers(1, 5, 5))
        padding, n = int(rng.integers(0, 3)), int(rng.integers(1, 3))
        height, width = (max(1, k - 2 * padding) + int(rng.integers(0, 5)) for k in (kh, kw))
        x, w = rng.normal(size=(n, c_in, height, width)), rng.normal(size=(c_out, c_in, kh, kw))
        b = rng.normal(size=c_out) if round_ % 2 else None
        np.testing.assert_allclose(
            conv2d(x, w, b, stride, padding), oracle(x, w, b, stride, padding), rtol=1e-9, atol=1e-12
        )


def test_conv2d_raises_exactly_when_the_kernel_is_larger_than_the_padded_input() -> None:
    rng, conv2d = np.random.default_rng(22), reference("conv2d")
    for _ in range(ROUNDS):
        height, width, kh, kw = (int(value) for value in rng.integers(1, 6, 4))
        stride, padding = int(rng.integers(1, 4)), int(rng.integers(0, 2))
        x, w = np.ones((1, 1, height, width)), np.ones((1, 1, kh, kw))
        if kh > height + 2 * padding or kw > width + 2 * padding:
            with pytest.raises(ValueError, match="larger"):
                conv2d(x, w, None, stride, padding)
        else:
            assert conv2d(x, w, None, stride, padding).size > 0


def weights(ksize: int, sigma: float) -> list[list[float]]:
    """The kernel entry by entry, from OpenCV's documented formula, with sigma's rule in its linear form."""
    if sigma <= 0:
        sigma = 0.15 * ksize + 0.35
    half = ksize // 2
    line = [math.exp(-0.5 * (offset / sigma) ** 2) for offset in range(-half, half + 1)]
    total = math.fsum(p * q for p in line for q in line)
    return [[p * q / total for q in line] for p in line]


def test_gaussian_kernel_agrees_with_another_implementation() -> None:
    rng, gaussian_2d_kernel = np.random.default_rng(23), reference("gaussian-2d-kernel")
    for round_ in range(ROUNDS):
        ksize = 2 * int(rng.integers(0, 13)) + 1
        sigma = float(rng.uniform(0.2, 6)) if round_ % 2 else float(rng.integers(-2, 1))
        kernel = gaussian_2d_kernel(ksize, sigma)
        np.testing.assert_allclose(kernel, weights(ksize, sigma), rtol=1e-9, atol=1e-300)
        assert kernel.sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("ksize", [-4, -3, -1, 0, 2, 4, 100])
def test_gaussian_kernel_refuses_sizes_without_a_centre(ksize: int) -> None:
    with pytest.raises(ValueError, match="odd"):
        reference("gaussian-2d-kernel")(ksize, 1.0)


def test_gaussian_kernel_is_what_opencv_documents() -> None:
    """OpenCV's `getGaussianKernel` at sizes where it uses the formula, with figures of its documentation's rule."""
    line = reference("gaussian-2d-kernel")(11).sum(axis=0)  # sigma = 0.3 * (5 - 1) + 0.8 = 2
    assert line[6] / line[5] == pytest.approx(math.exp(-1 / 8))
    assert line[10] / line[5] == pytest.approx(math.exp(-25 / 8))
