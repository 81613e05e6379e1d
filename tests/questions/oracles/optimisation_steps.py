"""Optimisation in NumPy: initialisers, clipping, losses and steps of optimisers against PyTorch's own."""

from __future__ import annotations

import math
import zlib
from typing import Any

import numpy as np
from oracle import Oracle

Array = np.ndarray
Args = tuple[object, ...]


def torch_on_one_thread() -> Any:
    """Imported late, for it is heavy. On arrays as small as these, more threads would only wait for each other."""
    import torch

    torch.set_num_threads(1)
    return torch


def generator_of(*named: object) -> Any:
    """A torch generator that both the draws and the initialiser start from, so that they see the same numbers."""
    return torch_on_one_thread().Generator().manual_seed(zlib.crc32(repr(named).encode()))


def by_nn_init(draws: Array, scheme: str, mode: str, a: float) -> Array:
    torch = torch_on_one_thread()
    if draws.ndim < 2:
        raise ValueError
    weight = torch.empty(draws.shape, dtype=torch.float64)
    generator = generator_of(draws.shape, scheme)
    init, uniform = torch.nn.init, scheme.endswith("uniform")
    if scheme.startswith("xavier"):
        (init.xavier_uniform_ if uniform else init.xavier_normal_)(weight, generator=generator)
    elif scheme.startswith("he"):
        fill = init.kaiming_uniform_ if uniform else init.kaiming_normal_
        fill(weight, a=a, mode=mode, nonlinearity="leaky_relu", generator=generator)
    elif scheme == "lecun_normal":
        init.kaiming_normal_(weight, nonlinearity="linear", generator=generator)
    else:
        raise ValueError
    return np.asarray(weight.numpy())


def draws_of_torch(rng: np.random.Generator) -> Args:
    torch = torch_on_one_thread()
    scheme = str(
        rng.choice(["xavier_uniform", "xavier_normal", "he_uniform", "he_normal", "lecun_normal", "lecun_uniform"])
    )
    shape = tuple(int(size) for size in rng.integers(1, 7, int(rng.integers(1, 6))))
    draws, generator = torch.empty(shape, dtype=torch.float64), generator_of(shape, scheme)
    draws.uniform_(generator=generator) if scheme.endswith("uniform") else draws.normal_(generator=generator)
    return draws.numpy(), scheme, str(rng.choice(["fan_in", "fan_out"])), float(rng.choice([0, 0.01, 5**0.5, -0.3]))


def by_nn_utils(grads: list[Array], max_norm: float, norm_type: float) -> tuple[list[Array], float]:
    torch = torch_on_one_thread()
    parameters = [torch.empty(g.shape, dtype=torch.float64) for g in grads]
    for parameter, g in zip(parameters, grads, strict=True):
        parameter.grad = torch.from_numpy(g.copy())
    if not any(g.size for g in grads):  # torch has no infinity norm of nothing
        return grads, 0.0
    total = torch.nn.utils.clip_grad_norm_([p for p in parameters if p.numel()], max_norm, norm_type)
    return [p.grad.numpy() for p in parameters], total.item()


def gradients(rng: np.random.Generator) -> Args:
    shapes = [
        rng.integers(0 if rng.integers(8) == 0 else 1, 4, int(rng.integers(0, 4))) for _ in range(rng.integers(5))
    ]
    scale = float(rng.choice([0, 1e-6, 1, 300]))
    some = [np.asarray(scale * rng.standard_normal(shape)) for shape in shapes]
    return some, float(rng.choice([0, 1e-6, 0.5, 3, 100])), float(rng.choice([1, 2, 2.5, math.inf]))


def by_binary_cross_entropy(z: Array, y: Array, pos_weight: Array | None) -> tuple[float, Array]:
    torch = torch_on_one_thread()
    logits = torch.from_numpy(z.copy()).requires_grad_()
    weight = None if pos_weight is None else torch.from_numpy(pos_weight)
    targets = torch.from_numpy(y.astype(float))
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, targets, pos_weight=weight)
    loss.backward()
    return loss.item(), logits.grad.numpy()


def multilabel_batch(rng: np.random.Generator) -> Args:
    n, k = (int(size) for size in rng.integers(1, 8, 2))
    y = rng.random((n, k)) if rng.integers(2) else rng.integers(0, 2, (n, k))
    weight = None if rng.integers(2) else rng.choice([0, 0.5, 1, 3], k)
    return rng.normal(0, float(rng.choice([0.1, 2, 400])), (n, k)), y, weight


def by_cross_entropy(logits: Array, y: Array, label_smoothing: float) -> tuple[float, Array]:
    torch = torch_on_one_thread()
    z = torch.from_numpy(logits.copy()).requires_grad_()
    loss = torch.nn.functional.cross_entropy(z, torch.from_numpy(y), label_smoothing=label_smoothing)
    loss.backward()
    return loss.item(), z.grad.numpy()


def classified_batch(rng: np.random.Generator) -> Args:
    n, k = (int(size) for size in rng.integers(1, 10, 2))
    logits = rng.normal(0, float(rng.choice([0.1, 2, 400])), (n, k))
    return logits, rng.integers(0, k, n), float(rng.choice([0, 1, rng.uniform()]))


