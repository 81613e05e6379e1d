"""Image processing, from images to images: flips, morphology, edges, histograms; by OpenCV, SciPy or definition."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction

import cv2
import numpy as np
from oracle import Oracle
from scipy import ndimage

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


def by_scipy(img: np.ndarray, se: np.ndarray, erode: bool) -> np.ndarray:
    """Grey erosion or dilation in floats, with infinities outside, brought back into the range of the dtype."""
    if not se.any():
        raise ValueError
    morph, outside = (ndimage.grey_erosion, np.inf) if erode else (ndimage.grey_dilation, -np.inf)
    values = morph(img.astype(np.float64), footprint=se, mode="constant", cval=outside)
    if img.dtype.kind == "f":
        return values
    bounds = np.iinfo(img.dtype)
    return np.clip(values, bounds.min, bounds.max).astype(img.dtype)


def erode_dilate_by_scipy(img: np.ndarray, se: np.ndarray, iterations: int, mode: str) -> np.ndarray:
    if not se.any():
        raise ValueError
    for _ in range(iterations):
        img = by_scipy(img, se, mode == "erode")
    return img


def erode_dilate_by_opencv(img: np.ndarray, se: np.ndarray, iterations: int, mode: str) -> np.ndarray:
    """OpenCV dilates by the element as it is."""
    if mode == "erode":
        return cv2.erode(img, se.astype(np.uint8), iterations=iterations)
    return cv2.dilate(img, se[::-1, ::-1].astype(np.uint8), iterations=iterations)


def open_close_by_scipy(img: np.ndarray, se: np.ndarray, mode: str) -> np.ndarray:
    first = mode == "open"
    return by_scipy(by_scipy(img, se, first), se, not first)


def open_close_by_opencv(img: np.ndarray, se: np.ndarray, mode: str) -> np.ndarray:
    how = cv2.MORPH_OPEN if mode == "open" else cv2.MORPH_CLOSE
    return cv2.morphologyEx(img, how, se.astype(np.uint8))


def grey_image(rng: np.random.Generator) -> np.ndarray:
    size = rng.integers(1, 9, 2)
    kind = rng.integers(3)
    if kind == 0:
        return rng.normal(size=size)
    return rng.integers(0, 256, size).astype(np.uint8) if kind == 1 else rng.integers(-99, 99, size).astype(np.int32)


def element(rng: np.random.Generator) -> np.ndarray:
    """Full, empty, of a single member or of any shape, and now and then larger than the image."""
    k = int(rng.choice([1, 3, 5, 9]))
    return rng.random((k, k)) < rng.choice([0, 0.1, 0.5, 1])


def images_with_elements(rng: np.random.Generator) -> Args:
    return grey_image(rng), element(rng), str(rng.choice(["open", "close"]))


def images_with_symmetric_elements(rng: np.random.Generator) -> Args:
    k = int(rng.choice([3, 5]))
    se = rng.random((k, k)) < 0.4
    se |= se[::-1, ::-1]
    se[k // 2, k // 2] = True
    img = rng.integers(0, 256, rng.integers(1, 9, 2)).astype(np.uint8)
    return img, se, str(rng.choice(["open", "close"]))


def images_to_morph(rng: np.random.Generator) -> Args:
    return grey_image(rng), element(rng), int(rng.integers(0, 4)), str(rng.choice(["erode", "dilate"]))


def bytes_to_morph(rng: np.random.Generator) -> Args:
    """Any element but an empty one, which OpenCV takes for a full one."""
    img, k = rng.integers(0, 256, rng.integers(1, 9, 2)).astype(np.uint8), int(rng.choice([3, 5]))
    se = rng.random((k, k)) < 0.4
    se[tuple(rng.integers(0, k, 2))] = True
    return img, se, int(rng.integers(1, 4)), str(rng.choice(["erode", "dilate"]))


def hysteresis_by_labels(mag: np.ndarray, low: float, high: float) -> np.ndarray:
    """The 8-connected components of what is at least `low` that have a strong pixel."""
    if low > high:
        raise ValueError
    labels, _ = ndimage.label(mag >= low, structure=np.ones((3, 3)))
    return np.isin(labels, np.unique(labels[mag >= high]))


def magnitudes_and_thresholds(rng: np.random.Generator) -> Args:
    """Small integers, so that many equal a threshold, or anything; the thresholds may be equal or exchanged."""
    size = rng.integers(1, 14, 2)
    grid = bool(rng.integers(2))
    mag = rng.integers(0, 10, size).astype(np.float64) if grid else rng.uniform(0, 10, size)
    low, high = (int(rng.integers(3, 8)), int(rng.integers(5, 11))) if grid else (5.5, float(rng.uniform(8, 10)))
    return mag, low, high


def thinned_by_projection(mag: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """The direction whose unit vector has the greatest projection on the gradient, by whole shifted images."""
    steps = np.array([[0, 1], [1, 1], [1, 0], [-1, 1]])
    units = steps / np.linalg.norm(steps, axis=1, keepdims=True)
    gradient = np.stack([np.sin(angle), np.cos(angle)], axis=-1)
    nearest = np.abs(gradient @ units.T).argmax(axis=-1)
    beaten = [np.maximum(np.roll(mag, step, axis=(0, 1)), np.roll(mag, -step, axis=(0, 1))) > mag for step in steps]
    inner = np.zeros(mag.shape, dtype=bool)
    inner[1:-1, 1:-1] = True
    return np.where(inner & ~np.choose(nearest, beaten), mag, 0)


def magnitudes_and_angles(rng: np.random.Generator) -> Args:
    """Every second time with many ties; no angle near the middle between two directions."""
    size = rng.integers(1, 9, 2)
    mag = rng.integers(0, 4, size).astype(np.float64) if rng.integers(2) else rng.uniform(0, 9, size)
    degrees = 45 * rng.integers(-4, 5, size) + rng.uniform(-22, 22, size)
    return mag, np.deg2rad((degrees + 180) % 360 - 180)


def sobel_by_opencv(img: np.ndarray) -> tuple[np.ndarray, ...]:
    """Its default border is the mirror without the edge pixel; its magnitude and NumPy's angle of a complex number."""
    floats = img.astype(np.float64)
    gx, gy = cv2.Sobel(floats, cv2.CV_64F, 1, 0) + 0.0, cv2.Sobel(floats, cv2.CV_64F, 0, 1) + 0.0
    return gx, gy, cv2.magnitude(gx, gy), np.angle(gx + 1j * gy)


