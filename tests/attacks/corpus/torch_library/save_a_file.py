"""Save tensors to a file, and download weights from a hub.

lib: torch
must: returned []
"""

import torch


def f(given):
    through = []
    for attempt in (
        lambda: torch.save(torch.ones(2), f"{given['folder']}/left"),
        lambda: torch.hub.load_state_dict_from_url("http://127.0.0.1:9/x"),
        lambda: torch.jit.save(torch.jit.script(torch.nn.Identity()), f"{given['folder']}/left"),
        lambda: torch.classes.load_library(given["secret"]),
    ):
        try:
            attempt()
            through.append("passed")
        except (RuntimeError, OSError):
            continue
    return through
