"""Image processing, second part: flips, morphology and the steps of Canny, by OpenCV, SciPy or their definitions."""

from __future__ import annotations

import cv2
import numpy as np
from oracle import Oracle

Args = tuple[object, ...]


def flipped_by_opencv(img: np.ndarray, boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The image by OpenCV; a box as the hull of its four mirrored corners."""
    height, width, channels = img.shape
    corners = boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3]]].astype(np.float64)
    corners = corners @ np.diag([-1.0, 1.0]) + np.array([width, 0])
    hulls = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    return cv2.flip(img, 1).reshape(height, width, channels), hulls


def images_with_boxes(rng: np.random.Generator) -> Args:
    """Boxes on a half-pixel grid, so that they touch borders, have no area or stick out."""
    height, width, channels = (int(side) for side in rng.integers(1, (7, 7, 5)))
    img = rng.integers(0, 256, (height, width, channels)).astype(np.uint8 if rng.integers(2) else np.float64)
    ends = np.sort(rng.integers(-2, 15, (int(rng.integers(0, 5)), 2, 2)) / 2, axis=1)
    return img, ends.reshape(-1, 4)


ORACLES = [
    Oracle("hflip-with-boxes", flipped_by_opencv, images_with_boxes),
]
