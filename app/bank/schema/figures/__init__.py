"""What a figure is made of: panels of five kinds, each from bounded data and short plain labels.

Owns what a well-formed figure *is*; how it looks is `bank.figures`', and whether its labels fit is found there too.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from app.bank.schema.base import Misfit, Text, Value
from app.bank.schema.figures.blocks import Blocks
from app.bank.schema.figures.images import Boxes, Cube, Grid
from app.bank.schema.figures.parts import Telling
from app.bank.schema.figures.plot import Plot
from app.languages import phrase

Panel = Annotated[Plot | Boxes | Grid | Blocks | Cube, Field(discriminator="kind")]
PANEL_KINDS = ("plot", "boxes", "grid", "blocks", "cube")


class Figure(Value):
    """Panels, `columns` of them a row (default: all in one). `alt` tells who can't see it what it shows.

    `joins` are signs between one panel and the next, such as "→"; `cones` leads lines from each grid's first window to
    the next one's, for receptive fields.
    """

    alt: Telling
    caption: Text | None = None
    columns: Annotated[int, Field(ge=1, le=4)] | None = None
    joins: tuple[Annotated[str, StringConstraints(max_length=3)], ...] = Field(default=(), max_length=5)
    cones: bool = False
    panels: tuple[Panel, ...] = Field(min_length=1, max_length=6)

    @model_validator(mode="after")
    def _joins_fit(self) -> Self:
        if self.joins and len(self.joins) != len(self.panels) - 1:
            raise Misfit(
                phrase("%(joins)s joins for %(panels)s panels", joins=len(self.joins), panels=len(self.panels)),
                phrase("one between each two"),
            )
        return self
