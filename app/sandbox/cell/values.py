"""The two kinds of value that stand for what the app must not load itself: a torch tensor, and what cannot travel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Tensor:
    """A torch tensor, carried as an array of its shape and dtype. Behind the walls it is a real `torch.Tensor`."""

    array: npt.NDArray[np.generic]


@dataclass(frozen=True)
class Opaque:
    """A returned value that cannot travel. `type_name` says what it was, for example "generator"."""

    type_name: str


def representable(text: npt.NDArray[np.generic]) -> bool:
    """Tell whether an array of kind U holds only characters that exist: no lone surrogates, nothing beyond U+10FFFF."""
    codes = np.ascontiguousarray(text).reshape(-1).astype(text.dtype.newbyteorder("="), copy=False).view(np.uint32)
    return not bool(((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))).any())
