"""Classical machine learning: SciPy and scikit-learn, and definitions by brute force."""

from __future__ import annotations

import math
import warnings
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
from oracle import Oracle

Args = tuple[object, ...]


def lda_by_scipy(x: np.ndarray, y: np.ndarray, m: int, reg: float) -> np.ndarray:
    """Within-class scatter from differences of pairs, between-class scatter as what remains of the total."""
    from scipy.linalg import eigh

    labels, d = sorted(set(y.tolist())), x.shape[1]
    if m < 1 or m >= len(labels) or m > d:
        raise ValueError("m")
    within = np.zeros((d, d))
    for label in labels:
        group = x[y == label]
        differences = (group[:, None] - group[None]).reshape(-1, d)
        within += differences.T @ differences / (2 * len(group))
    between = len(x) * np.cov(x, rowvar=False, bias=True).reshape(d, d) - within
    _, vectors = eigh(between, within + reg * np.eye(d), subset_by_index=(d - m, d - 1))
    rows = vectors.T[::-1] / np.linalg.norm(vectors, axis=0)[::-1, None]
    largest = np.take_along_axis(rows, abs(rows).argmax(axis=1)[:, None], axis=1)
    return np.asarray(rows * np.sign(largest))


def labelled_clouds(rng: np.random.Generator) -> Args:
    """Of one class or more, some of one sample, sometimes integers or too few samples; m may be too large."""
    classes, d = int(rng.integers(1, 6)), int(rng.integers(1, 6))
    sizes = rng.integers(1, 8, classes)
    y = rng.permutation(np.repeat(rng.choice(np.arange(-50, 50), classes, replace=False), sizes))
    x = rng.normal(size=(len(y), d)) + 2 * rng.normal(size=(100, d))[y]
    if rng.integers(4) == 0:
        x = np.round(5 * x).astype(np.int64)
    scarce = len(y) - classes < d + 2
    reg = float(rng.uniform(0.2, 3)) if scarce or rng.integers(2) else 0.0
    return x, y, int(rng.integers(0, min(classes, d) + 1)), reg


def em_step_by_sklearn(
    x: np.ndarray, pi: np.ndarray, mu: np.ndarray, cov: np.ndarray, reg: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, float]:
    """One iteration of scikit-learn's fit; responsibilities and likelihood from SciPy's densities."""
    from scipy.special import logsumexp
    from scipy.stats import multivariate_normal
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture
    from threadpoolctl import threadpool_limits  # comes with scikit-learn; threads cost time here

    densities = [multivariate_normal(m, c).logpdf(x).reshape(len(x)) for m, c in zip(mu, cov, strict=True)]
    joint = np.log(pi) + np.stack(densities, axis=1)
    total = logsumexp(joint, axis=1, keepdims=True)
    start = {"weights_init": pi, "means_init": mu, "precisions_init": np.linalg.inv(cov)}
    model = GaussianMixture(len(pi), reg_covar=reg, max_iter=1, init_params="random", **start)
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x)
    return model.weights_, model.means_, model.covariances_, np.exp(joint - total), float(total.sum())


def mixture(rng: np.random.Generator) -> Args:
    """At times a single component, one far away that gets nothing, points far out, or data far from the origin."""
    k, d = int(rng.integers(1, 5)), int(rng.integers(1, 4))
    n = int(rng.integers(max(k, 2), 16))
    x, mu = rng.normal(0, 2, (n, d)), rng.normal(0, 2, (k, d))
    kind = rng.integers(5)
    if kind == 0:
        mu[-1] += 500
    if kind == 1:
        x[0] += 300
    if kind == 2:
        x, mu = x + 1000, mu + 1000
    factors = rng.normal(size=(k, d, d))
    cov = factors @ factors.transpose(0, 2, 1) + rng.uniform(0.3, 1) * np.eye(d)
    return x, rng.dirichlet(np.full(k, 2.0)), mu, cov, float(rng.choice([1e-6, 0.01, 0.5]))


def naive_bayes_by_sklearn(
    x: np.ndarray, y: np.ndarray, queries: np.ndarray, var_smoothing: float
) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.naive_bayes import GaussianNB

    model = GaussianNB(var_smoothing=var_smoothing).fit(x, y)
    return model.predict(queries), model.predict_log_proba(queries)


