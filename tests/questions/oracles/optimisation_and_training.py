"""Optimisation and training: losses as PyTorch's own functions and autograd have them."""

from __future__ import annotations

from typing import Any

import numpy as np
from oracle import Oracle


def by_torch(logits: Any, target: Any, label_smoothing: float) -> tuple[Any, Any]:
    import torch  # heavy: only where it is wanted

    z = logits.clone().requires_grad_()
    loss = torch.nn.functional.cross_entropy(z, target, label_smoothing=label_smoothing)
    loss.backward()
    return loss, z.grad


def logits_and_targets(rng: np.random.Generator) -> tuple[object, ...]:
    import torch  # as above

    n, k = (int(size) for size in rng.integers(1, 12, 2))
    logits = torch.from_numpy(rng.normal(0, float(rng.choice([0.1, 2, 400])), (n, k)))
    return logits, torch.from_numpy(rng.integers(0, k, n)), float(rng.choice([0, 1, rng.uniform()]))


ORACLES = [Oracle("softmax-cross-entropy-torch", by_torch, logits_and_targets, needs=("torch",))]
