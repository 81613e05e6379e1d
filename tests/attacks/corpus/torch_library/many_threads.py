"""Ask torch for more threads and give them work.

lib: torch
must: exited | crashed | forbidden | raised | time_limit | returned 8
seconds: 1
"""

import torch


def f():
    torch.set_num_threads(8)
    torch.set_num_interop_threads(8)
    (torch.ones(800, 800) @ torch.ones(800, 800)).sum()
    torch.jit.wait(torch.jit.fork(lambda: torch.ones(1)))
    return torch.get_num_threads()
