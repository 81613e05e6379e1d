"""Pictures are small, well-formed SVG without inline style, say in words what they show, and never break grading."""

from __future__ import annotations

import logging
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from picture_samples import Sample, samples

from app.bank.schema import Contract, Picture, Ties
from app.grading import pictures
from app.grading.pairs import Rule
from app.grading.pictures import Subject, boxes, draw, drawn
from app.languages import Message
from app.sandbox import Opaque, Tensor

SVG = "{http://www.w3.org/2000/svg}"
MOST_BYTES = 60_000
ELEMENTS = {"svg", "title", "g", "text", "rect", "path", "polyline", "circle"}
ATTRIBUTES = {
    "viewBox", "role", "aria-label", "class", "x", "y", "width", "height", "cx", "cy", "r", "d", "points", "fill",
    "stroke", "fill-opacity", "stroke-dasharray", "font-size", "text-anchor", "transform", "vector-effect",
    "shape-rendering",
}  # fmt: skip
NUMBER = re.compile(r"-?\d+(\.\d+)?")
BOXES = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30], [22, 20, 32, 30]], dtype=float)
SCORES = np.array([0.9, 0.8, 0.7, 0.6])
KINDS: tuple[Picture, ...] = ("boxes", "heatmap", "matrix", "kernel", "indices", "curve", "tree")


def check(picture: Message) -> tuple[ElementTree.Element, str]:
    """The English picture and its text alternative, once both languages are found to keep every rule."""
    for svg in (picture.en, picture.zh):
        assert len(svg.encode()) <= MOST_BYTES
        root = ElementTree.fromstring(svg)  # noqa: S314 (our own text)
        for element in root.iter():
            assert element.tag.removeprefix(SVG) in ELEMENTS
            assert set(element.attrib) <= ATTRIBUTES
            for name in ("x", "y", "width", "height", "cx", "cy", "r"):
                assert NUMBER.fullmatch(element.get(name, "0")), (element.tag, element.attrib)
            assert not re.search("nan|inf", element.get("d", "") + element.get("points", ""))
    english, chinese = (ElementTree.fromstring(svg) for svg in (picture.en, picture.zh))  # noqa: S314 (as above)
    assert english.get("role") == chinese.get("role") == "img"
    assert english.findtext(f"{SVG}title") != chinese.findtext(f"{SVG}title")
    told = english.get("aria-label", "")
    assert told.startswith(f"{english.findtext(f'{SVG}title')}. ")
    return english, told


def picture_of(picture: Picture, expected: Any, got: Any, args: Any = (), roles: Any = None, **contract: Any) -> Any:
    made = drawn(picture, Subject(roles or {}, expected, got, Rule(Contract(**contract), args)))
    assert made is not None
    return check(made)


def count(root: ElementTree.Element, kind: str, tag: str = "rect") -> int:
    return sum(it.get("class") == f"pic-{kind}" for it in root.iter(f"{SVG}{tag}"))


def words(root: ElementTree.Element) -> list[str]:
    return [it.text or "" for it in root.iter(f"{SVG}text")]


@pytest.mark.parametrize("sample", list(samples()), ids=lambda sample: f"{sample.picture}: {sample.name}")
def test_every_sample_is_drawn_small_and_well_formed(sample: Sample) -> None:
    made = sample.drawn()
    assert made is not None
    _, told = check(made)
    assert re.search(r"\d", told), "the text alternative gives facts"


@pytest.mark.parametrize("sample", list(samples()), ids=lambda sample: f"{sample.picture}: {sample.name}")
def test_an_example_of_every_sample_shows_what_is_due_alone(sample: Sample) -> None:
    rule = Rule(sample.contract, sample.args)
    made = drawn(sample.picture, Subject(sample.roles, sample.expected, sample.expected, rule, is_example=True))
    assert made is not None
    root, told = check(made)
    assert told.startswith("The result of the example. ")
    assert re.search(r"\d", told), "the text alternative gives facts"
    assert not re.search("expected|got|missed|differ|✗|○", told + " ".join(words(root)))
    assert not re.search("应为|得到|漏掉|差", made.zh)
    assert {it.get("class") for it in root.iter()} & {"pic-got", "pic-missed", "pic-extra", "pic-first"} == set()


