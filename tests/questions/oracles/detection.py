"""Detection: IoU and GIoU in exact fractions; NMS, box codes, anchors and decoding by their definitions, row by row."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from oracle import Oracle

Box = list[float]
Args = tuple[object, ...]


def exact_iou(a: Box, b: Box) -> float:
    """In exact arithmetic; the overlap is what two lengths exceed the length of their hull by."""
    area = Fraction(1)
    for axis in (0, 1):
        starts, ends = [Fraction(p[axis]) for p in (a, b)], [Fraction(p[axis + 2]) for p in (a, b)]
        lengths = sum(ends) - sum(starts)
        area *= max(Fraction(0), lengths - (max(ends) - min(starts)))
    sizes = sum((Fraction(p[2]) - Fraction(p[0])) * (Fraction(p[3]) - Fraction(p[1])) for p in (a, b))
    return float(Fraction(0) if sizes == area else area / (sizes - area))


def exact_iou_matrix(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    values = [[exact_iou(p, q) for q in b.tolist()] for p in a.tolist()]
    return np.array(values).reshape(len(a), len(b))


def greedy(boxes: np.ndarray, scores: np.ndarray, iou_thr: float) -> np.ndarray:
    """NMS on a shrinking set of indices."""
    left, kept = set(range(len(boxes))), []
    rows = boxes.tolist()
    while left:
        best = min(left, key=lambda i: (-scores[i], i))
        kept.append(best)
        left = {i for i in left - {best} if exact_iou(rows[best], rows[i]) <= iou_thr}
    return np.array(kept, dtype=np.int64)


def stateless(
    boxes: np.ndarray, scores: np.ndarray, method: str, iou_thr: float, sigma: float, score_thr: float
) -> tuple[np.ndarray, np.ndarray]:
    """Soft-NMS where every score is worked out anew from the boxes taken so far."""
    overlaps, taken, decayed = exact_iou_matrix(boxes, boxes), [], []

    def now(i: int) -> float:
        score = float(scores[i])
        for j in taken:
            overlap = overlaps[j, i]
            if method == "gaussian":
                score *= math.exp(-(overlap**2) / sigma)
            elif overlap >= iou_thr:
                score *= 1 - overlap
        return score

    while open_ := [(now(i), -i) for i in range(len(boxes)) if i not in taken and now(i) >= score_thr]:
        score, minus_index = max(open_)
        taken.append(-minus_index)
        decayed.append(score)
    return np.array(taken, dtype=np.int64), np.array(decayed, dtype=np.float64)


def box(rng: np.random.Generator, grid: bool) -> Box:
    """On a coarse grid, so that boxes touch, coincide and have no area, or anywhere."""
    x1, x2, y1, y2 = (float(value) for value in (rng.integers(-3, 4, 4) if grid else rng.uniform(-5, 5, 4)))
    return [min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)]


def boxes(rng: np.random.Generator, grid: bool, most: int) -> np.ndarray:
    count = int(rng.integers(0, most))
    return np.array([box(rng, grid) for _ in range(count)]).reshape(count, 4)


def two_boxes(rng: np.random.Generator) -> Args:
    grid = bool(rng.integers(2))
    return box(rng, grid), box(rng, grid)


def two_sets(rng: np.random.Generator) -> Args:
    grid = bool(rng.integers(2))
    return boxes(rng, grid, 7), boxes(rng, grid, 7)


def scored_boxes(rng: np.random.Generator) -> Args:
    grid = bool(rng.integers(2))
    some = boxes(rng, grid, 14)
    scores = rng.integers(1, 5, len(some)) / 4 if grid else rng.uniform(0, 1, len(some))
    return some, scores, float(rng.choice([0, 0.25, 1 / 3, 0.5, 1])) if grid else float(rng.uniform())


def decaying_boxes(rng: np.random.Generator) -> Args:
    some = boxes(rng, grid=False, most=14)
    thresholds = float(rng.uniform(0, 0.8)), float(rng.uniform(0.1, 1.5)), float(rng.choice([0.001, 0.1, 0.3]))
    return some, rng.uniform(0, 1, len(some)), str(rng.choice(["linear", "gaussian"])), *thresholds


def dyadic_row(rng: np.random.Generator) -> Args:
    """Boxes of height 1 on a line whose IoUs are dyadic, so that linear decay and every comparison are exact."""
    starts = rng.choice([0, 1, 20, 21, 40, 60], int(rng.integers(0, 7)))
    row = np.array([[x, 0.0, x + 3.0, 1.0] for x in starts]).reshape(len(starts), 4)
    return row, rng.integers(1, 9, len(starts)) / 8, "linear", 0.5, 0.5, 0.25


def coded_by_sides(values: np.ndarray, anchors: np.ndarray, mode: str) -> np.ndarray:
    """Each axis by itself, from sums and differences of the ends: twice a centre and a length."""

    def ends(row: list[float], axis: int) -> tuple[float, float]:
        total, length = row[axis] + row[axis + 2], row[axis + 2] - row[axis]
        if length <= 0:
            raise ValueError
        return total, length

    def one(row: list[float], anchor: list[float]) -> list[float]:
        out = [0.0] * 4
        for axis in (0, 1):
            anchor_total, anchor_length = ends(anchor, axis)
            if mode == "encode":
                total, length = ends(row, axis)
                out[axis] = (total - anchor_total) / (2 * anchor_length)
                out[axis + 2] = math.log(length) - math.log(anchor_length)
            else:
                ratio = 62.5 if row[axis + 2] > 10 else min(math.exp(row[axis + 2]), 62.5)
                start = anchor_total / 2 + anchor_length * (row[axis] - ratio / 2)
                out[axis], out[axis + 2] = start, start + ratio * anchor_length
        return out

    rows = zip(values.tolist(), anchors.tolist(), strict=True)
    return np.array([one(row, anchor) for row, anchor in rows]).reshape(len(values), 4)


def boxes_to_code(rng: np.random.Generator) -> Args:
    """Now and then with a box or an anchor of no area, for which an error is due."""
    mode, grid = str(rng.choice(["encode", "decode"])), bool(rng.integers(5) == 0)
    anchors = boxes(rng, grid, 4) * (1 if grid else 20)
    values = np.array([box(rng, grid) for _ in anchors]).reshape(len(anchors), 4)
    deltas = rng.normal(0, float(rng.choice([0.5, 3, 100])), (len(anchors), 4))
    return values if mode == "encode" else deltas, anchors, mode


def exact_giou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """In exact fractions; the hull measured on each axis."""

    def one(p: Box, q: Box) -> float:
        sides = [Fraction(max(p[i + 2], q[i + 2])) - Fraction(min(p[i], q[i])) for i in (0, 1)]
        hull = sides[0] * sides[1]
        if hull == 0:
            return 0.0
        areas = [(Fraction(r[2]) - Fraction(r[0])) * (Fraction(r[3]) - Fraction(r[1])) for r in (p, q)]
        overlap = Fraction(1)
        for i in (0, 1):
            overlap *= max(Fraction(0), Fraction(min(p[i + 2], q[i + 2])) - Fraction(max(p[i], q[i])))
        union = sum(areas) - overlap
        return float((overlap / union if union else 0) - 1 + union / hull)

    return np.array([one(p, q) for p, q in zip(a.tolist(), b.tolist(), strict=True)])


def paired_boxes(rng: np.random.Generator) -> Args:
    grid = bool(rng.integers(2))
    first = boxes(rng, grid, 7)
    return first, np.array([box(rng, grid) for _ in first]).reshape(len(first), 4)


def label_by_label(
    boxes: np.ndarray, scores: np.ndarray, labels: np.ndarray, iou_thr: float, score_thr: float
) -> np.ndarray:
    kept: list[int] = []
    for label in set(labels.tolist()):
        mine = np.flatnonzero((labels == label) & ~(scores < score_thr))
        kept += mine[greedy(boxes[mine], scores[mine], iou_thr)].tolist()
    return np.array(sorted(kept, key=lambda i: (-scores[i], i)), dtype=np.int64)


def labelled_boxes(rng: np.random.Generator) -> Args:
    some, scores, iou_thr = scored_boxes(rng)
    return some, scores, rng.integers(-1, 2, len(scores)), iou_thr, float(rng.choice([0, 0.25, 0.5]))


def anchor_by_anchor(
    base: int, ratios: list[float], scales: list[float], feat_hw: tuple[int, int], stride: int
) -> np.ndarray:
    """The width solves w * (r * w) = area."""
    rows = []
    for cell in range(feat_hw[0] * feat_hw[1]):
        i, j = divmod(cell, feat_hw[1])
        for r in ratios:
            for s in scales:
                w = math.sqrt((base * s) ** 2 / r)
                left, top = stride * (2 * j + 1) / 2 - w / 2, stride * (2 * i + 1) / 2 - r * w / 2
                rows.append([left, top, left + w, top + r * w])
    return np.array(rows).reshape(-1, 4)


def anchor_settings(rng: np.random.Generator) -> Args:
    ratios, scales = (rng.uniform(0.2, 4, int(rng.integers(0, 4))).tolist() for _ in range(2))
    size = int(rng.integers(0, 5)), int(rng.integers(0, 5))
    return int(rng.integers(1, 20)), ratios, scales, size, int(rng.integers(1, 33))


def decoded_row_by_row(t: np.ndarray, priors: np.ndarray, stride: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Row n of the results belongs to a cell and an anchor; scalars in plain Python."""
    anchors, channels, side, _ = t.shape
    boxes, objectness = np.zeros((side * side * anchors, 4)), np.zeros(side * side * anchors)
    classes = np.zeros((len(boxes), channels - 5))

    def odds(logit: float) -> float:
        return math.exp(min(logit, 500))

    for n in range(len(boxes)):
        cell, anchor = divmod(n, anchors)
        values = t[anchor, :, cell // side, cell % side].tolist()
        for axis, place in ((0, cell % side), (1, cell // side)):
            centre = place + odds(values[axis]) / (1 + odds(values[axis]))
            length = priors[anchor, axis] * math.exp(values[axis + 2])
            boxes[n, [axis, axis + 2]] = stride * (centre - length / 2), stride * (centre + length / 2)
        objectness[n] = odds(values[4]) / (1 + odds(values[4]))
        # one over the sum of the odds against the other classes
        classes[n] = [1 / sum(odds(other - logit) for other in values[5:]) for logit in values[5:]]
    return boxes, objectness, classes


def yolo_outputs(rng: np.random.Generator) -> Args:
    anchors, classes, side = (int(value) for value in rng.integers(1, 4, 3))
    t = rng.normal(0, float(rng.choice([1, 3, 300])), (anchors, 5 + classes, side, side))
    t[:, 2:4] = rng.uniform(-3, 3, (anchors, 2, side, side))
    return t, rng.uniform(0.3, 8, (anchors, 2)), int(rng.integers(1, 33))


ORACLES = [
    Oracle("iou", exact_iou, two_boxes, rounds=400),
    Oracle("iou-matrix", exact_iou_matrix, two_sets, rounds=400),
    Oracle("nms", greedy, scored_boxes, rounds=400),
    Oracle("soft-nms", stateless, decaying_boxes),
    Oracle("soft-nms", stateless, dyadic_row, rtol=0, atol=0),
    Oracle("encode-decode-boxes", coded_by_sides, boxes_to_code, rounds=400, atol=1e-10),
    Oracle("giou", exact_giou, paired_boxes, rounds=400),
    Oracle("batched-nms", label_by_label, labelled_boxes, rounds=400),
    Oracle("generate-anchors", anchor_by_anchor, anchor_settings),
    Oracle("yolo-decode", decoded_row_by_row, yolo_outputs),
]
