"""The references of the classical machine-learning questions agree with oracles written another way."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from bank_code import reference

Array = np.ndarray
ROUNDS = 200


def least_squares_by_gradient_conditions(X: Array, y: Array, l2: float, fit_intercept: bool) -> tuple[Array, float]:
    """The same minimiser from the pseudo-inverse of the centring matrix times X, or from the dual."""
    n = len(X)
    centring = np.eye(n) - np.ones((n, n)) / n if fit_intercept else np.eye(n)
    Z, t = centring @ X, centring @ y
    w = Z.T @ np.linalg.solve(Z @ Z.T + l2 * np.eye(n), t) if l2 else np.linalg.pinv(Z, rcond=1e-11) @ t
    return w, float(np.mean(y - X @ w)) if fit_intercept else 0.0


def test_linear_regression_agrees_with_the_dual_and_the_pseudo_inverse() -> None:
    rng, linear_regression = np.random.default_rng(41), reference("linear-regression")
    for round_ in range(ROUNDS):
        n, d = (int(value) for value in rng.integers(1, 9, 2))
        X = rng.integers(-2, 3, (n, d)) / 1.0 if round_ % 3 else rng.normal(size=(n, d))
        y, l2, fit_intercept = rng.normal(size=n), float(rng.choice([0, 0.5, 4])), bool(rng.integers(2))
        w, b = linear_regression(X, y, l2, fit_intercept)
        due_w, due_b = least_squares_by_gradient_conditions(X, y, l2, fit_intercept)
        np.testing.assert_allclose(w, due_w, rtol=1e-7, atol=1e-9)
        assert b == pytest.approx(due_b, rel=1e-7, abs=1e-9)


def vote(Xtr: Array, ytr: Array, x: Array, k: int, p: int, weights: str) -> int:
    """kNN for one query; distances to the p-th power are exact integers, weights exact where distances are."""
    power = [sum(abs(int(a) - int(b)) ** p for a, b in zip(row, x, strict=True)) for row in Xtr]
    nearest = sorted(range(len(Xtr)), key=lambda i: (power[i], i))[:k]
    if weights == "uniform":
        ballots = [(Fraction(1), i) for i in nearest]
    else:
        ballots = [(Fraction(1), i) for i in nearest if power[i] == 0]
        ballots = ballots or [(Fraction(1) / Fraction(power[i] ** (1 / p)), i) for i in nearest]
    labels = sorted({int(ytr[i]) for _, i in ballots})
    return max(labels, key=lambda label: (sum(share for share, i in ballots if ytr[i] == label), -label))


@pytest.mark.parametrize(("weights", "p"), [("uniform", 1), ("uniform", 2), ("uniform", 3), ("distance", 1)])
def test_knn_predict_agrees_with_exact_distances_and_votes(weights: str, p: int) -> None:
    rng, knn_predict = np.random.default_rng(42), reference("knn-predict")
    for _ in range(ROUNDS):
        n, d = int(rng.integers(1, 12)), int(rng.integers(1, 4))
        # 1, 2 and 4 on one axis keep the weights 1/distance dyadic, so that ties of weighted votes are exact.
        spread = np.array([0, 1, 2, 4])
        Xtr = np.zeros((n, d), dtype=int)
        Xtr[:, 0] = rng.choice(spread, n)
        if weights == "uniform":
            Xtr = rng.integers(-2, 3, (n, d))
        X = np.zeros((3, d), dtype=int) if weights == "distance" else rng.integers(-2, 3, (3, d))
        ytr, k = rng.integers(-2, 3, n), int(rng.integers(1, n + 1))
        due = [vote(Xtr, ytr, x, k, p, weights) for x in X]
        assert knn_predict(Xtr, ytr, X, k, p, weights).tolist() == due


def test_knn_predict_agrees_with_scikit_learn_where_nothing_ties() -> None:
    neighbors = pytest.importorskip("sklearn.neighbors")
    rng, knn_predict = np.random.default_rng(43), reference("knn-predict")
    for _ in range(ROUNDS):
        Xtr, ytr, X = rng.normal(size=(15, 3)), rng.integers(0, 4, 15), rng.normal(size=(5, 3))
        k, p = int(rng.integers(1, 9)), float(rng.choice([1, 2, 3]))
        oracle = neighbors.KNeighborsClassifier(k, weights="distance", p=p).fit(Xtr, ytr)
        assert knn_predict(Xtr, ytr, X, k, p, "distance").tolist() == oracle.predict(X).tolist()


@pytest.mark.parametrize("k", [-1, 0, 4])
def test_knn_predict_refuses_a_number_of_neighbours_that_is_not_there(k: int) -> None:
    with pytest.raises(ValueError, match="k must"):
        reference("knn-predict")(np.zeros((3, 1)), np.arange(3), np.zeros((1, 1)), k)
