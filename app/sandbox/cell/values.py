"""The two kinds of value that stand for something the app must not load itself: a torch tensor, and what cannot travel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Tensor:
    """A torch tensor, carried as a numpy array of the same shape and dtype. Behind the walls it is a real `torch.Tensor`."""

    array: npt.NDArray[np.generic]


@dataclass(frozen=True)
class Opaque:
    """A returned value that cannot travel. `type_name` says what it was, for example "generator"."""

    type_name: str
