"""Coding questions: the function to write, the contract its results are held to, and the solutions that prove both."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from app.bank.schema.base import FollowUp, Identifier, Line, Misfit, QuestionBase, Slug, Source, Text, Value
from app.languages import phrase

DottedName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$", max_length=200)]
NUMBERED = re.compile(r"-\d+$")

Lib = Literal["numpy", "torch"]
DtypeKind = Literal["float", "int", "bool", "any"]
Picture = Literal["none", "boxes", "heatmap", "matrix", "kernel", "indices", "curve", "tree"]
Omission = Literal["performance", "picture"]
Reason = Annotated[str, StringConstraints(min_length=10, max_length=300, strip_whitespace=True)]


# Allowed whatever `allowed_imports` says: what a type hint or a data structure needs, and nothing to be gained by them.
HARMLESS_IMPORTS = frozenset(
    {"__future__", "typing", "collections", "dataclasses", "functools", "itertools", "operator"}
)


class Ties(Value):
    """The result is made of indices into the entries of a positional `argument` (counted from 0).

    Two indices are interchangeable where those entries are equal.
    """

    argument: Annotated[int, Field(ge=0)]


class Contract(Value):
    """How a returned value is compared (`grading.compare` has the rules). Shown to the learner.

    `dtype`: the kind every returned array must have (`float` also accepts integers where values agree; `int` and `bool`
    are exact kinds, so they have no tolerance). `order`: `any` compares rows as a multiset. `ties`: which indices will
    do for others. `answers`: with `any_of` the reference returns a list of every acceptable answer. `mutation`: whether
    inputs may be changed in place.
    """

    dtype: DtypeKind = "float"
    rtol: Annotated[float, Field(ge=0, lt=1)] = 1e-5
    atol: Annotated[float, Field(ge=0)] = 1e-6
    order: Literal["exact", "any"] = "exact"
    ties: Ties | None = None
    answers: Literal["one", "any_of"] = "one"
    mutation: Literal["allowed", "forbidden"] = "forbidden"

    @model_validator(mode="before")
    @classmethod
    def _exact_kinds_have_no_tolerance(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("dtype") in ("int", "bool"):
            return {"rtol": 0.0, "atol": 0.0} | given
        return given

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        if self.dtype in ("int", "bool") and (self.rtol or self.atol):
            raise Misfit(
                phrase("values of kind %(dtype)s are compared exactly", dtype=self.dtype),
                phrase("leave out 'rtol' and 'atol'"),
            )
        if self.ties is not None and self.dtype in ("float", "bool"):
            raise Misfit(
                phrase("'ties' is for results that are indices, not of kind %(dtype)s", dtype=self.dtype),
                phrase("write 'dtype: int', or 'any' if there are other values beside them"),
            )
        return self


def may_import(module: str, allowed: Collection[str]) -> bool:
    """Whether a module (or a name within one) is within `allowed`: `numpy` allows `numpy.linalg`, not the reverse."""
    root = module.partition(".")[0]
    return root in HARMLESS_IMPORTS or any(module == entry or module.startswith(f"{entry}.") for entry in allowed)


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


class WaivedMutant(Value):
    """A mutant of the reference that the cases need not tell from it, and the reason, for a reader to verify.

    `mutant`: its id as `whetstone check` prints it; `…` in it stands for any text.
    """

    mutant: Annotated[str, StringConstraints(min_length=1, max_length=1_000, strip_whitespace=True)]
    reason: Annotated[str, StringConstraints(min_length=10, max_length=1_000, strip_whitespace=True)]


class Code(QuestionBase):
    """A function to write, graded in the sandbox.

    `cases` defines `cases(rng) -> list of dict(name, args, hidden=True, error=None, times_reference=None)`: `rng` is a
    seeded `numpy.random.Generator`, `args` the positional arguments, `error` the name of the exception type that is due
    instead of a value, `times_reference` how many times the reference's CPU time the call may take. `case_titles` names
    the cases for the learner; `random-3` falls back to the title `random`.
    `given` defines `given(*args) -> tuple` of what the function is called with, where that can't stand in `args` (a
    `torch.nn.Module`): it is made anew from `args` for each call, behind the walls.
    `forbidden_calls` are what the learner must write alone, by full name (`torch.nn.functional.conv2d`).
    `without` gives the reason (for other authors) why something that every question has makes no sense in this one.
    `picture` draws a failing case; `picture_args` names which arguments it needs, by role (for instance `boxes: 0`).
    `reveal_hidden_after`: tries after which a failing hidden case shows its input and picture; 0 shows them at once.
    """

    kind: Literal["code"]
    lib: Lib = "numpy"
    function: Identifier
    signature: Line
    contract: Contract = Contract()
    limits: Limits = Limits()
    allowed_imports: tuple[Line, ...] = ("math", "numpy")
    forbidden_calls: tuple[DottedName, ...] = Field(default=(), max_length=50)
    starter: Source
    reference: Source
    cases: Source
    given: Source | None = None
    case_titles: dict[Slug, Text] = Field(min_length=1)
    hints: tuple[Text, ...] = ()
    explanation: Text
    complexity: Text | None = None
    follow_ups: tuple[FollowUp, ...] = ()
    wrong: tuple[WrongSolution, ...] = Field(min_length=1)
    accepted: tuple[AcceptedSolution, ...] = ()
    waived_mutants: tuple[WaivedMutant, ...] = ()
    picture: Picture = "none"
    picture_args: dict[Identifier, int] = Field(default_factory=dict)
    without: dict[Omission, Reason] = Field(default_factory=dict)
    reveal_hidden_after: Annotated[int, Field(ge=0, le=100)] = 3

    def title_of_case(self, name: str) -> Text | None:
        return self.case_titles.get(name) or self.case_titles.get(NUMBERED.sub("", name))
