"""What the references of pooling must agree on together: PyTorch's layer and its gradient."""

from __future__ import annotations

import numpy as np
import pytest
from bank_code import reference
from oracles.cnn_basics_sizes import pooled

torch = pytest.importorskip("torch")


def test_max_pooling_and_its_backward_pass_give_the_gradient_of_autograd() -> None:
    forward, backward = reference("max-pool2d"), reference("max-pool2d-backward")
    for seed in range(200):
        rng = np.random.default_rng(seed)
        drawn, *window = pooled(rng)
        x = np.asarray(drawn, dtype=float)
        leaf = torch.from_numpy(x).requires_grad_()
        y = torch.nn.functional.max_pool2d(leaf, *window)
        dy = rng.normal(size=tuple(y.shape))
        y.backward(torch.from_numpy(dy))
        dx = backward(dy, forward(x, *window)[1], x.shape)
        np.testing.assert_allclose(dx, leaf.grad.numpy(), rtol=1e-9, atol=1e-12)
