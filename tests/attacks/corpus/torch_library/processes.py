"""Start processes by torch's own multiprocessing.

lib: torch
must: forbidden
"""

import torch.multiprocessing as processes


def f():
    processes.start_processes(print, nprocs=1, start_method="fork")
    return "started"
