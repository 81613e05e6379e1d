"""CNN basics: convolutions as PyTorch has them, and the other way round."""

from __future__ import annotations

from typing import Any

import numpy as np
from oracle import Oracle

Array = np.ndarray


def torch_on_one_thread() -> Any:
    """Imported late, for it is heavy. On arrays as small as these, more threads would only wait for each other."""
    import torch

    torch.set_num_threads(1)
    return torch


def scattered(x: Array, w: Array, b: Array | None, stride: int, padding: int) -> Array:
    """Every input pixel adds itself to the outputs whose window holds it."""
    n, _, height, width = x.shape
    c_out, _, kh, kw = w.shape
    oh, ow = ((size + 2 * padding - k) // stride + 1 for size, k in ((height, kh), (width, kw)))
    if oh < 1 or ow < 1:
        raise ValueError
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
    torch = torch_on_one_thread()
    bias = None if b is None else torch.from_numpy(b)
    return torch.nn.functional.conv2d(torch.from_numpy(x), torch.from_numpy(w), bias, stride, padding).numpy()


def images_and_kernels(rng: np.random.Generator) -> tuple[Array, Array, Array | None, int, int]:
    c_in, c_out, kh, kw, stride = (int(value) for value in rng.integers(1, 5, 5))
    padding, n = int(rng.integers(0, 3)), int(rng.integers(1, 3))
    height, width = (max(1, k - 2 * padding) + int(rng.integers(0, 5)) for k in (kh, kw))
    x, w = rng.normal(size=(n, c_in, height, width)), rng.normal(size=(c_out, c_in, kh, kw))
    return x, w, rng.normal(size=c_out) if rng.integers(2) else None, stride, padding


def kernels_that_may_be_too_large(rng: np.random.Generator) -> tuple[object, ...]:
    height, width, kh, kw = (int(value) for value in rng.integers(1, 6, 4))
    x, w = np.ones((1, 1, height, width)), np.ones((1, 1, kh, kw))
    return x, w, None, int(rng.integers(1, 4)), int(rng.integers(0, 2))


def dilated_by_torch(x: Array, w: Array, dilation: int, stride: int, padding: int) -> Array:
    torch = torch_on_one_thread()
    if any(d + 2 * padding < dilation * (k - 1) + 1 for d, k in zip(x.shape[2:], w.shape[2:], strict=True)):
        raise ValueError  # torch has an error of its own
    images = torch.from_numpy(np.asarray(x, dtype=float))
    return torch.nn.functional.conv2d(images, torch.from_numpy(w), None, stride, padding, dilation).numpy()


def in_phases(x: Array, w: Array, dilation: int, stride: int, padding: int) -> Array:
    """Plain convolutions of the d × d phases of the image, interleaved; then every stride-th output."""
    sides = (padding, padding)
    padded = np.pad(x, ((0, 0), (0, 0), sides, sides))
    oh, ow = (size - dilation * (k - 1) for size, k in zip(padded.shape[2:], w.shape[2:], strict=True))
    if oh < 1 or ow < 1:
        raise ValueError
    y = np.zeros((len(x), len(w), oh, ow))
    for a in range(min(dilation, oh)):
        for b in range(min(dilation, ow)):
            y[:, :, a::dilation, b::dilation] = scattered(padded[:, :, a::dilation, b::dilation], w, None, 1, 0)
    return y[:, :, ::stride, ::stride]


def dilated_kernels(rng: np.random.Generator) -> tuple[object, ...]:
    """A few of them too large; some images of integers, some batches empty."""
    c_in, c_out, kh, kw, dilation, stride = (int(value) for value in rng.integers(1, 4, 6))
    padding, n = int(rng.integers(0, 3)), int(rng.integers(0, 3))
    height, width = (max(1, dilation * (k - 1) - 2 * padding + int(rng.integers(0, 6))) for k in (kh, kw))
    x, w = rng.normal(size=(n, c_in, height, width)), rng.normal(size=(c_out, c_in, kh, kw))
    return np.round(3 * x).astype(int) if rng.integers(2) else x, w, dilation, stride, padding


def upscaled(x: Array, w: Array, stride: int, padding: int, output_padding: int) -> list[int]:
    """The sides of the output of a transposed convolution."""
    sides = zip(x.shape[2:], w.shape[2:], strict=True)
    sizes = [(size - 1) * stride - 2 * padding + k + output_padding for size, k in sides]
    if output_padding >= stride or min(sizes) < 1:
        raise ValueError
    return sizes


def transposed_by_torch(x: Array, w: Array, stride: int, padding: int, output_padding: int) -> Array:
    torch = torch_on_one_thread()
    upscaled(x, w, stride, padding, output_padding)  # torch has an error of its own
    images, kernel = torch.from_numpy(np.asarray(x, dtype=float)), torch.from_numpy(w)
    return torch.nn.functional.conv_transpose2d(images, kernel, None, stride, padding, output_padding).numpy()


def transposed_matrix(x: Array, w: Array, stride: int, padding: int, output_padding: int) -> Array:
    """The matrix of the convolution that goes the other way, row by row, and then its transpose."""
    n, _, height, width = x.shape
    c_out, sizes = w.shape[1], upscaled(x, w, stride, padding, output_padding)
    units = np.eye(c_out * sizes[0] * sizes[1]).reshape(-1, c_out, *sizes)
    matrix = scattered(units, w, None, stride, padding)[:, :, :height, :width].reshape(len(units), -1)
    return (x.reshape(n, matrix.shape[1]) @ matrix.T).reshape(n, c_out, *sizes)


def upscaling_kernels(rng: np.random.Generator) -> tuple[object, ...]:
    """A few with too much padding or output padding; some images of integers, some batches empty."""
    c_in, c_out, kh, kw, stride, height, width = (int(value) for value in rng.integers(1, 5, 7))
    padding, n = int(rng.integers(0, 3)), int(rng.integers(0, 3))
    x, w = rng.normal(size=(n, c_in, height, width)), rng.normal(size=(c_in, c_out, kh, kw))
    output_padding = int(rng.integers(0, stride + (rng.random() < 0.2)))
    return np.round(3 * x).astype(int) if rng.integers(2) else x, w, stride, padding, output_padding


def unfolded_by_torch(x: Array, kh: int, kw: int, stride: int, padding: int) -> Array:
    torch = torch_on_one_thread()
    if min(size + 2 * padding - k for size, k in zip(x.shape[2:], (kh, kw), strict=True)) < 0:
        raise ValueError  # torch has an error of its own
    return torch.nn.functional.unfold(torch.from_numpy(x), (kh, kw), 1, padding, stride).numpy()


def by_unit_kernels(x: Array, kh: int, kw: int, stride: int, padding: int) -> Array:
    """Each row of the columns is what a kernel with a single 1 sees."""
    units = np.eye(x.shape[1] * kh * kw).reshape(-1, x.shape[1], kh, kw)
    seen = scattered(x, units, None, stride, padding)
    return seen.reshape(*seen.shape[:2], -1)


def images_and_windows(rng: np.random.Generator) -> tuple[object, ...]:
    """A few windows too large."""
    n, c, height, width, kh, kw, stride = (int(value) for value in rng.integers(1, (3, 4, 8, 8, 5, 5, 4)))
    return rng.normal(size=(n, c, height, width)), kh, kw, stride, int(rng.integers(0, 3))


def folded_by_torch(cols: Array, image_hw: tuple[int, int], kh: int, kw: int, stride: int, padding: int) -> Array:
    torch = torch_on_one_thread()
    return torch.nn.functional.fold(torch.from_numpy(cols), image_hw, (kh, kw), 1, padding, stride).numpy()


def pixel_by_pixel(cols: Array, image_hw: tuple[int, int], kh: int, kw: int, stride: int, padding: int) -> Array:
    """Im2col of the numbers of the pixels tells which entries belong to each."""
    n, rows, c = len(cols), cols.shape[1], cols.shape[1] // (kh * kw)
    numbers = np.arange(1.0, 1 + c * image_hw[0] * image_hw[1]).reshape(1, c, *image_hw)
    source = by_unit_kernels(numbers, kh, kw, stride, padding).reshape(rows, -1)
    sums = [cols[:, source == number].sum(axis=1) for number in numbers.ravel()]
    return np.array(sums).T.reshape(n, c, *image_hw)


def columns_of_images(rng: np.random.Generator) -> tuple[object, ...]:
    c, height, width, kh, kw, stride = (int(value) for value in rng.integers(1, (4, 7, 7, 5, 5, 4)))
    padding, n = int(rng.integers(0, 3)), int(rng.integers(1, 3))
    height, width = max(height, kh - 2 * padding), max(width, kw - 2 * padding)
    oh, ow = ((size + 2 * padding - k) // stride + 1 for size, k in ((height, kh), (width, kw)))
    return rng.normal(size=(n, c * kh * kw, oh * ow)), (height, width), kh, kw, stride, padding


def by_autograd(dy: Array, x: Array, w: Array, stride: int, padding: int) -> tuple[Array, ...]:
    torch = torch_on_one_thread()
    leaves = [torch.from_numpy(np.asarray(a, dtype=float)).requires_grad_() for a in (x, w, np.zeros(len(w)))]
    y = torch.nn.functional.conv2d(*leaves, stride, padding)
    return tuple(grad.numpy() for grad in torch.autograd.grad(y, leaves, torch.from_numpy(dy)))


def unit_by_unit(dy: Array, x: Array, w: Array, stride: int, padding: int) -> tuple[Array, ...]:
    """The output is linear in weights and image: an entry's gradient is dy times what a lone 1 in its place gives."""
    seen = by_unit_kernels(x, *w.shape[2:], stride, padding)
    dw = np.einsum("nol,nkl->ok", dy.reshape(*dy.shape[:2], seen.shape[2]), seen)
    pixels = np.eye(x[0].size).reshape(-1, *x.shape[1:])
    dx = np.einsum("nohw,pohw->np", dy, scattered(pixels, w, None, stride, padding))
    return dx.reshape(x.shape), dw.reshape(w.shape), np.einsum("nohw->o", dy)


def gradients_of_outputs(rng: np.random.Generator) -> tuple[object, ...]:
    """Some images of integers."""
    x, w, _, stride, padding = images_and_kernels(rng)
    sizes = [(x.shape[axis] + 2 * padding - w.shape[axis]) // stride + 1 for axis in (2, 3)]
    x = np.round(3 * x).astype(int) if rng.integers(2) else x
    return rng.normal(size=(len(x), len(w), *sizes)), x, w, stride, padding


def grouped_by_torch(x: Array, w: Array, g: int, stride: int, padding: int) -> Array:
    torch = torch_on_one_thread()
    images = torch.from_numpy(np.asarray(x, dtype=float))
    try:
        return torch.nn.functional.conv2d(images, torch.from_numpy(w), None, stride, padding, 1, g).numpy()
    except RuntimeError as error:  # a kernel too large, or channels that do not fit the groups
        raise ValueError from error


def block_diagonal(x: Array, w: Array, g: int, stride: int, padding: int) -> Array:
    """The plain convolution with zeros wherever a kernel does not look."""
    c_in, c_out = x.shape[1], len(w)
    if c_in % g or c_out % g or w.shape[1] * g != c_in:
        raise ValueError
    full = np.zeros((c_out, c_in, *w.shape[2:]))
    for group in np.split(np.arange(c_out), g):
        start = group[0] // len(group) * w.shape[1]
        full[group, start : start + w.shape[1]] = w[group]
    return scattered(x, full, None, stride, padding)


def grouped_kernels(rng: np.random.Generator) -> tuple[object, ...]:
    """A few whose channels or sizes do not fit; some images of integers."""
    g, in_group, out_group, kh, kw, stride = (int(value) for value in rng.integers(1, 4, 6))
    padding, n = int(rng.integers(0, 3)), int(rng.integers(1, 3))
    height, width = (max(1, k - 2 * padding + int(rng.integers(-1, 5))) for k in (kh, kw))
    extra_in, extra_out = (int(value) for value in rng.random(2) < 0.1)
    x = rng.normal(size=(n, g * in_group + extra_in, height, width))
    w = rng.normal(size=(g * out_group + extra_out, in_group, kh, kw))
    return np.round(3 * x).astype(int) if rng.integers(2) else x, w, g, stride, padding


ORACLES = [
    Oracle("conv2d", scattered, images_and_kernels),
    Oracle("conv2d", by_torch, images_and_kernels, needs=("torch",)),
    Oracle("conv2d", scattered, kernels_that_may_be_too_large),
    Oracle("conv2d-backward", by_autograd, gradients_of_outputs, needs=("torch",)),
    Oracle("conv2d-backward", unit_by_unit, gradients_of_outputs),
    Oracle("conv2d-im2col", by_torch, images_and_kernels, needs=("torch",)),
    Oracle("conv2d-im2col", scattered, images_and_kernels),
    Oracle("conv2d-im2col", scattered, kernels_that_may_be_too_large),
    Oracle("grouped-conv2d", grouped_by_torch, grouped_kernels, needs=("torch",)),
    Oracle("grouped-conv2d", block_diagonal, grouped_kernels),
    Oracle("im2col", unfolded_by_torch, images_and_windows, needs=("torch",)),
    Oracle("im2col", by_unit_kernels, images_and_windows),
    Oracle("col2im", folded_by_torch, columns_of_images, needs=("torch",)),
    Oracle("col2im", pixel_by_pixel, columns_of_images),
    Oracle("dilated-conv2d", dilated_by_torch, dilated_kernels, needs=("torch",)),
    Oracle("dilated-conv2d", in_phases, dilated_kernels),
    Oracle("conv-transpose2d", transposed_by_torch, upscaling_kernels, needs=("torch",)),
    Oracle("conv-transpose2d", transposed_matrix, upscaling_kernels),
]
