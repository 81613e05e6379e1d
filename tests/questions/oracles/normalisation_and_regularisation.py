"""Normalisation and regularisation: PyTorch's functions, its autograd, and exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from oracle import Oracle

Args = tuple[object, ...]
Array = np.ndarray


def by_torch_batch_norm(
    x: Array,
    gamma: Array,
    beta: Array,
    running_mean: Array,
    running_var: Array,
    training: bool,
    momentum: float,
    eps: float,
) -> tuple[Array, Array, Array]:
    """PyTorch, too, refuses a single number a channel in training with a ValueError."""
    import torch  # heavy: only where it is wanted

    mean, var = torch.from_numpy(running_mean.copy()), torch.from_numpy(running_var.copy())
    weights = torch.from_numpy(gamma), torch.from_numpy(beta)
    y = torch.nn.functional.batch_norm(torch.from_numpy(x), mean, var, *weights, training, momentum, eps)
    return y.numpy(), mean.numpy(), var.numpy()


def maps(rng: np.random.Generator) -> Array:
    """(N, C, H, W), every axis often 1, sometimes far from zero or constant."""
    x = rng.normal(rng.normal() * 5, rng.uniform(0.1, 4), rng.integers(1, 5, 4))
    return np.full_like(x, 0.5) if rng.integers(8) == 0 else x


def layers(rng: np.random.Generator) -> Args:
    x = maps(rng)
    gamma, beta, mean = rng.normal(size=(3, x.shape[1]))
    momentum, eps = float(rng.choice([0.0, 0.1, 1.0, rng.uniform()])), 10 ** rng.uniform(-5, 0)
    return x, gamma, beta, mean, rng.uniform(0, 3, x.shape[1]), bool(rng.integers(2)), momentum, eps


def by_autograd(dy: Array, cache: dict[str, Array]) -> tuple[Array, Array, Array]:
    """The layer's input is found again up to a shift per channel, which changes no gradient."""
    import torch

    xhat, inv_std, gamma = (torch.from_numpy(cache[name]) for name in ("xhat", "inv_std", "gamma"))
    x = (xhat / inv_std[:, None, None]).requires_grad_()
    weights = gamma.clone().requires_grad_(), torch.zeros_like(gamma).requires_grad_()
    eps = inv_std**-2 - x.detach().var(dim=(0, 2, 3), unbiased=False)
    centred = x - x.mean(dim=(0, 2, 3), keepdim=True)
    std = ((centred**2).mean(dim=(0, 2, 3), keepdim=True) + eps[:, None, None]).sqrt()
    y = weights[0][:, None, None] * centred / std + weights[1][:, None, None]
    dx, dgamma, dbeta = torch.autograd.grad(y, (x, *weights), torch.from_numpy(dy))
    return dx.numpy(), dgamma.numpy(), dbeta.numpy()


def gradients(rng: np.random.Generator) -> Args:
    x = maps(rng)
    x = np.concatenate([x, x + 1]) if x[:, 0].size == 1 else x
    eps = 10 ** rng.uniform(-5, 0)
    inv_std = 1 / np.sqrt(x.var(axis=(0, 2, 3)) + eps)
    xhat = (x - x.mean(axis=(0, 2, 3), keepdims=True)) * inv_std[:, None, None]
    dy = np.ones(x.shape) if rng.integers(8) == 0 else rng.normal(size=x.shape)
    return dy, {"xhat": xhat, "inv_std": inv_std, "gamma": rng.normal(size=x.shape[1])}


def exact_merge(parts: list[tuple[int, Array, Array]]) -> tuple[int, Array, Array]:
    """E[x²] − E[x]² in fractions, where nothing cancels."""
    seen = [(n, list(map(Fraction, mean.tolist())), list(map(Fraction, var.tolist()))) for n, mean, var in parts if n]
    if not seen:
        raise ValueError
    total = sum(n for n, _, _ in seen)
    means, variances = [], []
    for c in range(len(seen[0][1])):
        mean = sum(n * mean[c] for n, mean, _ in seen) / total
        means.append(float(mean))
        variances.append(float(sum(n * (var[c] + m[c] ** 2) for n, m, var in seen) / total - mean**2))
    return total, np.array(means), np.array(variances)


def cards(rng: np.random.Generator) -> Args:
    """Up to five cards, often without data; their means now and then in the millions."""
    channels, centre = int(rng.integers(1, 4)), float(rng.choice([0, 1, 1e6]))
    parts = []
    for n in rng.integers(0, 9, int(rng.integers(0, 6))).tolist():
        mean, var = centre + rng.normal(size=channels), rng.uniform(0, 3, channels) * (n > 1)
        parts.append((n, mean, var) if n else (0, np.full(channels, np.nan), np.full(channels, np.nan)))
    return (parts,)


def by_torch_dropout(x: Array, p: float, training: bool, u: Array | None) -> tuple[Array, Array]:
    """The scale and the refusal of p are PyTorch's: of ones its dropout leaves the scale and zeros."""
    import torch

    if not training:
        torch.nn.functional.dropout(torch.ones(1), p, training=False)  # refuses p with a ValueError
        return x.astype(float), x == x
    once = torch.nn.functional.dropout(torch.ones(64, dtype=torch.float64), p, training=True)
    assert u is not None
    kept = np.array([not value < p for value in u.ravel().tolist()], dtype=bool).reshape(x.shape)
    return x * kept * float(once.max()), kept


def activations(rng: np.random.Generator) -> Args:
    x = rng.integers(-5, 6, rng.integers(0, 5, int(rng.integers(1, 4))))
    training = bool(rng.integers(2))
    p = float(rng.choice([0, 0.25, 0.5, 0.75, 1, -0.5, 1.5]))
    u = rng.integers(0, 8, x.shape) / 8
    return x if rng.integers(2) else x / 3, p, training, u if training else None


def by_torch_group_norm(x: Array, groups: int, gamma: Array, beta: Array, eps: float) -> Array:
    """The kernel below torch.nn.functional, which alone refuses a group of one number in a batch of one."""
    import torch

    if groups < 1 or x.shape[1] % groups != 0:
        raise ValueError
    weights = torch.from_numpy(gamma), torch.from_numpy(beta)
    return torch.group_norm(torch.from_numpy(x), groups, *weights, eps).numpy()


def grouped(rng: np.random.Generator) -> Args:
    x = maps(rng)
    x = np.repeat(x, int(rng.integers(1, 4)), axis=1) + rng.integers(0, 2) * rng.normal(size=(1, 1, 1, x.shape[3]))
    gamma, beta = rng.normal(size=(2, x.shape[1]))
    return x, int(rng.integers(-1, x.shape[1] + 2)), gamma, beta, 10 ** rng.uniform(-5, 0)


ORACLES = [
    Oracle("batchnorm2d-forward", by_torch_batch_norm, layers, needs=("torch",)),
    Oracle("batchnorm2d-backward", by_autograd, gradients, needs=("torch",)),
    Oracle("sync-bn-stats", exact_merge, cards, rtol=1e-7),
    Oracle("dropout-forward", by_torch_dropout, activations, needs=("torch",)),
    Oracle("group-norm", by_torch_group_norm, grouped, needs=("torch",)),
]
