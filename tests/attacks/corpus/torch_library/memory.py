"""Let tensors take memory; stops by itself at half a gibibyte.

lib: torch
must: memory_limit
seconds: 1
"""

import torch


def f():
    return len([torch.ones(1 << 20) for _ in range(128)])