# --- boxes


def test_nms_tells_kept_missed_and_extra_boxes_apart() -> None:
    root, told = picture_of("boxes", np.array([0, 2]), [0, 1], (BOXES, SCORES, 0.5), {"boxes": 0, "scores": 1})
    both = [count(root, kind) for kind in ("kept", "missed", "extra", "input")]
    assert both == [2, 2, 2, 2], "a box and its key each"
    assert "kept, rightly: 0." in told
    assert "○ missed: 2." in told
    assert "✗ kept, but should go: 1." in told
    assert {"✓0 0.9", "○2 0.7", "✗1 0.8"} <= set(words(root))


def test_indices_that_are_no_box_or_come_twice_are_named() -> None:
    _, told = picture_of("boxes", [0], [0, 0, 7, -1], (BOXES,), {"boxes": 0})
    assert "Not a box: -1, 7." in told
    assert "Returned more than once: 0." in told


def test_the_right_boxes_in_another_order_are_called_so() -> None:
    expected, got = (np.array([0, 2]), SCORES[:2]), (np.array([2, 0]), SCORES[:2])
    _, told = picture_of("boxes", expected, got, (BOXES,), {"boxes": 0})
    assert "The first part that differs: [0]." in told
    assert "in another order: expected 0, 2; got 2, 0." in told


def test_a_mask_over_the_boxes_selects_as_indices_do() -> None:
    root, _ = picture_of(
        "boxes", np.array([True, False, True, False]), [True, True, False, False], (BOXES,), {"boxes": 0}, dtype="bool"
    )
    assert [count(root, kind) for kind in ("kept", "missed", "extra")] == [2, 2, 2]


def test_of_a_crowd_what_lies_round_the_first_wrong_box_is_drawn() -> None:
    crowd = np.array([[x, y, x + 2, y + 2] for x in range(0, 400, 10) for y in range(0, 100, 10)], dtype=float)
    root, told = picture_of("boxes", [0, 399], [0], (crowd,), {"boxes": 0})
    assert f"Of 400 boxes the {boxes.NEAREST} nearest to 399 are drawn." in told
    assert count(root, "missed") == 2
    assert count(root, "kept") == 1, "box 0 is far away; its key alone"


def test_a_box_without_finite_corners_is_left_out_and_said_to_be() -> None:
    torn = BOXES.copy()
    torn[3, 0] = np.nan
    _, told = picture_of("boxes", [0], [1], (torn,), {"boxes": 0})
    assert "3 of 4 boxes are finite and drawn." in told


def test_two_boxes_are_drawn_with_their_overlap_and_both_results() -> None:
    root, told = picture_of("boxes", 1 / 7, 0.25, ([0, 0, 2, 2], [1, 1, 3, 3]), {"a": 0, "b": 1})
    assert (count(root, "input"), count(root, "overlap")) == (2, 2)
    assert "a 2 × 2, b 2 × 2, overlap 1 × 1." in told
    assert "Expected 0.142857, got 0.25." in told


def test_boxes_that_only_touch_have_no_overlap_to_draw() -> None:
    root, told = picture_of("boxes", 0.0, 0.5, ([0, 0, 1, 1], [1, 0, 2, 1]), {"a": 0, "b": 1})
    assert count(root, "overlap") == 0
    assert "they do not overlap" in told


def test_returned_boxes_are_drawn_over_those_due_by_index() -> None:
    got = BOXES.copy()
    got[2] += 3
    root, told = picture_of("boxes", BOXES, got)
    assert [count(root, kind) for kind in ("kept", "missed", "extra")] == [4, 2, 2]
    assert "Box 2: expected (20, 20, 30, 30), got (23, 23, 33, 33)." in told


def test_boxes_that_were_not_returned_or_not_due_are_named() -> None:
    assert "Box 2: expected (20, 20, 30, 30), none was returned." in picture_of("boxes", BOXES, BOXES[:2])[1]
    assert "Box 2: none is due, got (20, 20, 30, 30)." in picture_of("boxes", BOXES[:2], BOXES)[1]
    assert "none was returned" in picture_of("boxes", BOXES, np.zeros((0, 4)))[1]