def images_of_eighths(rng: np.random.Generator) -> Args:
    """Few values, so that gradients of 0 are common, bytes, or eighths of both signs."""
    size, kind = rng.integers(2, 9, 2), rng.integers(3)
    if kind == 0:
        return (rng.integers(0, 3, size).astype(np.uint8),)
    return (rng.integers(0, 256, size).astype(np.uint8) if kind == 1 else rng.integers(-800, 801, size) / 8,)


def equalised_in_fractions(img: np.ndarray) -> np.ndarray:
    """Pixel by pixel from the sorted pixels, in exact arithmetic; OpenCV's own table is in float32 and misses ties."""
    order = sorted(img.ravel().tolist())
    lowest = bisect_right(order, order[0])
    if lowest == len(order):
        return img
    values = [
        round(Fraction(255 * (bisect_right(order, v) - lowest), len(order) - lowest)) for v in img.ravel().tolist()
    ]
    return np.array(values, dtype=np.uint8).reshape(img.shape)


def bytes_of_some_levels(rng: np.random.Generator) -> Args:
    """Few levels and few pixels, so that halves and constant images are common, or any."""
    low, levels = int(rng.integers(0, 200)), int(rng.choice([1, 3, 9, 55]))
    return (rng.integers(low, low + levels, rng.integers(1, 9, 2)).astype(np.uint8),)


def bytes_without_halves(rng: np.random.Generator) -> Args:
    """An odd number of pixels above the lowest level leaves no value half way between two integers."""
    while True:
        (img,) = bytes_of_some_levels(rng)
        assert isinstance(img, np.ndarray)
        if (img > img.min()).sum() % 2 or img.min() == img.max():
            return (img,)


def median_by_scipy(img: np.ndarray, k: int) -> np.ndarray:
    if k % 2 == 0:
        raise ValueError
    return np.asarray(ndimage.median_filter(img, size=k, mode="nearest"))


def images_and_windows(rng: np.random.Generator) -> Args:
    """Now and then an even window, and one larger than the image."""
    return grey_image(rng), int(rng.choice([1, 2, 3, 3, 5, 5, 8, 9]))


def bytes_and_small_windows(rng: np.random.Generator) -> Args:
    return rng.integers(0, 256, rng.integers(1, 12, 2)).astype(np.uint8), int(rng.choice([3, 5, 7]))


ORACLES = [
    Oracle("hflip-with-boxes", flipped_by_opencv, images_with_boxes),
    Oracle("erode-dilate", erode_dilate_by_scipy, images_to_morph),
    Oracle("erode-dilate", erode_dilate_by_opencv, bytes_to_morph),
    Oracle("open-close", open_close_by_scipy, images_with_elements),
    Oracle("open-close", open_close_by_opencv, images_with_symmetric_elements),
    Oracle("hysteresis", hysteresis_by_labels, magnitudes_and_thresholds, rounds=400),
    Oracle("canny-nms", thinned_by_projection, magnitudes_and_angles),
    Oracle("sobel", sobel_by_opencv, images_of_eighths),
    Oracle("histogram-equalise", equalised_in_fractions, bytes_of_some_levels, rounds=400),
    Oracle("histogram-equalise", cv2.equalizeHist, bytes_without_halves),
    Oracle("median-filter", median_by_scipy, images_and_windows),
    Oracle("median-filter", cv2.medianBlur, bytes_and_small_windows),
]
