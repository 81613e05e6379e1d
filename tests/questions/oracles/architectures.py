"""Architectures: blocks and layers as PyTorch's own modules and functions compute them."""

from __future__ import annotations

from typing import Any

import numpy as np
from oracle import Oracle

Array = np.ndarray
Norm = dict[str, Any]
TORCH = ("torch",)


def tensor(array: Array) -> Any:
    import torch  # heavy: only where it is wanted

    return torch.from_numpy(np.asarray(array, dtype=np.float64))


def batch_norm(t: Any, bn: Norm) -> Any:
    import torch  # as above

    mean, var, gamma, beta = (tensor(bn[name]) for name in ("mean", "var", "gamma", "beta"))
    return torch.nn.functional.batch_norm(t, mean, var, gamma, beta, eps=bn["eps"])


def norm(rng: np.random.Generator, channels: int) -> Norm:
    gamma, beta, mean = rng.normal(size=(3, channels))
    var = rng.uniform(0, 2, channels)
    return {"gamma": gamma, "beta": beta, "mean": mean, "var": var, "eps": float(rng.choice([1e-3, 0.1]))}


def basic_block(x: Array, w1: Array, w2: Array, bn1: Norm, bn2: Norm, stride: int, w_proj: Array | None) -> Array:
    from torch.nn.functional import conv2d, relu  # as above

    inner = relu(batch_norm(conv2d(tensor(x), tensor(w1), stride=stride, padding=1), bn1))
    branch = batch_norm(conv2d(inner, tensor(w2), padding=1), bn2)
    if w_proj is None:
        if stride > 1 or len(w1) != x.shape[1]:
            raise ValueError
        return relu(branch + tensor(x)).numpy()
    return relu(branch + conv2d(tensor(x), tensor(w_proj), stride=stride)).numpy()


def blocks(rng: np.random.Generator) -> tuple[object, ...]:
    """Now and then without a projection where one is needed."""
    n, c, c2, height, width, stride = (int(v) for v in rng.integers((0, 1, 1, 1, 1, 1), (3, 4, 4, 7, 7, 4)))
    if rng.integers(3) == 0:
        c2, stride = c, 1
    projected = bool(rng.integers(4))
    return (
        rng.normal(size=(n, c, height, width)),
        rng.normal(size=(c2, c, 3, 3)),
        rng.normal(size=(c2, c2, 3, 3)),
        norm(rng, c2),
        norm(rng, c2),
        stride,
        rng.normal(size=(c2, c, 1, 1)) if projected else None,
    )


def squeeze_and_excitation(x: Array, w1: Array, b1: Array, w2: Array, b2: Array) -> Array:
    from torch.nn.functional import linear, relu  # as above

    pooled = tensor(x).flatten(2).mean(2)
    gates = linear(relu(linear(pooled, tensor(w1), tensor(b1))), tensor(w2), tensor(b2)).sigmoid()
    return (tensor(x) * gates.unsqueeze(2).unsqueeze(3)).numpy()


def gated_maps(rng: np.random.Generator) -> tuple[object, ...]:
    """Some with arguments of the sigmoid that would overflow an exponential."""
    n, c, r, height, width = (int(v) for v in rng.integers((0, 1, 1, 1, 1), (4, 7, 5, 5, 5)))
    scale = float(rng.choice([0.1, 1, 50]))
    x = rng.integers(-9, 9, (n, c, height, width)) if rng.integers(2) else rng.normal(size=(n, c, height, width))
    return x, *(scale * rng.normal(size=shape) for shape in ((r, c), (r,), (c, r), (c,)))


def attention(q: Array, k: Array, v: Array, mask: Array | None = None) -> list[Array]:
    """PyTorch's own function, which gives the weights too where the values are the unit vectors."""
    import torch  # as above

    def expanded(array: Array) -> Any:
        return tensor(array).expand(*q.shape[:-2], *array.shape[-2:])

    keep = None if mask is None else torch.from_numpy(mask)
    return [
        torch.nn.functional.scaled_dot_product_attention(tensor(q), expanded(k), expanded(values), keep).numpy()
        for values in (v, np.eye(k.shape[-2]))
    ]


def queries_and_keys(rng: np.random.Generator) -> tuple[object, ...]:
    """Heads that share keys, masks that leave nothing, scores that would overflow."""
    lead = tuple(int(n) for n in rng.integers(1, 4, int(rng.integers(0, 3))))
    length, keys, d, dv = (int(n) for n in rng.integers(1, 6, 4))
    shared = () if rng.integers(2) else lead
    scale = float(rng.choice([1, 10, 1000]))
    q = scale * rng.normal(size=(*lead, length, d))
    k, v = rng.normal(size=(*shared, keys, d)), rng.normal(size=(*lead, keys, dv))
    shape = (length, keys) if rng.integers(2) else (*lead, 1, keys)
    return q, k, v, rng.random(shape) < rng.choice([0.3, 0.8]) if rng.integers(3) else None


