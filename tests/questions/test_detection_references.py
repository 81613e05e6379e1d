"""The references of the detection questions agree with oracles written another way: exact fractions, plain Python."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from bank_code import reference

Box = list[float]
ROUNDS = 200


def exact_iou(a: Box, b: Box) -> Fraction:
    """IoU in exact arithmetic; the overlap is what two lengths exceed the length of their hull by."""
    area = Fraction(1)
    for axis in (0, 1):
        starts, ends = [Fraction(p[axis]) for p in (a, b)], [Fraction(p[axis + 2]) for p in (a, b)]
        lengths = sum(ends) - sum(starts)
        area *= max(Fraction(0), lengths - (max(ends) - min(starts)))
    sizes = sum((Fraction(p[2]) - Fraction(p[0])) * (Fraction(p[3]) - Fraction(p[1])) for p in (a, b))
    return Fraction(0) if sizes == area else area / (sizes - area)


def random_box(rng: np.random.Generator, grid: bool) -> Box:
    """A box; on a coarse grid, so that boxes touch, coincide and have no area, or anywhere."""
    points = rng.integers(-3, 4, 4) if grid else rng.uniform(-5, 5, 4)
    x1, x2, y1, y2 = (float(value) for value in points)
    return [min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)]


def boxes_and_scores(rng: np.random.Generator, grid: bool) -> tuple[np.ndarray, np.ndarray]:
    n = int(rng.integers(0, 14))
    boxes = np.array([random_box(rng, grid) for _ in range(n)]).reshape(n, 4)
    scores = rng.integers(1, 5, n) / 4 if grid else rng.uniform(0, 1, n)
    return boxes, scores


@pytest.mark.parametrize("grid", [True, False])
def test_iou_agrees_with_exact_arithmetic(grid: bool) -> None:
    rng, iou = np.random.default_rng(11), reference("iou")
    for _ in range(ROUNDS):
        a, b = random_box(rng, grid), random_box(rng, grid)
        assert iou(a, b) == pytest.approx(float(exact_iou(a, b)), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("grid", [True, False])
def test_iou_matrix_agrees_with_exact_arithmetic(grid: bool) -> None:
    rng, iou_matrix = np.random.default_rng(12), reference("iou-matrix")
    for _ in range(ROUNDS):
        a, b = (boxes_and_scores(rng, grid)[0][:6] for _ in range(2))
        due = [[float(exact_iou(p, q)) for q in b.tolist()] for p in a.tolist()]
        np.testing.assert_allclose(iou_matrix(a, b), np.array(due).reshape(len(a), len(b)), rtol=1e-9, atol=1e-12)


def greedy(boxes: list[Box], scores: list[float], iou_thr: float) -> list[int]:
    """NMS by its definition, on a shrinking set of indices."""
    left, kept = set(range(len(boxes))), []
    while left:
        best = min(left, key=lambda i: (-scores[i], i))
        kept.append(best)
        left = {i for i in left - {best} if float(exact_iou(boxes[best], boxes[i])) <= iou_thr}
    return kept


@pytest.mark.parametrize("grid", [True, False])
def test_nms_agrees_with_its_definition(grid: bool) -> None:
    rng, nms = np.random.default_rng(13), reference("nms")
    for _ in range(ROUNDS):
        boxes, scores = boxes_and_scores(rng, grid)
        iou_thr = float(rng.choice([0, 0.25, 1 / 3, 0.5, 1])) if grid else float(rng.uniform())
        kept = nms(boxes, scores, iou_thr)
        assert kept.dtype.kind == "i"
        assert kept.tolist() == greedy(boxes.tolist(), scores.tolist(), iou_thr)


def soft(
    boxes: list[Box], scores: list[float], method: str, iou_thr: float, sigma: float, score_thr: float
) -> list[tuple[int, float]]:
    """Soft-NMS without state: every score is worked out anew from the boxes taken so far."""
    taken: list[tuple[int, float]] = []

    def now(i: int) -> float:
        score = scores[i]
        for j, _ in taken:
            overlap = float(exact_iou(boxes[j], boxes[i]))
            if method == "gaussian":
                score *= math.exp(-(overlap**2) / sigma)
            elif overlap >= iou_thr:
                score *= 1 - overlap
        return score

    while True:
        done = {i for i, _ in taken}
        open_ = [(now(i), -i) for i in range(len(boxes)) if i not in done and now(i) >= score_thr]
        if not open_:
            return taken
        score, minus_index = max(open_)
        taken.append((-minus_index, score))


@pytest.mark.parametrize("method", ["linear", "gaussian"])
def test_soft_nms_agrees_with_its_definition(method: str) -> None:
    rng, soft_nms = np.random.default_rng(14), reference("soft-nms")
    for _ in range(ROUNDS):
        boxes, scores = boxes_and_scores(rng, grid=False)
        iou_thr, sigma, score_thr = rng.uniform(0, 0.8), rng.uniform(0.1, 1.5), rng.choice([0.001, 0.1, 0.3])
        due = soft(boxes.tolist(), scores.tolist(), method, iou_thr, sigma, score_thr)
        indices, decayed = soft_nms(boxes, scores, method, iou_thr, sigma, score_thr)
        assert indices.tolist() == [i for i, _ in due]
        np.testing.assert_allclose(decayed, [score for _, score in due], rtol=1e-9)


def test_soft_nms_settles_exact_ties_and_equal_thresholds_as_its_definition_does() -> None:
    """Boxes of height 1 on a line whose IoUs are dyadic, so linear decay and every comparison are exact."""
    rng, soft_nms = np.random.default_rng(15), reference("soft-nms")
    for _ in range(ROUNDS):
        starts = rng.choice([0, 1, 20, 21, 40, 60], int(rng.integers(0, 7)))
        boxes = np.array([[x, 0.0, x + 3.0, 1.0] for x in starts]).reshape(len(starts), 4)
        scores = rng.integers(1, 9, len(starts)) / 8
        due = soft(boxes.tolist(), scores.tolist(), "linear", 0.5, 0.5, 0.25)
        indices, decayed = soft_nms(boxes, scores, "linear", 0.5, 0.5, 0.25)
        assert list(zip(indices.tolist(), decayed.tolist(), strict=True)) == due


def test_soft_nms_gives_falling_scores_and_leaves_its_inputs_alone() -> None:
    rng, soft_nms = np.random.default_rng(16), reference("soft-nms")
    for _ in range(50):
        boxes, scores = boxes_and_scores(rng, grid=False)
        before = boxes.copy(), scores.copy()
        decayed = soft_nms(boxes, scores)[1].tolist()
        assert all(first >= second for first, second in pairwise(decayed))
        assert np.array_equal(before[0], boxes)
        assert np.array_equal(before[1], scores)
