"""Frameworks and systems: modules counted by where their storage lies, not by PyTorch's own walk over distinct ones;
a ring of sets."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from oracle import Oracle


def by_storage(model: Any) -> dict[str, int]:
    named = model.named_parameters(remove_duplicate=False)
    parameters = {p.data_ptr(): (p.nbytes, p.nbytes // p.dtype.itemsize, p.requires_grad) for _, p in named}
    buffers = {b.data_ptr(): b.nbytes // b.dtype.itemsize for _, b in model.named_buffers(remove_duplicate=False)}
    return {
        "total": sum(count for _, count, _ in parameters.values()),
        "trainable": sum(count for _, count, learns in parameters.values() if learns),
        "buffers": sum(buffers.values()),
        "bytes": sum(taken for taken, _, _ in parameters.values()),
        "tensors": len(parameters),
    }


def models(rng: np.random.Generator) -> tuple[object, ...]:
    """Stacks of layers, some of them used again, frozen, or in another dtype."""
    from torch import nn  # heavy: only where it is wanted

    layers: list[Any] = []
    for _ in range(int(rng.integers(0, 6))):
        a, b = (int(size) for size in rng.integers(1, 6, 2))
        made = (nn.Linear(a, b, bias=bool(rng.integers(2))), nn.BatchNorm1d(a), nn.Conv2d(a, b, 2), nn.ReLU())
        layer = made[int(rng.integers(4))]
        layer = layer.half() if rng.integers(3) == 0 else layer
        layers.append(layer.requires_grad_(bool(rng.integers(2))))
        if rng.integers(3) == 0:
            layers.append(nn.Sequential(layers[int(rng.integers(len(layers)))], nn.Flatten()))
    return (nn.Sequential(*layers),)


def told_by_origin(bufs: list[np.ndarray], steps: int | None) -> tuple[np.ndarray, int]:
    """Who has met whom: sets of origins travel round the ring, and the numbers are added up at the end."""
    workers, length = len(bufs), len(bufs[0])
    run = 2 * (workers - 1) if steps is None else steps
    if run not in range(2 * workers - 1):
        raise ValueError
    size = math.ceil(length / workers)
    met = {(worker, chunk): {worker} for worker in range(workers) for chunk in range(workers)}
    for step in range(run):
        mail = {
            (worker, (worker - step) % workers): met[worker, (worker - step) % workers] for worker in range(workers)
        }
        for (worker, chunk), origins in mail.items():
            met[(worker + 1) % workers, chunk] = origins | met[(worker + 1) % workers, chunk]
    results = []
    for worker in range(workers):
        origins = [met[worker, position // size] for position in range(length)]
        results.append(np.array([math.fsum(bufs[w][i] for w in who) for i, who in enumerate(origins)]))
    return np.array(results).reshape(workers, length), run * size


def rings(rng: np.random.Generator) -> tuple[object, ...]:
    workers = int(rng.integers(1, 7))
    bufs = list(rng.normal(size=(workers, int(rng.integers(0, 15)))))
    return bufs, None if rng.integers(3) == 0 else int(rng.integers(-1, 2 * workers))


ORACLES = [
    Oracle("count-parameters", by_storage, models, needs=("torch",)),
    Oracle("ring-allreduce", told_by_origin, rings),
]
