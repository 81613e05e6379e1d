"""Filtering and resizing images: by SciPy and by OpenCV."""

from __future__ import annotations

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


ORACLES = [
    Oracle("filter-image", correlated, images_and_kernels, atol=1e-9),
    Oracle("filter-image", filtered_by_opencv, images_beyond_the_kernel, atol=1e-9),
]
