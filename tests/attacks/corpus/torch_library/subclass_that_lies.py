"""Return a tensor subclass whose methods lie, and tensors of kinds that no array has.

lib: torch
must: returned list
"""

import torch


class Liar(torch.Tensor):
    def detach(self):
        raise SystemExit

    def numpy(self, **kwargs):
        return "lie"

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return "lie"


def f():
    return [
        torch.ones(2).as_subclass(Liar),
        torch.eye(2).to_sparse(),
        torch.ones(2, dtype=torch.bfloat16),
        torch.ones(2, requires_grad=True),
        torch.empty(1 << 40, device="meta"),
    ]
