"""Gives the tests of this folder the Python that stands in the bank: references, cases, questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from app.bank.loader import load_file
from app.bank.schema import Code
from app.settings import ROOT

FILES = {
    "iou": "detection/iou.yaml",
    "iou-matrix": "detection/iou.yaml",
    "nms": "detection/nms.yaml",
    "soft-nms": "detection/soft-nms.yaml",
    "sigmoid-focal-loss": "detection/focal-loss.yaml",
    "kmeans-anchors": "detection/yolov2-anchor-clustering.yaml",
    "spp": "detection/spp.yaml",
    "roi-pool": "detection/roi-pooling-vs-roi-align.yaml",
    "roi-align": "detection/roi-pooling-vs-roi-align.yaml",
    "roc-auc": "data-metrics-and-experiments/pr-and-roc-curves.yaml",
    "pr-curve": "data-metrics-and-experiments/pr-and-roc-curves.yaml",
    "average-precision": "data-metrics-and-experiments/average-precision-map.yaml",
    "precision-recall-f1": "data-metrics-and-experiments/precision-recall.yaml",
    "conv2d": "cnn-basics/naive-convolution.yaml",
    "gaussian-2d-kernel": "image-processing/gaussian-kernel.yaml",
    "linear-regression": "classical-ml/linear-regression.yaml",
    "knn-predict": "classical-ml/knn.yaml",
    "kmeans": "classical-ml/kmeans.yaml",
    "pca": "classical-ml/pca.yaml",
    "kmeans-merge": "classical-ml/distributed-kmeans.yaml",
    "adaboost-round": "classical-ml/boosting-adaboost.yaml",
}


def code_question(question_id: str) -> Code:
    loaded = load_file(ROOT / "questions" / FILES[question_id])
    assert not loaded.findings, [str(finding) for finding in loaded.findings]
    question = next(question for question, _ in loaded.questions if question.id == question_id)
    assert isinstance(question, Code)
    return question


def run_source(source: str) -> dict[str, Any]:
    """The names that a source of our own bank defines."""
    names: dict[str, Any] = {}
    exec(compile(source, "bank", "exec"), names)  # noqa: S102  (our own reviewed bank, never a learner's code)
    return names


def reference(question_id: str) -> Callable[..., Any]:
    question = code_question(question_id)
    function: Callable[..., Any] = run_source(question.reference)[question.function]
    return function


def cases(question_id: str, seed: int) -> list[dict[str, Any]]:
    return list(run_source(code_question(question_id).cases)["cases"](np.random.default_rng(seed)))