def labelled_samples(rng: np.random.Generator) -> Args:
    """Small classes, at times of one sample or on integers, so that features are constant within a class."""
    n, d, m = int(rng.integers(2, 15)), int(rng.integers(1, 5)), int(rng.integers(1, 6))
    y = rng.choice(rng.integers(-20, 20, 3), n)
    x, queries = rng.normal(0, 2, (n, d)) + y[:, None] / 10, rng.normal(0, 4, (m, d))
    if rng.integers(3) == 0:
        x = np.round(x).astype(np.int64)
    x[0, 0] = x[1:, 0].max() + 1  # at least one feature varies
    return x, y, queries, float(rng.choice([1e-9, 1e-3, 0.5]))


def logistic_by_sklearn(x: np.ndarray, y: np.ndarray, l2: float, iters: int) -> tuple[np.ndarray, float]:
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1 / l2 if l2 else np.inf, solver="newton-cholesky", tol=1e-10, max_iter=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a line search that can't improve what rounding allows
        model.fit(x, y)
    return model.coef_[0], float(model.intercept_[0])


def labelled_points(rng: np.random.Generator) -> Args:
    """Few samples are separable, integers coincide; without a penalty each sample stands there with both labels."""
    n, d = int(rng.integers(2, 30)), int(rng.integers(1, 6))
    x = rng.normal(size=(n, d)) * rng.uniform(0.3, 3, d)
    if rng.integers(4) == 0:
        x = np.round(x).astype(np.int64)
    y = (rng.random(n) < 1 / (1 + np.exp(-x @ rng.normal(size=d)))).astype(np.int64)
    y[:2] = 0, 1
    if rng.integers(4) == 0 and np.linalg.matrix_rank(np.column_stack([x, np.ones(n)])) == d + 1:
        more = rng.random(n) < 0.5
        return np.concatenate([x, x, x[more]]), np.concatenate([y, 1 - y, y[more]]), 0.0, 50
    return x, y, float(rng.choice([0.05, 0.5, 1, 20])), 50


def viterbi_by_all_paths(log_pi: np.ndarray, log_a: np.ndarray, log_b: np.ndarray) -> tuple[np.ndarray, float]:
    """Every path, scored; of equals the one whose last state is lowest, then the one before it, and so on."""
    steps, states = log_b.shape

    def score(path: tuple[int, ...]) -> float:
        moves = sum(float(log_a[i, j]) for i, j in pairwise(path))
        return float(log_pi[path[0]]) + moves + sum(float(row[state]) for row, state in zip(log_b, path, strict=True))

    paths = list(product(range(states), repeat=steps))
    best = min(paths, key=lambda path: (-score(path), path[::-1]))
    return np.array(best), score(best)


def small_hmm(rng: np.random.Generator) -> Args:
    """Half of the time of small integers and impossible entries, so that paths tie; state 0 stays possible."""
    states, steps = int(rng.integers(1, 5)), int(rng.integers(1, 6))
    shapes = [(states,), (states, states), (steps, states)]
    if rng.integers(2):
        parts = [rng.integers(-2, 2, shape).astype(float) for shape in shapes]
        for part in parts:
            part[rng.random(part.shape) < 0.2] = -np.inf
            part[(0, 0) if part is parts[1] else (..., 0)] = -1
        return tuple(parts)
    return tuple(rng.normal(0, 2, shape) for shape in shapes)


