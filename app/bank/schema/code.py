"""Coding questions: the function to write, the contract its results are held to, and the solutions that prove both."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from app.bank.schema.base import FollowUp, Identifier, Line, QuestionBase, Slug, Source, Text, Value

NUMBERED = re.compile(r"-\d+$")

Lib = Literal["numpy", "torch"]
DtypeKind = Literal["float", "int", "bool", "any"]
Picture = Literal["none", "boxes", "heatmap", "matrix", "indices", "curve"]


class Contract(Value):
    """How a returned value is compared. Shown to the learner.

    `dtype`: the kind every returned array must have (`float` also accepts integers where values agree; `int` and `bool`
    are exact kinds). `order`: `any` compares rows as a multiset. `mutation`: whether inputs may be changed in place.
    """

    dtype: DtypeKind = "float"
    rtol: Annotated[float, Field(ge=0)] = 1e-5
    atol: Annotated[float, Field(ge=0)] = 1e-6
    order: Literal["exact", "any"] = "exact"
    mutation: Literal["allowed", "forbidden"] = "forbidden"


class Limits(Value):
    """`time_s` is CPU seconds for one case; `memory_mib` what the submission may add to the warm interpreter."""

    time_s: Annotated[float, Field(gt=0, le=30)] = 2.0
    memory_mib: Annotated[int, Field(ge=16, le=2048)] = 256


class FailVerdict(StrEnum):
    wrong_answer = "wrong_answer"
    runtime_error = "runtime_error"
    compile_error = "compile_error"
    time_limit = "time_limit"
    memory_limit = "memory_limit"
    output_limit = "output_limit"
    forbidden = "forbidden"


class WrongSolution(Value):
    """A mistake people make, the verdict it must get, and what to tell a learner who made it."""

    name: Slug
    code: Source
    verdict: FailVerdict
    note: Text


class AcceptedSolution(Value):
    name: Slug
    code: Source


class Code(QuestionBase):
    """A function to write, graded in the sandbox.

    `cases` defines `cases(rng) -> list of dict(name, args, hidden=True, error=None)`: `rng` is a seeded
    `numpy.random.Generator`, `args` the positional arguments, `error` the name of the exception type that is due
    instead of a value. `case_titles` names the cases for the learner; `random-3` falls back to the title `random`.
    `picture` draws a failing case; `picture_args` names which arguments it needs, by role (for instance `boxes: 0`).
    """

    kind: Literal["code"]
    lib: Lib = "numpy"
    function: Identifier
    signature: Line
    contract: Contract = Contract()
    limits: Limits = Limits()
    allowed_imports: tuple[Line, ...] = ("math", "numpy")
    starter: Source
    reference: Source
    cases: Source
    case_titles: dict[Slug, Text] = Field(min_length=1)
    hints: tuple[Text, ...] = ()
    explanation: Text
    complexity: Text | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    wrong: tuple[WrongSolution, ...] = Field(min_length=1)
    accepted: tuple[AcceptedSolution, ...] = ()
    picture: Picture = "none"
    picture_args: dict[Identifier, int] = Field(default_factory=dict)

    def title_of_case(self, name: str) -> Text | None:
        return self.case_titles.get(name) or self.case_titles.get(NUMBERED.sub("", name))