def test_corners_in_the_wrong_order_are_drawn_and_named() -> None:
    _, told = picture_of("boxes", BOXES[:1], np.array([[5, 5, 2, 2.0]]))
    assert "x2 < x1 or y2 < y1: 0." in told


def test_sizes_are_drawn_about_one_middle() -> None:
    root, told = picture_of("boxes", np.array([[10, 13], [16, 30.0]]), np.array([[10, 13], [18, 30.0]]))
    assert count(root, "kept") == 2
    assert "Box 1: expected (16, 30), got (18, 30)." in told


def test_the_image_that_boxes_are_clipped_to_is_drawn() -> None:
    roles = {"boxes": 0, "height": 1, "width": 2}
    root, _ = picture_of("boxes", np.clip(BOXES, 0, 25), BOXES, (BOXES, 25, 25), roles)
    assert count(root, "frame") == 2


# --- arrays


def test_a_heat_map_shows_both_arrays_and_their_difference() -> None:
    root, told = picture_of("heatmap", Tensor(np.eye(3)), Tensor(np.eye(3) * -2))
    assert {"expected 3×3", "got 3×3", "got − expected"} <= set(words(root))
    assert "3 of 9 values differ. First difference [0, 0]: expected 1, got −2." in told
    assert "Expected 3×3, from 0 to 1. Got 3×3, from −2 to 0." in told


def test_the_first_and_the_largest_difference_are_ringed_in_every_panel() -> None:
    due, got = np.zeros((3, 3)), np.zeros((3, 3))
    got[0, 1], got[2, 2] = 1, 5
    root, told = picture_of("heatmap", due, got)
    assert (count(root, "first"), count(root, "largest")) == (4, 4), "three cells and a key each"
    assert "Largest difference [2, 2]: 5." in told


def test_agreeing_within_the_tolerance_is_no_difference() -> None:
    due = np.ones((2, 2))
    got = due + np.array([[1e-9, 0.5], [0, 0]])
    assert "1 of 4 values differ. First difference [0, 1]" in picture_of("heatmap", due, got)[1]


def test_arrays_of_other_shape_are_drawn_side_by_side_with_their_shapes() -> None:
    root, told = picture_of("matrix", np.ones((2, 3)), np.ones((3, 2)))
    assert {"expected 2×3", "got 3×2"} <= set(words(root))
    assert "got − expected" not in words(root)
    assert "The shapes differ: expected (2, 3), got (3, 2)." in told


def test_a_deep_array_shows_the_plane_that_differs_first() -> None:
    due = np.zeros((2, 3, 5, 5))
    got = due.copy()
    got[1, 2, 4, 4] = 1
    assert "The plane [1, 2, :, :] is shown." in picture_of("heatmap", due, got)[1]


def test_a_large_array_shows_a_window_round_the_first_difference_and_a_map() -> None:
    due = np.zeros((500, 400))
    got = due.copy()
    got[450, 300] = 1
    root, told = picture_of("heatmap", due, got)
    assert "Rows 438–461, columns 288–311 are shown." in told
    assert count(root, "window") == 1
    assert "where they differ" in words(root)


def test_nan_and_infinity_are_marked_by_a_cross() -> None:
    root, told = picture_of("matrix", np.ones((2, 2)), np.array([[1, np.nan], [1, -np.inf]]))
    assert words(root).count("✗NaN") == words(root).count("✗−∞") == 2, "in what came back and in the difference"
    assert "First difference [0, 1]: expected 1, got NaN." in told
    root, _ = picture_of("heatmap", np.ones((20, 20)), np.full((20, 20), np.nan))
    assert count(root, "cross", "path") == 2


def test_nan_where_nan_is_due_is_no_difference() -> None:
    due, got = np.array([[np.nan, 1.0]]), np.array([[np.nan, 2.0]])
    assert "1 of 2 values differ. First difference [0, 1]" in picture_of("matrix", due, got)[1]


