"""Pictures are well-formed SVG without inline style, say in words what they show, and never break grading."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from app.grading.pictures import draw
from app.sandbox import Tensor

SVG = "{http://www.w3.org/2000/svg}"
BOXES = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30], [22, 20, 32, 30]], dtype=float)
SCORES = np.array([0.9, 0.8, 0.7, 0.6])


def parsed(picture: Any, *args: Any) -> tuple[ElementTree.Element, str]:
    drawn = draw(picture, *args)
    assert drawn is not None
    for svg in (drawn.en, drawn.zh):
        assert not re.search(r"<style|style=|<script|\son\w+=|#[0-9a-f]{3}", svg)
        assert "nan" not in re.sub(r"<(title|desc|text)[^>]*>[^<]*|aria-label=\"[^\"]*\"", "", svg)
    root = ElementTree.fromstring(drawn.en)  # noqa: S314 (our own text)
    assert root.get("role") == "img"
    described = root.findtext(f"{SVG}desc")
    assert described
    assert ElementTree.fromstring(drawn.zh).findtext(f"{SVG}title") != root.findtext(f"{SVG}title")  # noqa: S314 (as above)
    return root, described


def count(root: ElementTree.Element, kind: str) -> int:
    return sum(it.get("class") == f"pic-{kind}" for it in root.iter(f"{SVG}rect"))


def test_nms_tells_kept_missed_and_extra_boxes_apart() -> None:
    root, described = parsed("boxes", {"boxes": 0, "scores": 1}, (BOXES, SCORES, 0.5), np.array([0, 2]), [0, 1])
    assert [count(root, kind) for kind in ("kept", "missed", "extra", "input")] == [
        2,
        2,
        2,
        2,
    ]  # a box and its key each
    assert "kept, rightly: 0" in described
    assert "missed: 2" in described
    assert "kept, but should go: 1" in described


def test_indices_that_are_no_box_are_named() -> None:
    _, described = parsed("boxes", {"boxes": 0}, (BOXES,), [0], [0, 7, -1])
    assert "Not a box: -1, 7" in described


def test_results_with_scores_are_drawn_by_their_indices() -> None:
    _, described = parsed(
        "boxes", {"boxes": 0}, (BOXES,), (np.array([0, 2]), SCORES[:2]), (np.array([2, 0]), SCORES[:2])
    )
    assert "order or scores differ" in described


def test_two_boxes_are_drawn_with_their_overlap_and_both_results() -> None:
    root, described = parsed("boxes", {"a": 0, "b": 1}, ([0, 0, 2, 2], [1, 1, 3, 3]), 1 / 7, 0.25)
    assert (count(root, "input"), count(root, "pos")) == (2, 1)
    assert "overlap: 1 × 1. got 0.25; expected 0.142857" in described


def test_boxes_that_only_touch_have_no_overlap_to_draw() -> None:
    root, _ = parsed("boxes", {"a": 0, "b": 1}, ([0, 0, 1, 1], [1, 0, 2, 1]), 0.0, 0.5)
    assert count(root, "pos") == 0


def test_a_heat_map_shows_both_arrays_and_their_difference() -> None:
    root, described = parsed("heatmap", {}, (), np.eye(3), Tensor(np.eye(3) * -2))
    words = " ".join(it.text or "" for it in root.iter(f"{SVG}text"))
    assert "expected 3×3" in words
    assert "got − expected" in words
    assert count(root, "grid") == 3
    assert "Largest difference: 3" in described


def test_arrays_of_other_shape_are_drawn_without_a_difference() -> None:
    root, _ = parsed("matrix", {}, (), np.ones((2, 3)), np.ones((3, 2)))
    assert count(root, "grid") == 2


def test_a_deep_array_shows_the_plane_that_differs_most() -> None:
    due = np.zeros((2, 3, 5, 5))
    got = due.copy()
    got[1, 2, 4, 4] = 1
    _, described = parsed("heatmap", {}, (), due, got)
    assert "Plane [1, 2, :, :]" in described


def test_a_large_array_shows_a_window_round_the_difference() -> None:
    due = np.zeros((500, 400))
    got = due.copy()
    got[450, 300] = 1
    root, described = parsed("heatmap", {}, (), due, got)
    assert "Rows 418–481, columns 268–331" in described
    assert count(root, "pos") == 2


def test_nan_cells_are_marked() -> None:
    root, described = parsed("matrix", {}, (), np.ones((2, 2)), np.array([[1, np.nan], [1, 1]]))
    assert count(root, "missed") == 2  # in what came back and in the difference
    assert "NaN" in described


def test_indices_are_marked_place_by_place() -> None:
    root, described = parsed("indices", {}, (), [3, 1, 2], [3, 2])
    assert [count(root, kind) for kind in ("kept", "missed", "extra")] == [2, 2, 1]
    assert described == "expected: 3, 1, 2; got: 3, 2"


def test_curves_are_two_named_lines() -> None:
    root, _ = parsed("curve", {}, (), np.linspace(0, 1, 9), np.linspace(0, 2, 9))
    assert [it.get("class") for it in root.iter(f"{SVG}polyline")] == ["pic-input", "pic-missed"]


@pytest.mark.parametrize(
    ("picture", "roles", "args", "expected", "got"),
    [
        ("none", {}, (), 1, 2),
        ("boxes", {}, (BOXES,), [0], [1]),
        ("boxes", {"boxes": 3}, (BOXES,), [0], [1]),
        ("boxes", {"boxes": 0}, (BOXES,), [0], [[1]]),
        ("boxes", {"boxes": 0}, (BOXES,), [0], "kept"),
        ("boxes", {"boxes": 0}, (BOXES,), [0], [0.5]),
        ("boxes", {"boxes": 0}, (BOXES,), [0], [np.nan]),
        ("boxes", {"boxes": 0}, (BOXES,), [0], [np.inf]),
        ("boxes", {"boxes": 0}, (BOXES * np.nan,), [0], [1]),
        ("boxes", {"boxes": 0}, (np.zeros((99, 4)),), [0], [1]),
        ("boxes", {"a": 0, "b": 1}, ([0, 0, 0, 0], [0, 0, 0, 0]), 0, 1),
        ("heatmap", {}, (), np.ones((2, 2)), None),
        ("heatmap", {}, (), np.ones((0, 2)), np.ones((0, 2))),
        ("matrix", {}, (), np.ones(2), [object()]),
        ("matrix", {}, (), 1 + 2j, 1j),
        ("indices", {}, (), np.ones((2, 2)), [1]),
        ("curve", {}, (), [1.0], [1.0]),
        ("curve", {}, (), [np.nan, np.nan], [np.nan, np.inf]),
    ],
)
def test_what_does_not_fit_its_picture_has_none(picture: Any, roles: Any, args: Any, expected: Any, got: Any) -> None:
    assert draw(picture, roles, args, expected, got) is None


ANYTHING = (
    arrays.arrays(np.float64, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    | arrays.arrays(np.int64, arrays.array_shapes(max_dims=2, max_side=3))
    | st.lists(st.integers() | st.floats() | st.text(max_size=2), max_size=4)
    | st.none()
    | st.floats()
    | st.integers()
    | st.text(max_size=3)
)


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["boxes", "heatmap", "matrix", "indices", "curve"]),
    st.sampled_from([{"boxes": 0, "scores": 1}, {"a": 0, "b": 1}]),
    st.tuples(ANYTHING, ANYTHING),
    ANYTHING,
    ANYTHING,
)
def test_any_values_give_a_well_formed_picture_or_none(
    picture: Any, roles: Any, args: Any, expected: Any, got: Any
) -> None:
    drawn = draw(picture, roles, args, expected, got)
    if drawn is not None:
        ElementTree.fromstring(drawn.en)  # noqa: S314 (our own text)
        ElementTree.fromstring(drawn.zh)  # noqa: S314 (our own text)