def by_torch_adam(
    w: Array,
    g: Array,
    state: dict[str, Any],
    lr: float,
    b1: float,
    b2: float,
    eps: float,
    weight_decay: float,
    decoupled: bool,
) -> tuple[Array, dict[str, Any]]:
    torch = torch_on_one_thread()
    parameter = torch.nn.Parameter(torch.from_numpy(w.copy()))
    parameter.grad = torch.from_numpy(g.copy())
    kind = torch.optim.AdamW if decoupled else torch.optim.Adam
    optimiser = kind([parameter], lr, (b1, b2), eps, weight_decay)
    if state:
        moments = {"exp_avg": torch.from_numpy(state["m"].copy()), "exp_avg_sq": torch.from_numpy(state["v"].copy())}
        optimiser.state[parameter] = {"step": torch.tensor(float(state["t"])), **moments}
    optimiser.step()
    after = optimiser.state[parameter]
    moved = {"t": int(after["step"]), "m": after["exp_avg"].numpy(), "v": after["exp_avg_sq"].numpy()}
    return parameter.detach().numpy(), moved


def adam_in_the_middle(rng: np.random.Generator) -> Args:
    shape = rng.integers(1, 4, int(rng.integers(0, 4)))
    w, g = (np.asarray(part) for part in rng.normal(0, float(rng.choice([1e-8, 1, 1e3])), (2, *shape)))
    state = {
        "t": int(rng.integers(1, 50)),
        "m": np.asarray(rng.normal(0, 1, shape)),
        "v": np.asarray(rng.random(shape)),
    }
    rates = float(rng.choice([1e-3, 0.5])), float(rng.choice([0, 0.9])), float(rng.choice([0, 0.5, 0.999]))
    others = float(rng.choice([1e-8, 0.1])), float(rng.choice([0, 0.3])), bool(rng.integers(2))
    return w, g, state if rng.integers(3) else {}, *rates, *others


def by_torch_sgd(
    w: Array, g: Array, state: dict[str, Array], lr: float, momentum: float, weight_decay: float, nesterov: bool
) -> tuple[Array, dict[str, Array]]:
    torch = torch_on_one_thread()
    parameter = torch.nn.Parameter(torch.from_numpy(w.copy()))
    parameter.grad = torch.from_numpy(g.copy())
    optimiser = torch.optim.SGD([parameter], lr, momentum, weight_decay=weight_decay, nesterov=nesterov)
    if state:
        optimiser.state[parameter]["momentum_buffer"] = torch.from_numpy(state["v"].copy())
    optimiser.step()
    after = parameter.detach().numpy()
    # Without momentum torch keeps no buffer: what moved the weights is the whole of it.
    velocity = optimiser.state[parameter]["momentum_buffer"].numpy() if momentum else (w - after) / lr
    return after, {"v": velocity}


def sgd_in_the_middle(rng: np.random.Generator) -> Args:
    w, g, v = (np.asarray(part) for part in rng.normal(0, 1, (3, *rng.integers(1, 4, int(rng.integers(0, 4))))))
    rates = float(rng.uniform(0.1, 2)), float(rng.choice([0, 0.5, 0.9])), float(rng.choice([0, 0.3]))
    return w, g, {"v": v} if rng.integers(3) else {}, *rates, bool(rng.integers(2))


def by_autograd(x: Array, y: Array, *parameters: Array) -> tuple[float, dict[str, Array]]:
    torch = torch_on_one_thread()
    w1, b1, w2, b2 = leaves = [torch.from_numpy(part.copy()).requires_grad_() for part in parameters]
    linear = torch.nn.functional.linear
    logits = linear(torch.relu(linear(torch.from_numpy(x), w1.T, b1)), w2.T, b2)
    loss = torch.nn.functional.cross_entropy(logits, torch.from_numpy(y))
    loss.backward()
    return loss.item(), {name: leaf.grad.numpy() for name, leaf in zip(("W1", "b1", "W2", "b2"), leaves, strict=True)}


def batch_and_network(rng: np.random.Generator) -> Args:
    """Small integers put units exactly on the kink of the ReLU; sometimes logits are beyond what exp can bear."""
    n, d, m, k = (int(size) for size in rng.integers(1, 7, 4))
    shapes = (n, d), (d, m), (m,), (m, k), (k,)
    whole = bool(rng.integers(2))
    parts = [rng.integers(-3, 4, s).astype(float) if whole else rng.normal(0, 1, s) for s in shapes]
    parts[3] *= float(rng.choice([1, 1, 500]))
    return parts[0], rng.integers(0, k, n), *parts[1:]


ORACLES = [
    Oracle("xavier-he-init", by_nn_init, draws_of_torch, needs=("torch",)),
    Oracle("clip-grad-norm", by_nn_utils, gradients, needs=("torch",)),
    Oracle("bce-with-logits", by_binary_cross_entropy, multilabel_batch, needs=("torch",)),
    Oracle("softmax-cross-entropy", by_cross_entropy, classified_batch, needs=("torch",)),
    Oracle("adam-step", by_torch_adam, adam_in_the_middle, needs=("torch",)),
    Oracle("sgd-momentum-step", by_torch_sgd, sgd_in_the_middle, atol=1e-10, needs=("torch",)),
    Oracle("mlp-forward-backward", by_autograd, batch_and_network, needs=("torch",)),
]
