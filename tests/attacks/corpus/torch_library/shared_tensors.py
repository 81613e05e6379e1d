"""Move a tensor to shared memory, by descriptors and by files.

lib: torch
must: returned []
"""

import torch


def f():
    through = []
    for way in ("file_descriptor", "file_system"):
        try:
            torch.multiprocessing.set_sharing_strategy(way)
            torch.ones(4).share_memory_()
            through.append(way)
        except (RuntimeError, OSError):
            continue
    return through
