"""Lightweight networks: layers as PyTorch has them, and written another way."""

from __future__ import annotations

from fractions import Fraction

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


def folded_block(x: Array, w_exp: Array | None, w_dw: Array, w_proj: Array, bn: list[dict], stride: int) -> Array:
    """BN folded into weights and a bias, then pixel by pixel: an output pixel draws on a 3×3 patch of wide vectors."""

    def folded(weights: Array, statistics: dict) -> tuple[Array, Array]:
        scale = statistics["gamma"] * (statistics["var"] + statistics["eps"]) ** -0.5
        return scale[:, None] * weights, statistics["beta"] - scale * statistics["mean"]

    filters, filter_bias = folded(w_dw.reshape(len(w_dw), 9), bn[1])
    project, project_bias = folded(w_proj, bn[2])
    n, c, height, width = x.shape
    shortcut = stride == 1 and c == len(w_proj)

    def wide(image: Array, r: int, s: int) -> Array:
        if not (0 <= r < height and 0 <= s < width):
            return np.zeros(len(w_dw))
        if w_exp is None:
            return image[:, r, s]
        expand, expand_bias = folded(w_exp, bn[0])
        return np.minimum(np.maximum(expand @ image[:, r, s] + expand_bias, 0), 6)

    def pixel(image: Array, r: int, s: int) -> Array:
        patch = np.stack([wide(image, r + u, s + v) for u in (-1, 0, 1) for v in (-1, 0, 1)], axis=1)
        filtered = np.minimum(np.maximum((patch * filters).sum(axis=1) + filter_bias, 0), 6)
        return project @ filtered + project_bias + (image[:, r, s] if shortcut else 0)

    places = [[(r, s) for s in range(0, width, stride)] for r in range(0, height, stride)]
    shape = (n, len(places), len(places[0]), len(w_proj))
    pixels = [pixel(image, r, s) for image in x for row in places for r, s in row]
    return np.array(pixels).reshape(shape).transpose(0, 3, 1, 2)


def block_by_torch(x: Array, w_exp: Array | None, w_dw: Array, w_proj: Array, bn: list[dict], stride: int) -> Array:
    import torch

    functional, tensor = torch.nn.functional, torch.from_numpy

    def layer(z: torch.Tensor, weight: Array, p: dict, **how: int) -> torch.Tensor:
        z = functional.conv2d(z, tensor(weight), **how)
        return functional.batch_norm(z, *(tensor(p[key]) for key in ("mean", "var", "gamma", "beta")), eps=p["eps"])

    z = tensor(x)
    if w_exp is not None:
        z = functional.relu6(layer(z, w_exp[:, :, None, None], bn[0]))
    z = functional.relu6(layer(z, w_dw, bn[1], stride=stride, padding=1, groups=len(w_dw)))
    z = layer(z, w_proj[:, :, None, None], bn[2])
    return (z + tensor(x) if stride == 1 and x.shape[1] == len(w_proj) else z).numpy()


def inverted_blocks(rng: np.random.Generator) -> Args:
    c, c2, t, n = (int(value) for value in rng.integers(1, 4, 4))
    height, width, stride = int(rng.integers(1, 6)), int(rng.integers(1, 6)), int(rng.integers(1, 3))
    expand = t > 1 or bool(rng.integers(2))

    def statistics(channels: int) -> dict:
        arrays = {"gamma": rng.normal(size=channels), "beta": rng.normal(size=channels)}
        arrays |= {"mean": rng.normal(size=channels), "var": rng.uniform(0.1, 4, channels)}
        return arrays | {"eps": float(rng.choice([1e-5, 1e-3, 0.5]))}

    bn = [statistics(c * t) if expand else None, statistics(c * t), statistics(c2)]
    weights = (
        rng.normal(size=(c * t, c)) if expand else None,
        rng.normal(size=(c * t, 1, 3, 3)),
        rng.normal(size=(c2, c * t)),
    )
    return rng.normal(0, float(rng.choice([0.1, 1, 10])), (n, c, height, width)), *weights, bn, stride


def three_pieces(x: Array) -> tuple[Array, Array]:
    """The value by its definition in exact fractions, the gradient as the slope of the piece."""

    def one(entry: float) -> tuple[Fraction, Fraction]:
        t = Fraction(entry)
        if not -3 < t < 3:
            return max(t, Fraction(0)), Fraction(int(t > 0))
        return t * (t + 3) / 6, t / 3 + Fraction(1, 2)

    pairs = np.array([one(entry) for entry in x.ravel().tolist()], dtype=float).reshape(-1, 2)
    return pairs[:, 0].reshape(x.shape), pairs[:, 1].reshape(x.shape)


def hardswish_by_torch(x: Array) -> tuple[Array, Array]:
    import torch

    leaf = torch.from_numpy(np.array(x, dtype=float)).requires_grad_()
    value = torch.nn.functional.hardswish(leaf)
    (gradient,) = torch.autograd.grad(value.sum(), leaf)
    return value.detach().numpy(), gradient.numpy()


def arrays_with_kinks(rng: np.random.Generator) -> Args:
    shape = tuple(int(value) for value in rng.integers(0, 5, int(rng.integers(0, 4))))
    x = rng.integers(-12, 13, shape) / 3 if rng.integers(2) else rng.normal(0, float(rng.choice([1, 3, 1e5])), shape)
    dtype = str(rng.choice(["float64", "float32", "int64", "int8"]))
    return (np.clip(x, -100, 100).astype(dtype) if dtype == "int8" else np.asarray(x).astype(dtype),)


def channel_by_channel(x: Array, g: int) -> Array:
    """The place of each channel by the formula."""
    each, rest = divmod(x.shape[1], g)
    if rest:
        raise ValueError
    y = np.zeros_like(x)
    for channel in range(x.shape[1]):
        i, j = divmod(channel, each)
        y[:, j * g + i] = x[:, channel]
    return y


def shuffle_by_torch(x: Array, g: int) -> Array:
    import torch

    return torch.nn.functional.channel_shuffle(torch.from_numpy(x), g).numpy()


def channels_in_groups(rng: np.random.Generator) -> Args:
    g, each = int(rng.integers(1, 6)), int(rng.integers(1, 6))
    return rng.normal(size=(int(rng.integers(1, 4)), g * each, *rng.integers(1, 4, 2))), g


def channels_and_any_groups(rng: np.random.Generator) -> Args:
    return rng.integers(-9, 10, (int(rng.integers(0, 3)), int(rng.integers(1, 9)), 2, 3)), int(rng.integers(1, 10))


ORACLES = [
    Oracle("depthwise-separable-conv", merged_kernel, separable_layers),
    Oracle("depthwise-separable-conv", merged_kernel, separable_layers_that_may_not_fit),
    Oracle("depthwise-separable-conv", grouped_by_torch, separable_layers, needs=("torch",)),
    Oracle("inverted-residual", folded_block, inverted_blocks),
    Oracle("inverted-residual", block_by_torch, inverted_blocks, needs=("torch",)),
    Oracle("hard-swish", three_pieces, arrays_with_kinks),
    Oracle("hard-swish", hardswish_by_torch, arrays_with_kinks, needs=("torch",)),
    Oracle("channel-shuffle", channel_by_channel, channels_and_any_groups),
    Oracle("channel-shuffle", shuffle_by_torch, channels_in_groups, needs=("torch",)),
]
