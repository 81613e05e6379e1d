"""Failing cases worth a picture, for the tests; run as a script, a page of all of them in both languages.

make setup && .venv/bin/python tests/grading/picture_samples.py sheet.html
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from app.bank.schema import LANGS, Contract, Picture
from app.grading.pairs import Rule
from app.grading.pictures import Subject, drawn
from app.languages import Message
from app.sandbox import Tensor
from app.settings import ROOT

ANY = Contract(dtype="any")


@dataclass(frozen=True)
class Sample:
    """A case that returned `got` where `expected` is due."""

    name: str
    picture: Picture
    expected: object
    got: object
    args: tuple[object, ...] = ()
    roles: dict[str, int] = field(default_factory=dict)
    contract: Contract = field(default_factory=Contract)

    def drawn(self) -> Message | None:
        return drawn(self.picture, Subject(self.roles, self.expected, self.got, Rule(self.contract, self.args)))


def samples() -> Iterator[Sample]:
    """Every picture in the sizes in which it looks different."""
    rng = np.random.default_rng(1)
    yield from _boxes(rng)
    yield from _grids(rng)
    yield from _images()
    yield from _kernels()
    yield from _curves()
    yield from _lists()
    yield from _parts()
    yield from _trees()


def _row(*starts: float) -> object:
    return np.array([[x, 0.0, x + 4.0, 1.0] for x in starts])


def _crowd(rng: np.random.Generator, count: int, objects: int) -> np.ndarray:
    corner, side = rng.uniform(-20, 60, (objects, 2)), rng.uniform(6, 14, (objects, 2))
    which = rng.integers(0, objects, count)
    one = corner[which] + rng.normal(0, 1.5, (count, 2))
    other = corner[which] + side[which] + rng.normal(0, 1.5, (count, 2))
    return np.concatenate([np.minimum(one, other), np.maximum(one, other)], axis=1)


def _changed(array: object, *places: object, by: float) -> np.ndarray:
    copy = np.array(array)
    for place in places:
        copy[place] = copy[place] + by
    return copy


def _boxes(rng: np.random.Generator) -> Iterator[Sample]:
    pair, chosen = {"a": 0, "b": 1}, {"boxes": 0, "scores": 1}
    yield Sample("pair that overlaps", "boxes", 1 / 7, 0.25, ([0, 0, 2, 2], [1, 1, 3, 3]), pair)
    yield Sample("pair that touches", "boxes", 0.0, 0.5, ([0, 0, 1, 1], [1, 0, 2, 1]), pair)
    far = ([1e6, 1e6, 1e6 + 3, 1e6 + 2], [1e6 + 1, 1e6, 1e6 + 8, 1e6 + 4])
    yield Sample("pair far from the origin", "boxes", 0.125, 0.5, far, pair)
    yield Sample("nms of three", "boxes", np.array([1, 2]), np.array([0, 2]), (_row(0, 1, 8), [0.8, 0.9, 0.7]), chosen)
    boxes, scores = _crowd(rng, 24, 4), rng.permutation(24) / 24
    yield Sample("nms of 24", "boxes", [0, 3, 5, 9], [0, 3, 7, 9, 11, 40], (boxes, scores), chosen)
    boxes, scores = _crowd(rng, 400, 12), rng.permutation(400) / 400
    yield Sample("nms of 400", "boxes", np.arange(0, 60, 3), np.arange(0, 60, 4), (boxes, scores), chosen)
    order = (np.array([0, 2]), np.array([0.5, 0.25])), (np.array([2, 0]), np.array([0.25, 0.5]))
    yield Sample("nms in another order", "boxes", *order, (boxes[:9],), {"boxes": 0})
    some = np.array([[0, 0, 10, 10], [12, 3, 30, 9], [5, 14, 18, 28], [20, 18, 34, 30]], dtype=float)
    yield Sample("decoded", "boxes", some, _changed(some, (1, 0), (1, 2), (3, 3), by=4))
    clipped, image = np.clip(some - 5, 0, [26, 20, 26, 20]), {"boxes": 0, "height": 1, "width": 2}
    yield Sample("clipped", "boxes", clipped, some - 5, (some - 5, 20, 26), image)
    yield Sample("one merged away", "boxes", some[:3], some[:2])
    sides = np.array([(32, 16), (23, 23), (16, 32), (64, 32), (45, 45)], dtype=float)
    anchors = np.concatenate([-sides / 2, sides / 2], axis=1)
    yield Sample("anchors", "boxes", anchors, anchors * [1, 1, 1.2, 1])
    yield Sample("sizes of anchors", "boxes", sides[:3], _changed(sides[:3], (1, 0), (2, 1), by=4))
    yield Sample("centre and size for corners", "boxes", some[1:3], np.array([[21, 6, 18, 6], [11.5, 21, 13, 14.0]]))


def _grids(rng: np.random.Generator) -> Iterator[Sample]:
    small = rng.normal(size=(3, 3)).round(2)
    yield Sample("3×3", "heatmap", small, _changed(small, (0, 1), (2, 2), by=0.25))
    some = rng.normal(size=(12, 14))
    yield Sample("12×14", "heatmap", some, _changed(some, (3, 2), (9, 11), by=1.5))
    x = np.linspace(-3, 3, 28)
    hill = np.exp(-(x[:, None] ** 2 + x**2) / 2)
    yield Sample("28×28, shifted", "heatmap", hill, np.roll(hill, 2, axis=1))
    large = rng.normal(size=(500, 400))
    wrong = _changed(large, (100, 50), (slice(440, 480), slice(290, 330)), by=2)
    yield Sample("500×400", "heatmap", large, wrong)
    deep = rng.normal(size=(2, 3, 6, 6))
    yield Sample("four axes", "heatmap", deep, _changed(deep, (1, 2, 4, 4), by=2))
    yield Sample("swapped shape", "heatmap", np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(3, 2))
    yield Sample("nothing returned", "heatmap", np.arange(6.0).reshape(2, 3), np.zeros((0, 3)))
    eight = np.arange(64.0).reshape(8, 8) / 7
    yield Sample("8×8 in numbers", "matrix", eight, _changed(eight, (2, 6), by=-3))
    whole = np.arange(12).reshape(3, 4)
    yield Sample("whole numbers", "matrix", whole, _changed(whole, (1, 1), by=10), contract=Contract(dtype="int"))
    tall = rng.normal(size=(40, 30))
    yield Sample("40×30 in numbers", "matrix", tall, _changed(tall, (17, 22), by=1))
    yield Sample("one axis", "heatmap", np.array([1, 2, 3, 4.5]), np.array([1, 2, 3.5, 4.5]))
    wave = np.sin(np.arange(60) / 5)
    yield Sample("one long axis", "heatmap", wave, _changed(wave, slice(40, 44), by=0.3))
    mask = np.zeros((9, 11), dtype=bool)
    mask[2:6, 3:8] = True
    yield Sample("mask", "heatmap", mask, np.roll(mask, 1, axis=1), contract=Contract(dtype="bool"))
    yield Sample("NaN in numbers", "matrix", np.ones((2, 3)), np.array([[1, np.nan, 1], [1, 1, np.inf]]))
    torn = some.copy()
    torn[3, 4] = torn[9] = np.nan
    yield Sample("NaN in heat", "heatmap", some, torn)
    rows = np.arange(12.0).reshape(4, 3)
    yield Sample(
        "rows in any order",
        "matrix",
        rows,
        _changed(rows[[3, 0, 2, 1]], (2, 2), by=0.5),
        contract=Contract(order="any"),
    )


def _images() -> Iterator[Sample]:
    down, across = np.mgrid[:16, :16]
    colours = np.stack([down * 16, across * 16, (across + down) * 8], axis=-1).astype(np.uint8)
    yield Sample("channels swapped", "heatmap", colours, colours[..., ::-1].copy(), contract=Contract(dtype="int"))
    grey = (np.add.outer(np.arange(40), np.arange(48)) * 2.9).astype(np.uint8)
    holed = grey.copy()
    holed[20:30, 30:40] = 0
    yield Sample("grey with a hole", "heatmap", grey, holed, contract=Contract(dtype="int"))


def _kernels() -> Iterator[Sample]:
    x = np.arange(-2, 3)
    gauss = np.exp(-(x[:, None] ** 2 + x**2) / 2)
    yield Sample("kernel without normalising", "kernel", gauss / gauss.sum(), gauss)
    sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1.0]])
    yield Sample("kernel transposed", "kernel", sobel, sobel.T)
    x = np.arange(-5, 6)
    gauss = np.exp(-(x[:, None] ** 2 + x**2) / 8)
    yield Sample("11×11 kernel off its centre", "kernel", gauss / gauss.sum(), np.roll(gauss, 1, axis=0) / gauss.sum())
    line = np.exp(-(np.arange(-3, 4) ** 2) / 2)
    yield Sample("kernel with one axis", "kernel", line / line.sum(), line / 2.2)
    line = np.exp(-(np.arange(-12, 13) ** 2) / 40)
    yield Sample("kernel with one long axis", "kernel", line / line.sum(), np.roll(line / line.sum(), 2))
    yield Sample("derivative the wrong way round", "kernel", np.array([-0.5, 0, 0.5]), np.array([0.5, 0, -0.5]))


def _curves() -> Iterator[Sample]:
    steps = np.arange(50)
    yield Sample(
        "curve", "curve", 1 / (1 + steps / 10), np.where(steps < 20, 1 / (1 + steps / 10), 1 / (1 + steps / 8))
    )
    rates = np.array([0, 0, 0.2, 0.2, 0.6, 1]), np.array([0, 0.5, 0.5, 0.8, 0.9, 1])
    yield Sample("ROC curve", "curve", (*rates, steps[:6]), (rates[0], _changed(rates[1], 3, by=-0.1), steps[:6]))
    pairs = [np.stack([steps, wave(steps / 8)], axis=1) for wave in (np.sin, np.cos)]
    yield Sample("points of a curve", "curve", *pairs)
    yield Sample("curve too short", "curve", np.linspace(0, 1, 9) ** 2, np.linspace(0, 1, 7) ** 2)
    yield Sample(
        "curve with a gap", "curve", np.linspace(0, 1, 9), np.array([0, 0.125, np.nan, np.nan, 0.5, 0.6, 0.7, 0.9, 1])
    )
    waves = [np.sin(np.arange(5000) / period) * 1e7 for period in (300, 290)]
    yield Sample("curve of 5,000 points", "curve", *waves)


def _lists() -> Iterator[Sample]:
    yield Sample("indices", "indices", [3, 1, 2, 7], [3, 2, 9])
    long = np.r_[np.arange(40), 41, 40, np.arange(42, 90), 200]
    yield Sample("many indices", "indices", np.arange(100), long)
    yield Sample("large labels", "indices", [1234567, 22, 3], [22, 1234567, 3])


def _parts() -> Iterator[Sample]:
    yield Sample("second of a tuple", "heatmap", (np.ones(3), np.eye(3)), (np.ones(3), np.eye(3) * 2))
    due, got = ({"bias": np.ones(2), "weights": weights} for weights in (np.eye(3), np.eye(3)[::-1]))
    yield Sample("weights of a dict", "matrix", due, got)
    kept = np.array([0, 2])
    yield Sample(
        "scores beside indices",
        "boxes",
        (kept, np.array([0.5, 0.25])),
        (kept, np.array([0.5, 0.375])),
        (_row(0, 1, 8),),
        {"boxes": 0},
    )


def _trees() -> Iterator[Sample]:
    weights = {"conv.weight": np.zeros((8, 3, 3, 3), dtype=np.float32), "conv.bias": np.zeros(8, dtype=np.float32)}
    turned = {"conv.weight": np.zeros((3, 8, 3, 3), dtype=np.float32), "bn.bias": np.zeros(8, dtype=np.float32)}
    yield Sample("state of a layer", "tree", {"step": 3, "layers": weights}, {"step": 3, "layers": turned})
    loss, gradient = Tensor(np.array(0.5)), np.linspace(-1, 1, 12).reshape(3, 4)
    yield Sample("loss and gradient", "tree", (loss, Tensor(gradient)), (loss, Tensor(gradient * 3)))
    counts = {"total": 1210, "trainable": 1210, "buffers": 21, "bytes": 4840}
    yield Sample("numbers by name", "tree", counts, counts | {"trainable": 1000, "bytes": 4840.5}, contract=ANY)
    layers = [{"w": np.ones((n, n)), "b": np.ones(n)} for n in range(1, 30)]
    yield Sample("many layers", "tree", layers, [{"w": it["w"] * 2, "b": it["b"]} for it in layers])
    yield Sample("array for a tuple", "tree", (np.ones(3), np.ones(2)), np.ones(5))


def sheet() -> str:
    """A page of all pictures, with the app's built style sheet."""
    dist = ROOT / "static" / "dist"
    styles = dist / json.loads((dist / "manifest.json").read_text())["app.css"]
    figures = [
        f'<figure lang="{lang}"><figcaption>{sample.picture}: {sample.name}</figcaption>'
        f'<div class="picture">{picture.in_(lang)}</div></figure>'
        for lang in LANGS
        for sample in samples()
        if (picture := sample.drawn()) is not None
    ]
    layout = (
        "main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 1rem; "
        "align-items: start; max-width: none; padding: 1rem } figure { margin: 0 }"
    )
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Pictures</title>'
    style = f'<link rel="stylesheet" href="{styles.as_uri()}"><style>{layout}</style>'
    return f"<!doctype html>{head}{style}<main>{''.join(figures)}</main>"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(sheet(), encoding="utf-8")
