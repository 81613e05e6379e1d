"""The references of the classical machine-learning questions agree with oracles written another way."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from bank_code import reference

Array = np.ndarray
ROUNDS = 200


def least_squares_by_dual_or_pseudo_inverse(x: Array, y: Array, l2: float, fit_intercept: bool) -> tuple[Array, float]:
    """The same minimiser from the pseudo-inverse of the centring matrix times x, or from the dual."""
    n = len(x)
    centring = np.eye(n) - np.ones((n, n)) / n if fit_intercept else np.eye(n)
    z, t = centring @ x, centring @ y
    w = z.T @ np.linalg.solve(z @ z.T + l2 * np.eye(n), t) if l2 else np.linalg.pinv(z, rcond=1e-11) @ t
    return w, float(np.mean(y - x @ w)) if fit_intercept else 0.0


def test_linear_regression_agrees_with_the_dual_and_the_pseudo_inverse() -> None:
    rng, linear_regression = np.random.default_rng(41), reference("linear-regression")
    for round_ in range(ROUNDS):
        n, d = (int(value) for value in rng.integers(1, 9, 2))
        x = rng.integers(-2, 3, (n, d)) / 1.0 if round_ % 3 else rng.normal(size=(n, d))
        y, l2, fit_intercept = rng.normal(size=n), float(rng.choice([0, 0.5, 4])), bool(rng.integers(2))
        w, b = linear_regression(x, y, l2, fit_intercept)
        due_w, due_b = least_squares_by_dual_or_pseudo_inverse(x, y, l2, fit_intercept)
        np.testing.assert_allclose(w, due_w, rtol=1e-7, atol=1e-9)
        assert b == pytest.approx(due_b, rel=1e-7, abs=1e-9)


def vote(train: Array, train_labels: Array, x: Array, k: int, p: int, weights: str) -> int:
    """kNN for one query; distances to the p-th power are exact integers, weights exact where distances are."""
    power = [sum(abs(int(a) - int(b)) ** p for a, b in zip(row, x, strict=True)) for row in train]
    nearest = sorted(range(len(train)), key=lambda i: (power[i], i))[:k]
    if weights == "uniform":
        ballots = [(Fraction(1), i) for i in nearest]
    else:
        ballots = [(Fraction(1), i) for i in nearest if power[i] == 0]
        ballots = ballots or [(Fraction(1) / Fraction(power[i] ** (1 / p)), i) for i in nearest]
    labels = sorted({int(train_labels[i]) for _, i in ballots})
    return max(labels, key=lambda label: (sum(share for share, i in ballots if train_labels[i] == label), -label))


@pytest.mark.parametrize(("weights", "p"), [("uniform", 1), ("uniform", 2), ("uniform", 3), ("distance", 1)])
def test_knn_predict_agrees_with_exact_distances_and_votes(weights: str, p: int) -> None:
    rng, knn_predict = np.random.default_rng(42), reference("knn-predict")
    for _ in range(ROUNDS):
        n, d = int(rng.integers(1, 12)), int(rng.integers(1, 4))
        # 1, 2 and 4 on one axis keep the weights 1/distance dyadic, so that ties of weighted votes are exact.
        spread = np.array([0, 1, 2, 4])
        train = np.zeros((n, d), dtype=int)
        train[:, 0] = rng.choice(spread, n)
        if weights == "uniform":
            train = rng.integers(-2, 3, (n, d))
        x = np.zeros((3, d), dtype=int) if weights == "distance" else rng.integers(-2, 3, (3, d))
        train_labels, k = rng.integers(-2, 3, n), int(rng.integers(1, n + 1))
        due = [vote(train, train_labels, x, k, p, weights) for x in x]
        assert knn_predict(train, train_labels, x, k, p, weights).tolist() == due


@pytest.mark.parametrize("k", [-1, 0, 4])
def test_knn_predict_refuses_a_number_of_neighbours_that_is_not_there(k: int) -> None:
    with pytest.raises(ValueError, match="k must"):
        reference("knn-predict")(np.zeros((3, 1)), np.arange(3), np.zeros((1, 1)), k)


def lloyd(points: list[list[float]], centres: list[list[float]], max_iter: int) -> tuple[list[list[float]], list[int]]:
    """Lloyd's algorithm in plain Python, always for `max_iter` iterations."""

    def assign() -> list[int]:
        tables = [[sum((a - b) ** 2 for a, b in zip(p, c, strict=True)) for c in centres] for p in points]
        return [row.index(min(row)) for row in tables]

    for _ in range(max_iter):
        labels = assign()
        groups = [[p for p, label in zip(points, labels, strict=True) if label == j] for j in range(len(centres))]
        centres = [
            [math.fsum(column) / len(group) for column in zip(*group, strict=True)] if group else centre
            for group, centre in zip(groups, centres, strict=True)
        ]
    return centres, assign()


