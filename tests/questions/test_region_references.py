"""The references about regions, anchors and focal loss agree with other implementations: torch, fractions."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from bank_code import reference

Array = np.ndarray
ROUNDS = 200


def test_sigmoid_focal_loss_agrees_with_torch() -> None:
    torch = pytest.importorskip("torch")
    rng, focal = np.random.default_rng(31), reference("sigmoid-focal-loss")
    for round_ in range(ROUNDS):
        n = int(rng.integers(1, 30))
        logits, targets = rng.normal(0, rng.choice([1, 10, 300]), n), rng.integers(0, 2, n)
        alpha, gamma = (-1 if round_ % 5 == 0 else float(rng.uniform())), float(rng.choice([0, 0.5, 1, 2, 4.3]))
        reduction = ["none", "sum", "mean"][round_ % 3]
        z, y = torch.from_numpy(logits), torch.from_numpy(targets).double()
        ce = torch.nn.functional.binary_cross_entropy_with_logits(z, y, reduction="none")
        due = ce * torch.sigmoid(torch.where(y == 1, -z, z)) ** gamma
        if alpha >= 0:
            due = due * (alpha * y + (1 - alpha) * (1 - y))
        due = due if reduction == "none" else getattr(due, reduction)()
        np.testing.assert_allclose(focal(logits, targets, alpha, gamma, reduction), due.numpy(), rtol=1e-9, atol=1e-12)


def clustered(boxes: Array, init: Array, rounds: int, update: str) -> tuple[list[list[float]], list[int], float]:
    """Anchors by lists of members, each round from the definition; runs all rounds, since stopping changes nothing."""
    anchors: list[list[float]] = init.astype(float).tolist()

    def iou(box: list[float], anchor: list[float]) -> float:
        inter = min(box[0], anchor[0]) * min(box[1], anchor[1])
        return inter / (box[0] * box[1] + anchor[0] * anchor[1] - inter)

    def label(box: list[float]) -> int:
        return max(range(len(anchors)), key=lambda k: (iou(box, anchors[k]), -k))

    rows: list[list[float]] = boxes.astype(float).tolist()
    for _ in range(rounds):
        members: dict[int, list[list[float]]] = {}
        for box in rows:
            members.setdefault(label(box), []).append(box)
        for k, mine in members.items():
            sides = [sorted(side) for side in zip(*mine, strict=True)]
            half, odd = divmod(len(mine), 2)
            if update == "mean":
                anchors[k] = [math.fsum(side) / len(side) for side in sides]
            else:
                anchors[k] = [side[half] if odd else (side[half - 1] + side[half]) / 2 for side in sides]
    labels = [label(box) for box in rows]
    return anchors, labels, sum(iou(box, anchors[k]) for box, k in zip(rows, labels, strict=True)) / len(rows)


@pytest.mark.parametrize("update", ["mean", "median"])
def test_kmeans_anchors_agrees_with_its_definition(update: str) -> None:
    rng, kmeans_anchors = np.random.default_rng(32), reference("kmeans-anchors")
    for _ in range(ROUNDS):
        boxes, init = (np.exp(rng.normal(3, 1, (int(rng.integers(1, high)), 2))) for high in (15, 5))
        rounds = int(rng.integers(1, 12))
        anchors, labels, mean_iou = kmeans_anchors(boxes, init, rounds, update)
        due = clustered(boxes, init, rounds, update)
        np.testing.assert_allclose(anchors, due[0], rtol=1e-9)
        assert labels.tolist() == due[1]
        assert mean_iou == pytest.approx(due[2], rel=1e-9)


def test_spp_agrees_with_the_adaptive_pools_of_torch() -> None:
    torch = pytest.importorskip("torch")
    rng, spp = np.random.default_rng(33), reference("spp")
    for round_ in range(ROUNDS):
        x = rng.normal(size=rng.integers(1, 9, 4))
        levels = [int(n) for n in rng.integers(1, 7, int(rng.integers(1, 4)))]
        mode = ["max", "avg"][round_ % 2]
        pool = getattr(torch.nn.functional, f"adaptive_{mode}_pool2d")
        due = torch.cat([pool(torch.from_numpy(x), n).flatten(1) for n in levels], dim=1)
        np.testing.assert_allclose(spp(x, levels, mode), due.numpy(), rtol=1e-9, atol=1e-12)


def members_of_bin(first: int, last: int, size: int, out: int, p: int) -> list[int]:
    """The cells of one side in bin p, asked one by one with exact fractions."""
    share = Fraction(max(last - first + 1, 1), out)
    return [at for at in range(size) if math.floor(p * share) <= at - first < math.ceil((p + 1) * share)]


def test_roi_pool_agrees_with_membership_in_exact_arithmetic() -> None:
    rng, roi_pool = np.random.default_rng(34), reference("roi-pool")
    for _ in range(ROUNDS):
        feat = rng.normal(-1, 1, size=rng.integers(1, 7, 3))
        out, scale = int(rng.integers(1, 5)), float(rng.choice([1, 0.5, 0.25]))
        rois = rng.integers(-12, 30, (int(rng.integers(0, 3)), 4)) / 2
        due = np.zeros((len(rois), len(feat), out, out))
        for r, roi in enumerate(rois):
            x1, y1, x2, y2 = (int(Decimal(v * scale).to_integral_value(ROUND_HALF_UP)) for v in roi.tolist())
            for i in range(out):
                rows = members_of_bin(y1, y2, feat.shape[1], out, i)
                for j in range(out):
                    columns = members_of_bin(x1, x2, feat.shape[2], out, j)
                    if rows and columns:
                        due[r, :, i, j] = feat[:, rows][:, :, columns].max(axis=(1, 2))
        np.testing.assert_array_equal(roi_pool(feat, rois, out, scale), due)


def test_roi_align_agrees_with_grid_sample_of_torch() -> None:
    """Samples by `grid_sample`, whose border padding clamps as the rule does; far ones are zeroed beside it."""
    torch = pytest.importorskip("torch")
    rng, roi_align = np.random.default_rng(35), reference("roi-align")
    for round_ in range(ROUNDS):
        feat, aligned = rng.normal(size=rng.integers(2, 9, 3)), bool(round_ % 2)
        out, s, scale = int(rng.integers(1, 5)), int(rng.integers(1, 4)), float(rng.choice([1, 0.5, 0.3]))
        start = rng.uniform(-6, 14, 2)
        roi = np.concatenate([start, start + rng.choice([0.0, 1.0, 6.0]) * rng.uniform(0, 2, 2)])
        points = []
        for axis, size in ((1, feat.shape[1]), (0, feat.shape[2])):
            low, high = (roi[[axis, axis + 2]] * scale) - (0.5 if aligned else 0)
            length = high - low if aligned else max(high - low, 1)
            at = np.array([low + length / out * (p + (k + 0.5) / s) for p in range(out) for k in range(s)])
            points.append((at, ~((at < -1) | (at > size)), 2 * at / (size - 1) - 1))
        (_, in_y, gy), (_, in_x, gx) = points
        grid = torch.from_numpy(np.stack(np.meshgrid(gx, gy), axis=-1)[None])
        sampled = torch.nn.functional.grid_sample(
            torch.from_numpy(feat)[None], grid, padding_mode="border", align_corners=True
        ) * torch.from_numpy(np.outer(in_y, in_x).astype(float))
        due = torch.nn.functional.avg_pool2d(sampled, s)
        np.testing.assert_allclose(
            roi_align(feat, roi[None], out, scale, s, aligned), due.numpy(), rtol=1e-9, atol=1e-12
        )
