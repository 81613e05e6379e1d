"""Load a pickle by torch.load that would start a program.

lib: torch
must: forbidden
"""

import io
import os
import pickle

import torch


class Planted:
    def __reduce__(self):
        return os.system, ("true",)


def f():
    return torch.load(io.BytesIO(pickle.dumps(Planted())), weights_only=False)
