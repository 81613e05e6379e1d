"""The references of the metric questions agree with scikit-learn and with plain counting."""

from __future__ import annotations

import importlib
from fractions import Fraction

import numpy as np
import pytest
from bank_code import reference

ROUNDS = 200


def labels_and_scores(rng: np.random.Generator, round_: int) -> tuple[np.ndarray, np.ndarray]:
    """Both classes; every other round with many equal scores."""
    n = int(rng.integers(2, 40))
    labels = np.append(rng.integers(0, 2, n), [0, 1])
    return labels, rng.integers(0, 6, n + 2) / 4 if round_ % 2 else rng.normal(size=n + 2)


def test_roc_auc_agrees_with_scikit_learn() -> None:
    metrics = importlib.import_module("sklearn.metrics")
    rng, roc_auc = np.random.default_rng(41), reference("roc-auc")
    for round_ in range(ROUNDS):
        labels, scores = labels_and_scores(rng, round_)
        assert roc_auc(labels, scores) == pytest.approx(metrics.roc_auc_score(labels, scores), abs=1e-12)


def test_pr_curve_agrees_with_scikit_learn_without_its_end_point() -> None:
    metrics = importlib.import_module("sklearn.metrics")
    rng, pr_curve = np.random.default_rng(42), reference("pr-curve")
    for round_ in range(ROUNDS):
        labels, scores = labels_and_scores(rng, round_)
        precision, recall, thresholds = metrics.precision_recall_curve(labels, scores)
        for have, want in zip(pr_curve(labels, scores), (precision[:-1], recall[:-1], thresholds), strict=True):
            np.testing.assert_allclose(have, want[::-1], rtol=1e-12)


def exact_average_precision(tp: list[bool], n_gt: int, method: str) -> Fraction:
    """The envelope from its definition, asked at every recall in exact fractions."""
    points = [(Fraction(sum(tp[:k]), n_gt), Fraction(sum(tp[:k]), k)) for k in range(1, len(tp) + 1)]

    def envelope(t: Fraction) -> Fraction:
        return max((p for r, p in points if r >= t), default=Fraction(0))

    steps = {"voc07": 10, "coco101": 100, "area": n_gt}[method]
    recalls = range(1 if method == "area" else 0, steps + 1)
    return sum((envelope(Fraction(j, steps)) for j in recalls), Fraction(0)) / len(recalls)


@pytest.mark.parametrize("method", ["voc07", "area", "coco101"])
def test_average_precision_agrees_with_exact_arithmetic(method: str) -> None:
    rng, average_precision = np.random.default_rng(43), reference("average-precision")
    for _ in range(ROUNDS):
        tp = rng.random(int(rng.integers(0, 14))) < rng.uniform(0.2, 0.9)
        n_gt = int(tp.sum() + rng.integers(0, 5)) or 1
        due = float(exact_average_precision(tp.tolist(), n_gt, method))
        assert average_precision(tp, n_gt, method) == pytest.approx(due, rel=1e-12, abs=1e-12)


def test_average_precision_is_undefined_without_ground_truth() -> None:
    assert np.isnan(reference("average-precision")(np.zeros(3, dtype=bool), 0, "area"))


@pytest.mark.parametrize("average", ["binary", "macro", "micro"])
@pytest.mark.filterwarnings("ignore")
def test_precision_recall_f1_agrees_with_scikit_learn(average: str) -> None:
    metrics = importlib.import_module("sklearn.metrics")
    rng, precision_recall_f1 = np.random.default_rng(44), reference("precision-recall-f1")
    for _ in range(ROUNDS):
        n, high, beta = int(rng.integers(1, 12)), 2 if average == "binary" else 5, float(rng.uniform(0.3, 3))
        truth, called = rng.integers(0, high, n), rng.integers(0, high, n)
        due = metrics.precision_recall_fscore_support(truth, called, beta=beta, average=average, zero_division=0)
        np.testing.assert_allclose(precision_recall_f1(truth, called, average, beta), due[:3], rtol=1e-9)
