"""Data, metrics and experiments: the definitions in exact fractions, and scikit-learn."""

from __future__ import annotations

import importlib
import math
from fractions import Fraction
from typing import Any

import numpy as np
from oracle import Oracle

Args = tuple[object, ...]
Image = dict[str, np.ndarray]
Row = list[float]


def exact_iou(a: Row, b: Row) -> Fraction:
    shared, own, other = Fraction(1), Fraction(1), Fraction(1)
    for low, high in ((0, 2), (1, 3)):
        shared *= max(Fraction(0), Fraction(min(a[high], b[high])) - Fraction(max(a[low], b[low])))
        own *= Fraction(a[high]) - Fraction(a[low])
        other *= Fraction(b[high]) - Fraction(b[low])
    return shared / (own + other - shared) if own + other > shared else Fraction(0)


def matched(det: Image, gt: Image, label: int, thr: float) -> list[tuple[float, bool]]:
    """Score and verdict of each detection of a class in one image, best first."""
    order = sorted(np.flatnonzero(det["labels"] == label).tolist(), key=lambda k: (-det["scores"][k], k))
    open_ = dict(enumerate(box.tolist() for box, of in zip(gt["boxes"], gt["labels"], strict=True) if of == label))
    verdicts = []
    for k in order:
        fits = {g: exact_iou(det["boxes"][k].tolist(), box) for g, box in open_.items()}
        fits = {g: value for g, value in fits.items() if value >= Fraction(thr)}
        if fits:
            open_.pop(min(g for g, value in fits.items() if value == max(fits.values())))
        verdicts.append((float(det["scores"][k]), bool(fits)))
    return verdicts


def exact_ap(verdicts: list[bool], objects: int) -> Fraction:
    hits = [sum(verdicts[: k + 1]) for k in range(len(verdicts))]
    points = [(Fraction(h, objects), Fraction(h, k + 1)) for k, h in enumerate(hits)]
    reached = [max((p for r, p in points if r >= Fraction(j, 100)), default=Fraction(0)) for j in range(101)]
    return sum(reached, Fraction(0)) / 101


def coco_by_definition(dets: list[Image], gts: list[Image], thresholds: tuple[float, ...]) -> dict[str, Any]:
    labels = {int(label) for gt in gts for label in gt["labels"]}
    ap: dict[tuple[float, int], Fraction] = {}
    for thr in thresholds:
        for label in labels:
            each = [entry for pair in zip(dets, gts, strict=True) for entry in matched(*pair, label, thr)]
            ranked = sorted(each, key=lambda entry: entry[0], reverse=True)  # stable in reverse, too
            ap[thr, label] = exact_ap([hit for _, hit in ranked], sum(int((gt["labels"] == label).sum()) for gt in gts))

    def mean(values: list[Fraction]) -> float:
        return float(sum(values, Fraction(0)) / len(values)) if values else math.nan

    return {
        "map": mean(list(ap.values())),
        "per_threshold": {thr: mean([ap[thr, label] for label in labels]) for thr in thresholds},
        "per_class": {label: mean([ap[thr, label] for thr in thresholds]) for label in labels},
    }


def scenes(rng: np.random.Generator) -> Args:
    """Boxes on a small grid, so that IoUs, scores and recalls tie; thresholds are dyadic."""

    def some(most: int) -> Image:
        n = int(rng.integers(0, most))
        low = rng.integers(0, 4, (n, 2))
        boxes = np.concatenate([low, low + rng.integers(0, 5, (n, 2))], axis=1).astype(float)
        return {"boxes": boxes, "labels": rng.integers(0, 3, n)}

    images = int(rng.integers(0, 4))
    gts, dets = [some(4) for _ in range(images)], [some(7) for _ in range(images)]
    dets = [det | {"scores": rng.integers(0, 6, len(det["labels"])) / 4} for det in dets]
    return dets, gts, ((0.25, 0.5), (0.5,), (0.125, 0.75))[int(rng.integers(3))]


def by_scikit_learn(y_true: np.ndarray, y_pred: np.ndarray, classes: int) -> np.ndarray:
    """It leaves out labels that it wasn't given, so a count that doesn't add up tells of one."""
    if not len(y_true):
        return np.zeros((classes, classes), dtype=np.int64)
    padded = np.concatenate([y_true, [0]]), np.concatenate([y_pred, [0]])  # it asks for one known label at least
    counts: np.ndarray = importlib.import_module("sklearn.metrics").confusion_matrix(*padded, labels=range(classes))
    counts[0, 0] -= 1
    if counts.sum() != len(y_true):
        raise ValueError
    return counts


def labels(rng: np.random.Generator) -> Args:
    """Now and then out of range, and in small integer types."""
    n, classes, stray = int(rng.integers(0, 12)), int(rng.integers(2, 30)), int(rng.integers(0, 6) == 0)
    low, dtype = (-stray, np.int8) if rng.integers(2) else (0, np.uint8)
    t, p = rng.integers(low, classes + stray, (2, n))
    return t.astype(dtype), p.astype(dtype), classes


def by_scikit_learn_kfold(n: int, k: int, order: np.ndarray | None) -> list[tuple[np.ndarray, np.ndarray]]:
    """Its folds of places, with the samples that stand there; it refuses k with ValueErrors, too."""
    row = np.arange(n) if order is None else order
    folds = importlib.import_module("sklearn.model_selection").KFold(k).split(row)
    return [(np.sort(row[train]), np.sort(row[test])) for train, test in folds]


def rows(rng: np.random.Generator) -> Args:
    n = int(rng.integers(1, 30))
    return n, int(rng.integers(-1, n + 2)), rng.permutation(n) if rng.integers(3) else None


ORACLES = [
    Oracle("mean-average-precision", coco_by_definition, scenes),
    Oracle("confusion-matrix", by_scikit_learn, labels, needs=("sklearn",)),
    Oracle("kfold-indices", by_scikit_learn_kfold, rows, needs=("sklearn",)),
]