def test_the_difference_of_masks_says_which_way() -> None:
    due = np.array([[True, False]])
    _, told = picture_of("heatmap", due, ~due, dtype="bool")
    assert "−1 is missed and 1 is not due" in told


def test_rows_whose_order_is_free_are_put_beside_their_like() -> None:
    due = np.arange(6.0).reshape(3, 2)
    got = due[[2, 0, 1]] + np.array([[0, 0], [0, 0], [0, 9]])
    assert (
        "1 of 6 values differ. First difference [1, 1]: expected 3, got 12."
        in picture_of("matrix", due, got, order="any")[1]
    )


def test_indices_of_equal_entries_will_do_for_each_other() -> None:
    args = (np.array([0.5, 0.5, 0.25, 0.75]),)
    subject = Subject({}, [3, 0, 2], [3, 1, 0], Rule(Contract(dtype="int", ties=Ties(argument=0)), args))
    made = drawn("matrix", subject)
    assert made is not None
    assert "1 of 3 values differ. First difference [2]: expected 2, got 0." in check(made)[1]


def test_an_image_keeps_its_colours() -> None:
    red = np.zeros((4, 4, 3), dtype=np.uint8)
    red[..., 0] = 255
    root, _ = picture_of("heatmap", red, red[..., ::-1], dtype="int")
    assert {it.get("fill") for it in root.iter(f"{SVG}path")} >= {"#ff0000", "#0000ff"}
    greys, _ = picture_of("heatmap", red[..., 0], red[..., 1], dtype="int")
    assert {it.get("fill") for it in greys.iter(f"{SVG}path")} >= {"#ffffff", "#000000"}


def test_values_beyond_a_colour_are_no_image() -> None:
    root, told = picture_of("heatmap", np.full((4, 4, 3), -1.0), np.ones((4, 4, 3)))
    assert "#" not in str([it.get("fill") for it in root.iter()])
    assert "The plane [0, :, :] is shown." in told


# --- kernels, lists, curves


def test_a_kernel_is_told_by_its_sum_and_symmetry() -> None:
    sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1.0]])
    _, told = picture_of("kernel", sobel, sobel.T)
    assert "Expected: sum 0, symmetric top–bottom only." in told
    assert "Got: sum 0, symmetric left–right only." in told


def test_a_kernel_with_one_axis_has_a_bar_for_each_weight() -> None:
    root, told = picture_of("kernel", np.array([0.25, 0.5, 0.25]), np.array([0.25, 0.5, 0.5]))
    assert [count(root, kind) for kind in ("bar-due", "bar-got", "bar-gap")] == [4, 4, 3], (
        "the first two with their key"
    )
    assert "Got: sum 1.25, not symmetric." in told


def test_entries_are_told_as_in_place_moved_missed_and_not_due() -> None:
    root, told = picture_of("indices", [3, 1, 2, 7], [3, 2, 9])
    assert [count(root, kind) for kind in ("kept", "moved", "missed", "extra")] == [3, 3, 3, 2]
    assert "↔ in the wrong place: 2. ○ missed: 1, 7. ✗ not due: 9." in told
    assert "Expected 4 entries, got 3." in told


def test_an_entry_that_comes_too_often_is_not_due() -> None:
    assert "✗ not due: 5." in picture_of("indices", [5, 6], [5, 5])[1]


def test_a_long_list_is_shown_round_the_first_difference() -> None:
    got = np.arange(1000)
    got[500] = -1
    root, told = picture_of("indices", np.arange(1000), got)
    assert "Entries 497–505 are shown." in told
    assert count(root, "kept") < 30


def test_curves_are_a_solid_and_a_dashed_line_that_part_at_a_mark() -> None:
    root, told = picture_of("curve", np.linspace(0, 1, 9), np.r_[np.linspace(0, 0.5, 5), np.zeros(4)])
    lines = {it.get("class"): it.get("stroke-dasharray") for it in root.iter(f"{SVG}path")}
    assert lines["pic-due"] is None
    assert lines["pic-got"]
    assert count(root, "first", "circle") == 2
    assert "They part at [5]: expected 0.625, got 0." in told