def split_in_fractions(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Every threshold tried, in exact arithmetic."""

    def gini(labels: list[int]) -> Fraction:
        return 1 - sum((Fraction(labels.count(c), len(labels)) ** 2 for c in set(labels)), Fraction(0))

    def decrease(threshold: Fraction) -> Fraction:
        sides = [[b for a, b in zip(x, labels, strict=True) if (a <= threshold) is left] for left in (True, False)]
        return gini(labels) - sum(Fraction(len(side), len(labels)) * gini(side) for side in sides)

    labels = y.tolist()
    values = [Fraction(value) for value in sorted(set(x.tolist()))]
    middles = [(a + b) / 2 for a, b in pairwise(values)]
    best = max(middles, key=lambda middle: (decrease(middle), -middle), default=Fraction(0))
    if not middles or decrease(best) == 0:
        return math.nan, 0.0
    return float(best), float(decrease(best))


def one_feature(rng: np.random.Generator) -> Args:
    """Few values, so that samples coincide, splits tie and none may help."""
    n = int(rng.integers(1, 12))
    x = rng.integers(-3, 4, n) if rng.integers(2) else rng.choice([0.25, 0.5, 1.5, -2.0, 3.0, 4.75], n)
    return x, rng.integers(-1, int(rng.integers(0, 4)), n)


def distances_by_scipy(a: np.ndarray, b: np.ndarray, squared: bool = True) -> np.ndarray:
    from scipy.spatial.distance import cdist

    return np.asarray(cdist(a, b, "sqeuclidean" if squared else "euclidean"))


def two_point_sets(rng: np.random.Generator) -> Args:
    """Either may be empty; at times integers, rows in common, or far from the origin."""
    d = int(rng.integers(1, 6))
    a, b = (rng.normal(size=(int(rng.integers(0, 7)), d)) for _ in range(2))
    kind = rng.integers(4)
    if kind == 0:
        a, b = np.round(3 * a).astype(np.int64), np.round(3 * b).astype(np.int64)
    if kind == 1:
        b = np.concatenate([b, a])
    if kind == 2:
        a, b = a + 1e6, b + 1e6
    return a, b


def two_point_sets_for_roots(rng: np.random.Generator) -> Args:
    return *two_point_sets(rng), False


def by_counting_updates(x: np.ndarray, y: np.ndarray, epochs: int) -> tuple[np.ndarray, int, int]:
    """The dual form: how often each sample was added, with scores from the kernel matrix."""
    kernel, added = x @ x.T + 1, np.zeros(len(x), dtype=int)
    for _ in range(epochs):
        wrong = 0
        for i, label in enumerate(y):
            if label * sum(kernel[i] * added * y) <= 0:
                added[i] += 1
                wrong += 1
        if not wrong:
            break
    return x.T @ (added * y), int(added @ y), int(added.sum())


def signed_rows(rng: np.random.Generator) -> Args:
    n, d = (int(value) for value in rng.integers(1, [9, 4]))
    x: np.ndarray = rng.integers(-16, 17, (n, d)) / 8
    y = np.where(x[:, 0] > 0, 1, -1) if rng.integers(2) else rng.choice([-1, 1], n)
    return x, y, int(rng.integers(0, 12))


def kernel_by_sums(x: np.ndarray, y: np.ndarray, gamma: float) -> list[list[float]]:
    return [[math.exp(-gamma * math.dist(a, b) ** 2) for b in y.tolist()] for a in x.tolist()]


def two_point_sets_and_gamma(rng: np.random.Generator) -> Args:
    a, b = two_point_sets(rng)
    some = a[:1] if len(a) else b[:1]
    if not len(some):
        return np.ones((1, 2)), np.ones((1, 2)), 1.0
    return (a if len(a) else some), (b if len(b) else some), float(rng.choice([0, 1e-3, 0.3, 2, 100]))


ORACLES = [
    Oracle("lda-directions", lda_by_scipy, labelled_clouds, rtol=1e-6, atol=1e-8, rounds=300, needs=("scipy",)),
    Oracle("gmm-em-step", em_step_by_sklearn, mixture, rtol=1e-6, atol=1e-9, needs=("scipy", "sklearn")),
    Oracle("gaussian-nb", naive_bayes_by_sklearn, labelled_samples, rtol=1e-6, needs=("sklearn",)),
    Oracle("logistic-regression-fit", logistic_by_sklearn, labelled_points, rtol=1e-6, atol=1e-7, needs=("sklearn",)),
    Oracle("viterbi", viterbi_by_all_paths, small_hmm, rounds=300),
    Oracle("best-gini-split", split_in_fractions, one_feature, rounds=400),
    Oracle("pairwise-sq-dists", distances_by_scipy, two_point_sets, atol=1e-9, needs=("scipy",)),
    Oracle("pairwise-sq-dists", distances_by_scipy, two_point_sets_for_roots, atol=1e-6, needs=("scipy",)),
    Oracle("perceptron-fit", by_counting_updates, signed_rows),
    Oracle("rbf-kernel", kernel_by_sums, two_point_sets_and_gamma),
]
