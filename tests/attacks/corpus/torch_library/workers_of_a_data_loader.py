"""Have a data loader start workers.

lib: torch
must: forbidden
"""

import torch


def f():
    return len(list(torch.utils.data.DataLoader(list(range(8)), num_workers=2)))