@pytest.mark.parametrize("as_rows", [False, True])
def test_a_curve_may_be_given_as_points(as_rows: bool) -> None:
    x = np.linspace(0, 1, 5)
    due, got = ((x, y) for y in (x**2, x**3))
    if as_rows:
        due, got = (np.stack(points, axis=1) for points in (due, got))
    assert "They part at [1]: expected (0.25, 0.0625), got (0.25, 0.015625)" in picture_of("curve", due, got)[1]


def test_a_curve_ends_where_it_is_not_finite() -> None:
    root, _ = picture_of("curve", np.arange(5.0), np.array([0, np.nan, 2, 3, 4]))
    drawn_got = [it.get("d", "") for it in root.iter(f"{SVG}path") if it.get("class") == "pic-got"]
    assert drawn_got[-1].count("M") == 2


# --- trees


def rows_of(root: ElementTree.Element) -> list[str]:
    """The words of a tree's rows, without its heads and notes."""
    return [it.text or "" for it in root.iter(f"{SVG}text") if it.get("font-size") == "11"]


def test_a_tree_opens_what_differs_and_leaves_what_agrees_closed() -> None:
    due = {"same": {"a": 1.0, "b": 2.0}, "layers": {"w": np.ones((2, 3)), "b": np.ones(2), "old": 3}}
    got = {"same": {"a": 1.0, "b": 2.0}, "layers": {"w": np.ones((3, 2)), "b": np.ones(2), "new": None}}
    root, told = picture_of("tree", due, got)
    table = np.array(rows_of(root)).reshape(-1, 3).tolist()
    assert table == [
        ["result", "dict, 2", "dict, 2"],
        ["['same']", "dict, 2", "✓ dict, 2"],
        ["['layers']", "dict, 3", "dict, 3"],
        ["['w']", "float64 2×3", "✗ float64 3×2"],
        ["['b']", "float64 (2,)", "✓ float64 (2,)"],
        ["['old']", "3", "○ —"],
        ["['new']", "—", "✗ None"],
    ]
    assert [count(root, kind) for kind in ("missed", "extra")] == [2, 4], "each row, and the key of each meaning"
    assert "['w']: expected float64 2×3, got float64 3×2." in told
    assert "○ missing: 1. ✗ not due: 1. ✗ differs: 1." in told


def test_a_tree_tells_how_the_first_arrays_that_differ_do() -> None:
    due = (0.5, np.zeros((2, 2)))
    _, told = picture_of("tree", due, (0.5, np.array([[0, 1.0], [2.0, 0]])))
    assert "The first part that differs: [1]. 2 of 4 values differ. First difference [0, 1]: expected 0, got 1." in told


def test_a_tree_is_cut_where_it_is_long_and_bounded_where_it_is_deep() -> None:
    due: Any = [{"w": n} for n in range(100)]
    root, told = picture_of("tree", due, [{"w": n + 1} for n in range(100)], dtype="any")
    assert len(rows_of(root)) == 24 * 3
    assert "The first 24 rows are shown." in told
    deep: Any = 1
    for _ in range(60):
        deep = {"in": deep}
    root, _ = picture_of("tree", deep, {"in": {"in": 3}})
    assert len(rows_of(root)) == 3 * 3


def test_a_result_that_is_no_nest_is_drawn_as_a_matrix_in_place_of_a_tree() -> None:
    assert "6 of 6 values differ" in picture_of("tree", np.ones((2, 3)), np.zeros((2, 3)))[1]


# --- torch


