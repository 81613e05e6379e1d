"""A graph of blocks in rows and columns."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from app.bank.schema.base import Identifier, Misfit, Value
from app.bank.schema.figures.parts import Dash, Label, PanelBase, Side, Tone
from app.languages import phrase


class Node(Value):
    """`at` is [row, column], rows whole; a node is `wide` columns wide. `second` is its second line."""

    id: Identifier
    at: tuple[Annotated[int, Field(ge=0, le=15)], Annotated[float, Field(ge=0, le=11)]]
    text: Label
    second: Label | None = None
    look: Literal["conv", "norm", "act", "pool", "data", "loss", "round"] = "conv"
    wide: Annotated[float, Field(ge=0.2, le=8)] = 1


class Edge(Value):
    """Arrows along a `chain` of node ids. `via` leads them round the nodes between, on that side; `corners: 1` into the
    side of a node in another row and column."""

    chain: tuple[Identifier, ...] = Field(min_length=2, max_length=24)
    via: Side | None = None
    corners: Literal[1] | None = None
    label: Label | None = None
    dash: Dash = "solid"
    tone: Tone = "ink"


class Group(Value):
    """A dashed frame round nodes, with a label at its top left."""

    nodes: tuple[Identifier, ...] = Field(min_length=1, max_length=24)
    label: Label


class Blocks(PanelBase):
    """A graph laid out by hand: nodes in rows and columns, edges between them."""

    kind: Literal["blocks"]
    nodes: tuple[Node, ...] = Field(min_length=1, max_length=40)
    edges: tuple[Edge, ...] = Field(default=(), max_length=60)
    groups: tuple[Group, ...] = Field(default=(), max_length=6)

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        known = [node.id for node in self.nodes]
        if len(set(known)) < len(known):
            raise Misfit(phrase("two nodes have one id"), phrase("give each its own"))
        named = [name for edge in self.edges for name in edge.chain] + [n for group in self.groups for n in group.nodes]
        if strange := [name for name in named if name not in known]:
            raise Misfit(
                phrase("no node is named '%(strange)s'", strange=strange[0]),
                phrase("nodes: %(names)s", names=", ".join(known)),
            )
        for edge in self.edges:
            if any(one == other for one, other in pairwise(edge.chain)):
                raise Misfit(
                    phrase("an edge from '%(chain)s' to itself", chain=edge.chain[0]),
                    phrase("name two different nodes"),
                )
        return self
