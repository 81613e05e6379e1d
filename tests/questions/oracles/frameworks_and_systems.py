"""Frameworks and systems: modules counted by where their storage lies, not by PyTorch's own walk over distinct ones."""

from __future__ import annotations

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


ORACLES = [Oracle("count-parameters", by_storage, models, needs=("torch",))]