def test_kmeans_agrees_with_plain_python() -> None:
    rng, kmeans = np.random.default_rng(44), reference("kmeans")
    for _ in range(ROUNDS):
        n, k, max_iter = (int(value) for value in rng.integers([1, 1, 0], [15, 6, 12]))
        x, init = rng.normal(size=(n, 2)), rng.normal(size=(k, 2)) * 2  # far centres stay without points
        centres, labels, inertia = kmeans(x, init, max_iter)
        due_centres, due_labels = lloyd(x.tolist(), init.tolist(), max_iter)
        np.testing.assert_allclose(centres, due_centres, rtol=1e-9, atol=1e-12)
        assert labels.tolist() == due_labels
        assert inertia == pytest.approx(((x - np.array(due_centres)[due_labels]) ** 2).sum(), rel=1e-9, abs=1e-12)


def test_kmeans_never_increases_the_inertia() -> None:
    rng, kmeans = np.random.default_rng(45), reference("kmeans")
    for _ in range(20):
        x, init = rng.normal(size=(40, 2)), rng.normal(size=(5, 2))
        inertias = [kmeans(x, init, max_iter)[2] for max_iter in range(8)]
        assert all(later <= earlier + 1e-12 for earlier, later in pairwise(inertias))


def test_pca_agrees_with_the_eigenvectors_of_the_covariance() -> None:
    rng, pca = np.random.default_rng(46), reference("pca")
    for _ in range(ROUNDS):
        n, d = (int(value) for value in rng.integers(2, 9, 2))
        x = rng.normal(size=(n, d)) * 3 + 5
        m = int(rng.integers(1, min(n - 1, d) + 1))
        components, variance, scores = pca(x, m)
        eigenvalues, vectors = np.linalg.eigh(np.atleast_2d(np.cov(x, rowvar=False)))
        np.testing.assert_allclose(variance, eigenvalues[::-1][:m], rtol=1e-9, atol=1e-9)
        # The projections on the axes do not depend on the signs; the rule for these is tested apart.
        for component, due in zip(components, vectors.T[::-1], strict=False):
            np.testing.assert_allclose(np.outer(component, component), np.outer(due, due), atol=1e-6)
            assert max(component) == pytest.approx(abs(component).max())
        np.testing.assert_allclose(scores, (x - x.mean(axis=0)) @ components.T, atol=1e-9)


@pytest.mark.parametrize("m", [-1, 0, 3])
def test_pca_refuses_more_components_than_there_are(m: int) -> None:
    with pytest.raises(ValueError, match="m must"):
        reference("pca")(np.arange(8.0).reshape(4, 2), m)


def test_adaboost_round_gives_wrong_and_right_samples_half_of_the_weight_each() -> None:
    rng, adaboost_round = np.random.default_rng(47), reference("adaboost-round")
    for _ in range(ROUNDS):
        n = int(rng.integers(1, 10))
        w, y, h = rng.integers(0, 5, n), rng.choice([-1, 1], n), rng.choice([-1, 1], n)
        w[0] = 1
        alpha, new = adaboost_round(w, y, h)
        total, wrong = int(w.sum()), int(w[y != h].sum())
        error = min(max(Fraction(wrong, total), Fraction(1, 10**10)), 1 - Fraction(1, 10**10))
        assert alpha == pytest.approx(math.atanh(1 - 2 * error), rel=1e-6)
        share = {0: Fraction(1), total: Fraction(1)}.get(wrong, Fraction(1, 2))
        sides = {True: wrong, False: total - wrong}
        due = [float(share * int(v) / sides[bad]) if v else 0.0 for v, bad in zip(w, (y != h).tolist(), strict=True)]
        np.testing.assert_allclose(new, due, rtol=1e-7)


def test_kmeans_merge_gives_the_mean_of_the_pooled_points() -> None:
    rng, kmeans_merge = np.random.default_rng(48), reference("kmeans-merge")
    for _ in range(ROUNDS):
        machines, k, d = (int(value) for value in rng.integers(1, 5, 3))
        points = [[rng.normal(size=(int(rng.integers(0, 4)), d)) for _ in range(k)] for _ in range(machines)]
        counts = np.array([[len(group) for group in row] for row in points])
        junk = float(rng.choice([np.nan, np.inf, 7.0]))  # what a machine without points may send
        means = np.array([[g.mean(axis=0) if len(g) else np.full(d, junk) for g in row] for row in points])
        old = rng.normal(size=(k, d))
        pooled = [np.concatenate([row[j] for row in points]) for j in range(k)]
        due = [group.mean(axis=0) if len(group) else centre for group, centre in zip(pooled, old, strict=True)]
        np.testing.assert_allclose(kmeans_merge(means, counts, old), due, rtol=1e-9, atol=1e-12)
