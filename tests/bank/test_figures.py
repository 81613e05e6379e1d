"""Figures are well-formed SVG without inline style, always the same, in both languages; a misfit is told by place."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from figure_sheet import samples
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.bank.checks_figures import figure_complaints
from app.bank.figures import figure_html, figure_svg
from app.bank.figures.layout import drawn
from app.bank.loader import load_bank
from app.bank.schema import LANGS, Figure
from app.bank.schema.figures import PANEL_KINDS
from app.settings import ROOT

SVG = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "g", "text", "rect", "path", "polyline", "circle"}
ATTRIBUTES = {
    "viewBox", "role", "class", "x", "y", "width", "height", "rx", "cx", "cy", "r", "d", "points", "fill", "stroke",
    "fill-opacity", "font-size", "text-anchor",
}  # fmt: skip
MOST_BYTES = 60_000
ALT = {"en": "What it shows.", "zh": "图中所示。"}
HOSTILE = '<script>alert("1")</script>&\x00'
SAMPLES = samples()


def figure(*panels: dict[str, Any], **more: Any) -> Figure:
    return Figure.model_validate_json(json.dumps({"alt": ALT, "panels": panels} | more))


def plot(**more: Any) -> dict[str, Any]:
    return {"kind": "plot", "x": {"range": [0, 1]}, "y": {"range": [0, 1]}} | more


def blocks(nodes: dict[str, tuple[int, float]], *edges: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = [{"id": name, "at": at, "text": name} for name, at in nodes.items()]
    return {"kind": "blocks", "nodes": made, "edges": edges} | more


def root_of(made: Figure, lang: Any = "en") -> ElementTree.Element:
    return ElementTree.fromstring(figure_svg(made, lang))  # noqa: S314 (our own text)


def texts(made: Figure, lang: Any = "en") -> list[str]:
    return [it.text or "" for it in root_of(made, lang).iter(f"{SVG}text")]


def paths(made: Figure, kind: str) -> list[str]:
    return [it.get("d", "") for it in root_of(made).iter(f"{SVG}path") if f"pic-{kind}" in it.get("class", "")]


def rects(made: Figure, kind: str) -> list[list[float]]:
    sides = ("x", "y", "width", "height")
    found = (it for it in root_of(made).iter(f"{SVG}rect") if it.get("class") == f"pic-{kind}")
    return [[float(it.get(side, "")) for side in sides] for it in found]


def classes(made: Figure) -> list[str]:
    return [it.get("class", "") for it in root_of(made).iter()]


def faults(made: Figure) -> list[tuple[tuple[str | int, ...], str]]:
    return [(it.at, it.message) for it in drawn(made)[0].faults()]


def refusal(*panels: dict[str, Any], **more: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        figure(*panels, **more)
    return str(refused.value)


def test_the_samples_show_every_kind() -> None:
    assert {panel.kind for made in SAMPLES.values() for panel in made.panels} == set(PANEL_KINDS)


@pytest.mark.parametrize("name", list(SAMPLES))
def test_every_sample_is_small_well_formed_and_without_style(name: str) -> None:
    for lang in LANGS:
        svg = figure_svg(SAMPLES[name], lang)
        assert len(svg.encode()) <= MOST_BYTES
        root = root_of(SAMPLES[name], lang)
        for element in root.iter():
            assert element.tag.removeprefix(SVG) in ELEMENTS
            assert set(element.attrib) <= ATTRIBUTES
            assert not re.search("nan|inf", "".join(element.attrib.values()))
        assert root.get("role") == "img"
        assert root.findtext(f"{SVG}title") == SAMPLES[name].alt.in_(lang)


@pytest.mark.parametrize("name", list(SAMPLES))
def test_every_sample_fits_in_both_languages(name: str) -> None:
    assert faults(SAMPLES[name]) == []


@pytest.mark.parametrize("name", list(SAMPLES))
def test_every_class_has_a_look(name: str, stylesheet: str) -> None:
    for each in {part for it in classes(SAMPLES[name]) for part in it.split()}:
        assert re.search(rf"\.{each}\b", stylesheet), each


@pytest.fixture(scope="module")
def stylesheet() -> str:
    return "".join((ROOT / "static/src/css" / name).read_text() for name in ("pictures.css", "figures.css"))


def test_a_figure_is_drawn_the_same_every_time() -> None:
    before = {name: figure_html(made, "zh") for name, made in SAMPLES.items()}
    figure_svg.cache_clear()
    assert {name: figure_html(made, "zh") for name, made in samples().items()} == before


def test_each_language_has_its_own_words_on_one_geometry() -> None:
    made = SAMPLES["blocks"]
    assert "identity" in texts(made, "en")
    assert "恒等" in texts(made, "zh")
    assert "dilation 2" in texts(SAMPLES["grids"], "en")
    assert {"卷积核", "膨胀率 2"} <= set(texts(SAMPLES["grids"], "zh")), "titles and notes"
    english, chinese = ([it.get("d") for it in root_of(made, lang).iter(f"{SVG}path")] for lang in LANGS)
    assert english == chinese


def test_hostile_words_are_text() -> None:
    hostile = {"en": HOSTILE[:60], "zh": HOSTILE[:60]}
    made = Figure.model_validate_json(
        json.dumps(
            {
                "alt": hostile,
                "caption": hostile,
                "panels": [
                    plot(title=hostile, curves=[{"label": hostile, "y": "x"}]),
                    {"kind": "grid", "values": [["<b>&'\""]], "note": hostile},
                    {"kind": "boxes", "size": [9, 9], "boxes": [{"at": [1, 1, 5, 5], "label": hostile}]},
                    blocks({"a": (0, 0)}) | {"groups": [{"nodes": ["a"], "label": hostile}]},
                ],
            }
        )
    )
    html = figure_html(made, "en")
    assert "<script" not in html
    assert "<b>" not in html
    assert HOSTILE.replace("\x00", "?") in texts(made)


# --- what is drawn


def test_an_expression_and_its_points_draw_one_line() -> None:
    points = [[x / 10, (x / 10) ** 2] for x in range(11)]
    curves = ({"label": "a", "y": "x * x", "samples": 11}, {"label": "a", "points": points})
    lines = [paths(figure(plot(curves=[curve])), "line") for curve in curves]
    assert lines[0] == lines[1]


def test_a_curve_is_cut_where_it_leaves_the_plot_and_where_it_has_no_value() -> None:
    made = figure(plot(x={"range": [-1, 1]}, curves=[{"label": "1/x", "y": "1 / x", "label_at": [0, 0.5]}]))
    (path,) = paths(made, "line")
    heights = [float(it.split()[1]) for it in re.split("[ML]", path) if it]
    assert path.count("M") == 1, "left of zero it is below the plot, at zero there is none"
    axis = paths(made, "axis-line")[0]
    top, bottom = map(float, re.match(r"M[\d.]+ ([\d.]+)V([\d.]+)", axis).groups())  # type: ignore[union-attr]
    assert top - 0.1 <= min(heights)
    assert max(heights) <= bottom + 0.1


def test_a_step_holds_its_value_until_the_next_point() -> None:
    made = figure(plot(curves=[{"label": "s", "points": [[0, 0], [0.5, 1], [1, 1]], "step": True}]))
    (path,) = paths(made, "line")
    corners = [tuple(map(float, it.split())) for it in re.split("[ML]", path) if it]
    assert all(one[0] == other[0] or one[1] == other[1] for one, other in pairwise(corners))


def test_names_of_curves_that_end_together_are_moved_apart() -> None:
    curves = [{"label": name, "y": f"0.5 + {index} / 1000"} for index, name in enumerate("abcd")]
    assert faults(figure(plot(curves=curves))) == []


def test_data_has_a_table_and_a_sketch_has_none() -> None:
    curve = {"label": "f", "points": [[0, 0.25], [1, 0.75]]}
    assert "<td>0.75</td>" in figure_html(figure(plot(curves=[curve])), "en")
    sketch = figure(plot(y={"range": [0, 1], "ticks": []}, curves=[curve]))
    assert "<table" not in figure_html(sketch, "en")
    assert "<table" not in figure_html(SAMPLES["blocks"], "en")


def test_a_log_axis_names_powers_of_ten_at_even_distances() -> None:
    made = SAMPLES["log"]
    places = [float(it.get("x", "")) for it in root_of(made).iter(f"{SVG}text") if it.text in ("10⁻⁵", "10⁻⁴", "10⁻³")]
    assert len(places) == 3
    assert places[1] - places[0] == pytest.approx(places[2] - places[1], abs=0.2)


def test_an_overlap_is_the_intersection_of_its_boxes() -> None:
    two = [{"at": [0, 0, 6, 6]}, {"at": [4, 3, 10, 10]}]
    made = figure({"kind": "boxes", "size": [10, 10], "boxes": two, "overlaps": [[0, 1]]})
    (plane,), (shared,) = rects(made, "plane"), rects(made, "overlap")
    unit = plane[2] / 10
    assert shared == pytest.approx([plane[0] + 4 * unit, plane[1] + 3 * unit, 2 * unit, 3 * unit], abs=0.1)


def test_marked_cells_are_those_of_the_stride() -> None:
    made = figure({"kind": "grid", "size": [5, 5], "marks": [{"rows": [0, 4], "columns": [0, 4], "every": 2}]})
    assert classes(made).count("pic-cell-filled") == 9


def test_padding_surrounds_the_grid() -> None:
    assert classes(figure({"kind": "grid", "size": [3, 4], "pad": 1})).count("pic-cell-empty") == 5 * 6 - 3 * 4


@pytest.mark.parametrize(
    ("chosen", "marked"),
    [
        ({"of_c": [0]}, 3 + 2),  # batch norm: a channel of the front face, and its strip of the top
        ({"of_n": [0]}, 4 * 3 + 4 + 3),  # layer norm: the front face, a strip of the top and of the side
        ({"of_n": [0], "of_c": [0]}, 3 + 1),
        ({"of_n": [0], "of_c": [0, 1]}, 2 * 3 + 2),
    ],
)
def test_a_cube_marks_what_is_seen_of_a_statistic(chosen: dict[str, Any], marked: int) -> None:
    made = figure({"kind": "cube", "n": 2, "c": 4, "hw": 3} | chosen)
    assert classes(made).count("pic-cube-marked") == marked
    assert classes(made).count("pic-cube-cell") + marked == 4 * 3 + 4 * 2 + 3 * 2


def test_an_edge_led_round_keeps_clear_of_the_nodes_between() -> None:
    nodes: dict[str, tuple[int, float]] = {"a": (0, 0), "b": (1, 0), "c": (2, 0)}
    straight = figure(blocks(nodes, {"chain": ["a", "c"]}))
    assert [message for _, message in faults(straight)] == ["the edge from 'a' to 'c' runs through 'b'"]
    assert faults(figure(blocks(nodes, {"chain": ["a", "c"], "via": "left"}))) == []


def test_edges_led_round_on_one_side_take_lanes_of_their_own() -> None:
    nodes: dict[str, tuple[int, float]] = {name: (row, 0) for row, name in enumerate("abcd")}
    made = figure(blocks(nodes, {"chain": ["a", "c"], "via": "right"}, {"chain": ["b", "d"], "via": "right"}))
    furthest = [max(float(it) for it in re.findall(r"([\d.]+) [\d.]+", path)) for path in paths(made, "edge")]
    assert abs(furthest[0] - furthest[1]) >= 8


def test_edges_from_one_node_part_right_below_it() -> None:
    nodes: dict[str, tuple[int, float]] = {"in": (0, 1.5), "far": (2, 0), "near": (1, 1), "other": (1, 2)}
    made = figure(blocks(nodes, {"chain": ["in", "far"]}, {"chain": ["in", "near"]}, {"chain": ["in", "other"]}))
    far = paths(made, "edge")[0]
    turns = [float(it) for it in re.findall(r"Q[\d.]+ ([\d.]+)", far)]
    near = rects(made, "node-conv")[2]
    assert max(turns) < near[1], "it turns above the node that the other edge leads to"


def test_an_edge_with_one_corner_meets_the_side_of_its_node() -> None:
    nodes: dict[str, tuple[int, float]] = {"a": (0, 0), "b": (1, 1)}
    corners = [figure(blocks(nodes, {"chain": ["a", "b"]} | more)) for more in ({}, {"corners": 1})]
    assert [paths(made, "edge")[0].count("Q") for made in corners] == [2, 1]


# --- what does not fit is told by its place


@pytest.mark.parametrize(
    ("panel", "place", "message"),
    [
        (blocks({"a": (0, 0), "b": (0, 1), "c": (0, 2)}) | {"nodes": [{"id": "a", "at": [0, 0], "text": "W" * 30}]},
         ("panels", 0, "nodes", 0, "text"), "is about"),
        (plot(marks=[{"at": [1, 0.5], "label": "a label off the edge"}]),
         ("panels", 0, "marks", 0, "label"), "leaves the sheet"),
        ({"kind": "grid", "values": [["123456"]], "cell": 20}, ("panels", 0, "values", 0, 0), "is about"),
        (plot(marks=[{"at": [0.5, 0.5], "label": "one"}, {"at": [0.5, 0.5], "label": "two"}]),
         ("panels", 0, "marks", 1, "label"), "lies on the label 'one'"),
        (plot(marks=[{"at": [0.5, 0.5], "label": "one"}, {"at": [0.55, 0.5]}]),
         ("panels", 0, "marks", 0, "label"), "a point lies under"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(panel: dict[str, Any], place: tuple[str | int, ...], message: str) -> None:
    told = faults(figure(panel))
    assert [at for at, _ in told] == [place]
    assert message in told[0][1]


def test_a_label_that_fits_in_one_language_only_is_told() -> None:
    label = {"en": "ok", "zh": "这里写了一段相当长的说明文字来占满位置"}
    told = faults(figure(blocks({"a": (0, 0), "b": (0, 1)}) | {"nodes": [{"id": "a", "at": [0, 0], "text": label}]}))
    assert len(told) == 1


# --- what is refused


@pytest.mark.parametrize(
    ("panel", "message"),
    [
        (plot(x={"range": [1, 1]}), "the range is empty"),
        (plot(x={"range": [0, 1], "scale": "log"}), "a log axis begins above 0"),
        (plot(curves=[{"label": "a", "y": "z + x"}]), "unknown name 'z'"),
        (plot(curves=[{"label": "a", "y": "__import__('os')"}]), "unknown function"),
        (plot(curves=[{"label": "a"}]), "either 'points' or 'y'"),
        (plot(curves=[{"label": "a", "points": [[0, 1e12], [1, 1]]}]), "less than or equal"),
        (plot(curves=[{"label": "a", "y": "x", "samples": 100000}]), "less than or equal"),
        (plot(curves=[{"label": "a", "y": "sum(x for i in range(9999))"}]), "a loop in a curve's expression"),
        (plot(x={"range": [0, 1], "ticks": [2]}), "the tick 2 lies outside"),
        (plot(marks=[{"at": [2, 0]}]), "mark 1 at [2, 0] lies outside"),
        (plot(scatter=[{"points": [[0, 1e8]], "label": "a"}]), "a point of scatter 1"),
        (plot(arrows=[{"tail": [0, 0], "head": [0, -1]}]), "an end of arrow 1"),
        (plot(guides=[{"y": 3}]), "guide 1"),
        (plot(curves=[{"label": "a", "y": "x", "label_at": [-1, 0]}]), "a label at [-1, 0]"),
        ({"kind": "boxes", "size": [9, 9], "boxes": [{"at": [1, 1, 2, 3]}], "spots": [{"at": [10, 1]}]}, "a spot at"),
        ({"kind": "grid", "size": [2, 2], "dots": [{"at": [9, 0]}]}, "a dot at [9, 0] leaves the grid"),
        ({"kind": "grid", "size": [2, 2], "frames": [{"at": [0, 0, 1, 99]}]}, "a frame at [1, 99]"),
        (plot(guides=[{"x": 1, "y": 1}]), "one of 'x', 'y' and 'through'"),
        ({"kind": "boxes", "size": [9, 9], "boxes": [{"at": [5, 1, 2, 3]}]}, "the second corner lies before"),
        ({"kind": "boxes", "size": [9, 9], "boxes": [{"at": [1, 1, 12, 3]}]}, "box 1 leaves the plane"),
        ({"kind": "boxes", "size": [9, 9], "boxes": [{"at": [1, 1, 2, 3]}], "overlaps": [[0, 1]]}, "names box 1"),
        ({"kind": "grid"}, "either 'size' or 'values'"),
        ({"kind": "grid", "size": [99, 99]}, "less than or equal"),
        ({"kind": "grid", "values": [[1, 2], [3]]}, "different lengths"),
        ({"kind": "grid", "size": [2, 2], "marks": [{"cells": [[2, 0]]}]}, "mark 1 leaves the grid"),
        ({"kind": "grid", "size": [2, 2], "row_heads": ["a"]}, "1 row heads for 2 rows"),
        (blocks({"a": (0, 0)}, {"chain": ["a", "b"]}), "no node is named 'b'"),
        (blocks({"a": (0, 0)}, {"chain": ["a", "a"]}), "to itself"),
        ({"kind": "cube", "n": 99}, "less than or equal"),
        ({"kind": "pie"}, "does not match any of the expected tags"),
    ],
)  # fmt: skip
def test_unsound_data_is_refused(panel: dict[str, Any], message: str) -> None:
    assert message in refusal(panel)


def test_numbers_that_are_not_finite_are_refused() -> None:
    text = json.dumps({"alt": ALT, "panels": [plot(guides=[{"x": 0.5}])]})
    for number in ("NaN", "Infinity"):
        with pytest.raises(ValidationError):
            Figure.model_validate_json(text.replace("0.5", number))


def test_a_figure_needs_its_alternative_in_both_languages() -> None:
    assert "alt.zh" in refusal(plot(), alt={"en": "It shows."})


whole = st.floats(-1e9, 1e9, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(
    points=st.lists(st.tuples(whole, whole), min_size=2, max_size=12),
    low=st.floats(-1e6, 1e6),
    span=st.floats(1e-2, 1e9),
    step=st.booleans(),
)
def test_any_line_is_drawn_inside_its_axes(
    points: list[tuple[float, float]], low: float, span: float, step: bool
) -> None:
    axis = {"range": [low, min(low + span, 1e9)]}
    made = figure(plot(x=axis, y=axis, curves=[{"label": "f", "points": points, "step": step, "label_at": [low, low]}]))
    assert not any(re.search("nan|inf|e[+-]", it.get("d", "")) for it in root_of(made).iter())
    for path in paths(made, "line"):
        assert all(0 <= float(it) <= 360 for it in re.findall(r"-?[\d.]+", path))


# --- the checks of a question


def test_labels_in_one_language_and_latex_are_told(folder: Path) -> None:
    path = folder / "cnn" / "pooling.yaml"
    figure_lines = """
  answer_figure:
    alt: {en: "Two nodes.", zh: "Two nodes."}
    panels:
    - kind: blocks
      nodes:
      - {id: a, at: [0, 0], text: some words}
      - {id: b, at: [1, 0], text: "$x$"}
