"""Map a file as a tensor, shared, which makes and writes it.

lib: torch
must: returned []
seconds: 1
"""

import torch


def f(given):
    through = []
    for path, shared in ((f"{given['folder']}/left", True), (given["secret"], False), (torch.__file__, True)):
        try:
            through.append(torch.from_file(path, shared=shared, size=4, dtype=torch.uint8).tolist())
        except (RuntimeError, OSError):
            continue
    return through