def as_tensors(value: Any) -> Any:
    """Every array of a value as what torch's tensors are on this side of the walls."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return Tensor(value)
    if isinstance(value, list | tuple):
        return type(value)(map(as_tensors, value))
    return {key: as_tensors(entry) for key, entry in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    "sample", [it for it in samples() if it.picture != "tree"], ids=lambda sample: f"{sample.picture}: {sample.name}"
)
def test_tensors_are_drawn_as_the_arrays_that_they_hold(sample: Sample) -> None:
    given = {name: as_tensors(getattr(sample, name)) for name in ("expected", "got", "args")}
    assert replace(sample, **given).drawn() == sample.drawn()


def test_a_tree_names_tensors_apart_from_arrays() -> None:
    root, _ = picture_of("tree", {"w": Tensor(np.ones(3, dtype=np.float32))}, {"w": np.ones(3)})
    assert rows_of(root)[-2:] == ["tensor float32 (3,)", "✗ float64 (3,)"]


# --- any value


def test_of_several_results_the_first_part_that_differs_is_drawn() -> None:
    due = {"bias": np.ones(2), "deep": (np.eye(2), [np.eye(3), np.eye(2)])}
    got = {"bias": np.ones(2), "deep": (np.eye(2), [np.eye(3), np.ones((2, 2))])}
    _, told = picture_of("heatmap", due, got)
    assert "The first part that differs: ['deep'][1][1]. Expected 2×2" in told


@pytest.mark.parametrize("picture", KINDS)
def test_an_array_that_is_not_what_its_picture_is_for_is_drawn_as_a_matrix(picture: Picture) -> None:
    _, told = picture_of(picture, np.ones((2, 3)), np.zeros((2, 3)))
    assert "6 of 6 values differ" in told


@pytest.mark.parametrize("picture", [kind for kind in KINDS if kind != "tree"])
@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (np.ones((2, 2)), None),
        (np.ones((2, 2)), "text"),
        (np.ones((2, 2)), [[1], [1, 2]]),
        (np.ones((2, 2)), Opaque("generator")),
        (np.zeros((0, 2)), np.zeros((0, 3))),
        (1.0, 2.0),
        ("a", "b"),
        ([None, 1], [None, 2]),
        ({"a": 1}, {"b": 1}),
        (1 + 2j, 1j),
    ],
)
def test_what_is_no_array_has_no_picture(picture: Picture, expected: object, got: object) -> None:
    assert drawn(picture, Subject({"boxes": 0}, expected, got, Rule(Contract(), (BOXES,)))) is None


def test_a_question_without_a_picture_has_none() -> None:
    assert draw("none", Subject({}, np.ones(2), np.zeros(2), Rule(Contract()))) is None


def test_text_of_a_result_is_escaped() -> None:
    key = "</title><a>\x00\ufffe"
    made = drawn("matrix", Subject({}, {key: np.ones(2)}, {key: np.zeros(2)}, Rule(Contract())))
    assert made is not None
    assert "<a>" not in made.en
    assert "</title><a>\\x00\\ufffe'" in check(made)[1]


HUGE = 1000
HOSTILE = [
    np.full((HUGE, HUGE), np.nan),
    np.arange(HUGE * HUGE, dtype=float).reshape(HUGE, HUGE) * (-1) ** np.arange(HUGE),
    np.random.default_rng(0).normal(size=HUGE * HUGE),
    np.random.default_rng(0).normal(size=(40, 40)) * 1e307,
    np.random.default_rng(0).integers(0, 256, (60, 60, 3)).astype(np.uint8),
    np.random.default_rng(0).normal(size=(HUGE, 4)) * 1e9,
    np.random.default_rng(0).normal(size=(32, 32)) * 123.456,
    np.array([1e308, -1e308, 5e-324, -5e-324, -0.0, np.inf, -np.inf, np.nan] * 40).reshape(-1, 8),
    np.array([1e308, -1e308] * 20_000),
    np.array([2**63 - 1, -(2**63), 0, 10**18] * 50),
    np.zeros((1, HUGE * 100)),
    np.zeros((HUGE * 100, 1)),
    np.zeros((2, 1, 3, 1, 2, 4)),
    [10**30, -(10**30)],
    [2.0] * 5000,
]  # fmt: skip


@pytest.mark.parametrize("picture", KINDS)
@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_hostile_sizes_give_a_small_picture_or_none(picture: Picture, place: int) -> None:
    value = HOSTILE[place]
    other = np.array(value)[..., ::-1] if np.array(value).dtype != object else [1]
    for expected, got in ((value, other), (value, np.ones(3)), (np.ones(3), value), (np.ones((4, 4)), value)):
        made = drawn(picture, Subject({"boxes": 0, "a": 0, "b": 1}, expected, got, Rule(Contract(), (value, value))))
        if made is not None:
            check(made)


@pytest.mark.parametrize(
    ("picture", "expected", "got"),
    [
        ("matrix", np.random.default_rng(0).normal(size=(8, 8)), np.random.default_rng(1).normal(size=(8, 8))),
        ("heatmap", np.random.default_rng(0).normal(size=(32, 32)), np.random.default_rng(1).normal(size=(32, 32))),
        ("heatmap", np.random.default_rng(0).normal(size=(90, 90)), np.random.default_rng(1).normal(size=(90, 90))),
        ("kernel", np.random.default_rng(0).normal(size=(15, 15)), np.random.default_rng(1).normal(size=(15, 15))),
        ("curve", np.random.default_rng(0).normal(size=9999), np.random.default_rng(1).normal(size=9999)),
        ("heatmap", *np.random.default_rng(0).integers(0, 256, (2, 50, 50, 3), dtype=np.uint8)),
        ("indices", np.arange(2000) * 10**11, np.arange(2000)[::-1] * 10**11),
    ],
)  # fmt: skip
def test_the_largest_pictures_of_each_kind_are_drawn_and_small(picture: Picture, expected: Any, got: Any) -> None:
    made = drawn(picture, Subject({}, expected, got, Rule(Contract(dtype="any"))))
    assert made is not None
    check(made)


ANY_FLOAT = st.floats(width=64) | st.sampled_from([1e308, -1e308, 5e-324, -0.0, np.nan, np.inf, 2.0**53, 1e-300])
ARRAYS = (
    arrays.arrays(np.float64, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=6), elements=ANY_FLOAT)
    | arrays.arrays(np.float64, st.tuples(st.integers(0, 5), st.sampled_from([2, 4])), elements=ANY_FLOAT)
    | arrays.arrays(
        st.sampled_from([np.int64, np.uint8, np.bool_, np.float32]), arrays.array_shapes(max_dims=3, max_side=4)
    )
    | arrays.arrays(np.complex128, 3)
)
LEAVES = ARRAYS | ARRAYS.map(Tensor) | st.none() | ANY_FLOAT | st.integers() | st.booleans() | st.text(max_size=3)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=3)
    ),
    max_leaves=6,
)
ROLES = st.dictionaries(st.sampled_from(["boxes", "scores", "a", "b", "width", "height"]), st.integers(-1, 2))


CONTRACTS = st.builds(
    Contract,
    dtype=st.just("any"),
    order=st.sampled_from(["exact", "any"]),
    ties=st.none() | st.builds(Ties, argument=st.integers(0, 1)),
    answers=st.sampled_from(["one", "any_of"]),
)


@st.composite
def like_pairs(draw_value: Any) -> tuple[Any, Any]:
    """Two arrays of one shape, as most answers and results are."""
    shape = draw_value(arrays.array_shapes(min_dims=1, max_dims=3, max_side=6))
    return tuple(draw_value(arrays.arrays(np.float64, shape, elements=ANY_FLOAT)) for _ in range(2))  # type: ignore[return-value]


@settings(max_examples=400)
@given(
    st.sampled_from(KINDS),
    ROLES,
    st.lists(VALUES, max_size=2).map(tuple),
    st.tuples(VALUES, VALUES) | like_pairs(),
    CONTRACTS,
)
def test_any_values_give_a_well_formed_picture_or_none(
    picture: Picture, roles: dict[str, int], args: Any, values: Any, contract: Contract
) -> None:
    made = drawn(picture, Subject(roles, *values, Rule(contract, args)))
    if made is not None:
        check(made)


def test_a_fault_in_drawing_costs_the_picture_and_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(pictures._DRAWN_BY, "matrix", (broken,))
    with caplog.at_level(logging.ERROR):
        assert draw("matrix", Subject({}, np.ones(2), np.zeros(2), Rule(Contract()))) is None
    assert "could not be drawn" in caplog.text