"""
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  kind: flashcard\n", f"  kind: flashcard{figure_lines}", 1), encoding="utf-8")
    bank, findings = load_bank(folder, None)
    assert findings == []
    told = [(it.at, it.message) for it in figure_complaints(bank.questions["every-flashcard"].question)]
    assert told == [
        (("answer_figure", "alt", "zh"), "the Chinese text alternative holds no Chinese"),
        (("answer_figure", "panels", 0, "nodes", 0, "text"), "the label 'some words' stands in one language"),
        (("answer_figure", "panels", 0, "nodes", 1, "text"), "the label '$x$' holds LaTeX"),
    ]


PLACED = """
  figure:
    alt: {en: a}
    panels:
    - kind: grid
      sizee: [2, 2]
      column_heads: [{en: a}, 3]
    - kind: plott
    - kind: plot
      x: {range: [1, 0]}
      y: {range: [0, 1], ticks: [a]}
      curves: [{label: a, y: x +* 2}]
    - kind: blocks
      nodes: [{id: a, at: [0, 0], text: a, look: cnov}]
"""


def test_faults_in_the_data_are_told_with_place_and_mend(folder: Path) -> None:
    path = folder / "cnn" / "pooling.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  kind: flashcard\n", f"  kind: flashcard{PLACED}", 1), encoding="utf-8")
    _, findings = load_bank(folder, None)
    told = {f"{it.line}:{it.column} {it.where.partition(', ')[2]}: {it.message}; {it.mend}" for it in findings}
    assert told == {
        "6:5 : 'figure.alt.zh' is missing; add the Chinese text",
        "9:7 panel 1: unknown field 'sizee'; did you mean 'size'?",
        "10:22 panel 1, column head 1: 'zh' is missing; add the Chinese text",
        "10:31 panel 1, column head 2: 'column_heads' is 3, not text; "
        "write text; in quotes if it looks like a number, yes or no",
        "11:7 panel 2: unknown kind 'plott'; did you mean 'plot'?",
        "13:7 panel 3: the range is empty; write [low, high]",
        "14:34 panel 3, tick 1: 'ticks' is 'a', not a number; write a number, without quotes",
        "15:27 panel 3, curve 1: invalid syntax; see the expressions of numeric questions in questions/README.md",
        "17:44 panel 4, node 1: 'look' is 'cnov'; did you mean 'conv'?",
    }


def test_only_a_code_question_has_no_figure(folder: Path) -> None:
    path = folder / "cnn" / "pooling.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  kind: code\n", "  kind: code\n  figure: {}\n", 1), encoding="utf-8")
    _, (finding,) = load_bank(folder, None)
    assert finding.message == "unknown field 'figure'"
