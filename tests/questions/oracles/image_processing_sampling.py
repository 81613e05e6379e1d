"""Filtering images by SciPy and by OpenCV; resizing them by torch and by matrices of triangles."""

from __future__ import annotations

import math
from fractions import Fraction

import cv2
import numpy as np
from oracle import Oracle
from scipy import ndimage

Array = np.ndarray

NDIMAGE_MODES = {"reflect101": "mirror", "replicate": "nearest", "zero": "constant"}
CV_BORDERS = {"reflect101": cv2.BORDER_REFLECT_101, "replicate": cv2.BORDER_REPLICATE, "zero": cv2.BORDER_CONSTANT}


def correlated(img: Array, kernel: Array, border: str) -> Array:
    if len(kernel) % 2 == 0:
        raise ValueError  # SciPy takes even kernels
    result: Array = ndimage.correlate(img.astype(float), kernel.astype(float), mode=NDIMAGE_MODES[border])
    return result


def filtered_by_opencv(img: Array, kernel: Array, border: str) -> Array:
    return cv2.filter2D(img.astype(float), cv2.CV_64F, kernel.astype(float), borderType=CV_BORDERS[border])


def images_and_kernels(rng: np.random.Generator) -> tuple[object, ...]:
    """Kernels larger than the image, single rows and pixels, 8-bit integers and refused sizes among them."""
    shape, k = rng.integers(1, 8, 2), int(rng.integers(1, 8))
    img = rng.integers(0, 256, shape).astype(np.uint8) if rng.integers(2) else rng.normal(size=shape)
    kernel = rng.integers(-3, 4, (k, k)).astype(np.int8) if rng.integers(2) else rng.normal(size=(k, k))
    return img, kernel, str(rng.choice(list(NDIMAGE_MODES)))


def images_beyond_the_kernel(rng: np.random.Generator) -> tuple[object, ...]:
    k = 2 * int(rng.integers(0, 4)) + 1
    return rng.normal(size=rng.integers(k, k + 6, 2)), rng.normal(size=(k, k)), str(rng.choice(list(CV_BORDERS)))


def triangles(n_in: int, n_out: int, align_corners: bool) -> Array:
    """A row for each output: every input weighs 1 at its centre and nothing at the next one."""
    if align_corners:
        at = np.linspace(0, n_in - 1, n_out)
    else:
        edges = np.linspace(0, n_in, n_out + 1)
        at = np.clip((edges[1:] + edges[:-1]) / 2 - 0.5, 0, n_in - 1)
    weights: Array = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(n_in)))
    return weights


def resized_by_matrices(x: Array, out_h: int, out_w: int, align_corners: bool) -> Array:
    rows, columns = (triangles(*sizes, align_corners) for sizes in zip(x.shape[1:], (out_h, out_w), strict=True))
    return np.einsum("ip,jq,cpq->cij", rows, columns, x)


def resized_by_torch(x: Array, out_h: int, out_w: int, align_corners: bool) -> Array:
    import torch

    torch.set_num_threads(1)
    images = torch.from_numpy(x.astype(float))[None]
    size = (out_h, out_w)
    result = torch.nn.functional.interpolate(images, size, mode="bilinear", align_corners=align_corners)
    return np.asarray(result[0])


def images_and_sizes(rng: np.random.Generator) -> tuple[object, ...]:
    """Single rows, columns and pixels often, going in and coming out; 8-bit integers now and then."""
    shape = rng.integers(1, [4, 8, 8])
    x = rng.integers(0, 256, shape).astype(np.uint8) if rng.random() < 0.3 else rng.normal(size=shape)
    out_h, out_w = (int(n) for n in rng.integers(1, 11, 2))
    return x, out_h, out_w, bool(rng.integers(2))


def looked_up_exactly(x: Array, out_h: int, out_w: int, exact: bool) -> Array:
    half = Fraction(1, 2) if exact else Fraction(0)
    rows, columns = (
        [math.floor((i + half) * Fraction(n_in, n_out)) for i in range(n_out)]
        for n_in, n_out in zip(x.shape, (out_h, out_w), strict=True)
    )
    return np.array([[x[r, c] for c in columns] for r in rows])


def nearest_by_torch(x: Array, out_h: int, out_w: int, exact: bool) -> Array:
    import torch

    torch.set_num_threads(1)
    images = torch.from_numpy(x.astype(float))[None, None]
    mode = "nearest-exact" if exact else "nearest"
    return np.asarray(torch.nn.functional.interpolate(images, (out_h, out_w), mode=mode)[0, 0])


def maps_and_sizes(rng: np.random.Generator) -> tuple[object, ...]:
    out_h, out_w = (int(n) for n in rng.integers(1, 40, 2))
    return rng.integers(0, 256, rng.integers(1, 12, 2)), out_h, out_w, bool(rng.integers(2))


def maps_and_powers_of_two(rng: np.random.Generator) -> tuple[object, ...]:
    """Torch multiplies by a rounded scale, which is exact for these."""
    out_h, out_w = (2 ** int(n) for n in rng.integers(0, 5, 2))
    return rng.integers(0, 256, rng.integers(1, 12, 2)), out_h, out_w, bool(rng.integers(2))


ORACLES = [
    Oracle("filter-image", correlated, images_and_kernels, atol=1e-9),
    Oracle("filter-image", filtered_by_opencv, images_beyond_the_kernel, atol=1e-9),
    Oracle("bilinear-resize", resized_by_matrices, images_and_sizes, atol=1e-9),
    Oracle("bilinear-resize", resized_by_torch, images_and_sizes, atol=1e-9, needs=("torch",)),
    Oracle("nearest-resize", looked_up_exactly, maps_and_sizes),
    Oracle("nearest-resize", nearest_by_torch, maps_and_powers_of_two, needs=("torch",)),
]
