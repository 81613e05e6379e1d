"""The numbers behind a figure's plots, as tables to open. A sketch, whose axes have no ticks, has none."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from app.bank.figures.board import worded
from app.bank.figures.runs import stretch_of, value_at
from app.bank.figures.scales import ticks_of
from app.bank.schema.figures import Figure
from app.bank.schema.figures.parts import Label
from app.bank.schema.figures.plot import Axis, Curve, Plot
from app.drawing.numbers import number
from app.drawing.sheet import escaped
from app.languages import Lang, Message

ROWS_OF_AN_EXPRESSION = 9
NUMBERS = Message("The numbers", "数据")
SERIES, POINT = Message("Series", "系列"), Message("Point", "点")
Row = tuple[str, str, str]


def table_html(figure: Figure, lang: Lang) -> str:
    """One closed `<details>` with a table for each plot that shows data, or nothing."""
    tables = [_table(panel, lang) for panel in figure.panels if isinstance(panel, Plot) and _shows_data(panel)]
    if not tables:
        return ""
    return f'<details class="figure-data"><summary>{NUMBERS.in_(lang)}</summary>{"".join(tables)}</details>'


def _shows_data(plot: Plot) -> bool:
    return plot.x.ticks != () and plot.y.ticks != ()


def _table(plot: Plot, lang: Lang) -> str:
    def words(label: Label | Message) -> str:
        return escaped(worded(label).in_(lang))

    caption = f"<caption>{words(plot.title)}</caption>" if plot.title is not None else ""
    x, y = (words(axis.label) if axis.label is not None else name for axis, name in ((plot.x, "x"), (plot.y, "y")))
    head = "".join(f'<th scope="col">{name}</th>' for name in (words(SERIES), x, y))
    body = "".join(
        f'<tr><th scope="row">{name}</th><td>{at}</td><td>{value}</td></tr>' for name, at, value in _rows(plot, lang)
    )
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _rows(plot: Plot, lang: Lang) -> Iterator[Row]:
    curves = ((curve.label, _points(curve, plot.x)) for curve in plot.curves)
    scatter = ((group.label, list(group.points)) for group in plot.scatter)
    marks = ((mark.label if mark.label is not None else POINT, [mark.at]) for mark in plot.marks)
    for label, points in chain(curves, scatter, marks):
        name = escaped(worded(label).in_(lang))
        for x, y in points:
            yield name, number(x, 4), number(y, 4)


def _points(curve: Curve, axis: Axis) -> list[tuple[float, float]]:
    """A curve's own points; of an expression its values at the axis's ticks."""
    if curve.points is not None:
        return list(curve.points)
    low, high = stretch_of(curve, axis)
    xs = [x for x, _ in ticks_of(axis, ROWS_OF_AN_EXPRESSION) if low <= x <= high]
    return [(x, y) for x in xs if (y := value_at(curve.y or "0", x)) is not None]