def multi_head(x: Array, wq: Array, wk: Array, wv: Array, wo: Array, h: int) -> Array:
    import torch  # as above

    width = x.shape[-1]
    if (width // h) * h != width:
        raise ValueError
    inputs = (tensor(x).transpose(0, 1),) * 3  # positions first, as this function wants it
    projections = tensor(np.concatenate([wq, wk, wv]))
    output, _ = torch.nn.functional.multi_head_attention_forward(
        *inputs, width, h, projections, None, None, None, False, 0.0, tensor(wo), None, need_weights=False
    )
    return output.transpose(0, 1).numpy()


def sequences(rng: np.random.Generator) -> tuple[object, ...]:
    """Now and then with heads that do not divide the width."""
    n, length, h, d = (int(v) for v in rng.integers(1, (4, 6, 4, 5)))
    width = h * d
    weights = rng.normal(size=(4, width, width)) * float(rng.choice([0.3, 1, 10]))
    return rng.normal(size=(n, length, width)), *weights, h + int(rng.random() < 0.1)


def patches_by_convolution(img: Array, p: int, w_e: Array, b: Array, cls: Array, pos: Array) -> Array:
    import torch  # as above

    n, c, height, width = img.shape
    if (height // p) * p != height or (width // p) * p != width:
        raise ValueError
    kernels = tensor(w_e).T.reshape(len(b), c, p, p)
    tokens = torch.nn.functional.conv2d(tensor(img), kernels, tensor(b), stride=p).flatten(2).transpose(1, 2)
    return (torch.cat([tensor(cls).expand(n, 1, -1), tokens], dim=1) + tensor(pos)).numpy()


def images_and_patch_sizes(rng: np.random.Generator) -> tuple[object, ...]:
    """Most of them divisible."""
    n, c, rows, columns, p, d = (int(v) for v in rng.integers((0, 1, 1, 1, 1, 1), (4, 4, 5, 5, 5, 6)))
    height, width = (count * p + int(p > 1 and rng.random() < 0.05) for count in (rows, columns))
    img, w_e = rng.normal(size=(n, c, height, width)), rng.normal(size=(c * p * p, d))
    return img, p, w_e, rng.normal(size=d), rng.normal(size=d), rng.normal(size=(1 + rows * columns, d))


def probed_by_unit_pixels(
    w3: Array, bn3: Norm, w1: Array, bn1: Norm, bn_id: Norm | None, groups: int
) -> tuple[Array, Array]:
    """The branches run as they are: a black image gives the bias, a lit pixel the kernel of its channel."""
    import torch  # as above

    c = w3.shape[1] * groups
    if bn_id is not None and len(w3) != c:
        raise ValueError

    def block(x: Any) -> Any:
        conv = torch.nn.functional.conv2d
        y = batch_norm(conv(x, tensor(w3), padding=1, groups=groups), bn3)
        y = y + batch_norm(conv(x, tensor(w1), groups=groups), bn1)
        return y if bn_id is None else y + batch_norm(x, bn_id)

    black = torch.zeros(1, c, 5, 5, dtype=torch.float64)
    bias = block(black)[0, :, 2, 2]
    kernel = np.empty(w3.shape)
    for channel in range(c):
        lit = black.clone()
        lit[0, channel, 2, 2] = 1
        response = (block(lit)[0] - bias[:, None, None])[:, 1:4, 1:4].flip(1, 2).numpy()
        group, number = divmod(channel, w3.shape[1])
        outputs = slice(group * len(w3) // groups, (group + 1) * len(w3) // groups)
        kernel[outputs, number] = response[outputs]
    return kernel, bias.numpy()


def repvgg_blocks(rng: np.random.Generator) -> tuple[object, ...]:
    """Many with groups, now and then with an identity that does not fit."""
    groups, a, b = (int(v) for v in rng.integers(1, 4, 3))
    c, c2 = a * groups, (a if rng.integers(2) else b) * groups
    w3, w1 = (rng.normal(size=(c2, a, size, size)) for size in (3, 1))
    has_identity = rng.random() < (0.8 if c == c2 else 0.2)
    return w3, norm(rng, c2), w1, norm(rng, c2), norm(rng, c2) if has_identity else None, groups


def fused_by_torch(
    w: Array, b: Array | None, gamma: Array, beta: Array, mean: Array, var: Array, eps: float = 1e-5
) -> tuple[Array, Array]:
    from torch.nn.utils.fusion import fuse_conv_bn_weights  # as above

    old_bias = None if b is None else tensor(b)
    weight, bias = fuse_conv_bn_weights(
        tensor(w), old_bias, tensor(mean), tensor(var), eps, tensor(gamma), tensor(beta)
    )
    return weight.detach().numpy(), bias.detach().numpy()


def kernels_and_statistics(rng: np.random.Generator) -> tuple[object, ...]:
    """Some without a bias, some with the default eps, some variances 0."""
    shape = tuple(int(v) for v in rng.integers(1, 6, 4))
    gamma, beta, mean, b = rng.normal(size=(4, shape[0]))
    var = rng.uniform(0, 2, shape[0]) * rng.integers(0, 4, shape[0]).clip(max=1)
    eps = (float(rng.choice([1e-3, 0.5])),) if rng.integers(2) else ()
    return rng.normal(size=shape), b if rng.integers(2) else None, gamma, beta, mean, var, *eps


ORACLES = [
    Oracle("residual-block", basic_block, blocks, needs=TORCH),
    Oracle("se-block", squeeze_and_excitation, gated_maps, needs=TORCH),
    Oracle("scaled-dot-product-attention", attention, queries_and_keys, needs=TORCH),
    Oracle("multi-head-attention", multi_head, sequences, needs=TORCH),
    Oracle("vit-patch-embed", patches_by_convolution, images_and_patch_sizes, needs=TORCH),
    Oracle("repvgg-fuse", probed_by_unit_pixels, repvgg_blocks, atol=1e-11, needs=TORCH),
    Oracle("fuse-conv-bn", fused_by_torch, kernels_and_statistics, needs=TORCH),
]
