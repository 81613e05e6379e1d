"""Which fields the form of each kind of question has, in the order in which they stand in the YAML.

Owns their names and what is typed into them; what they are called on the page is the web's. Fields of the schema that
are not here (there are none but by a later addition) are left alone by the form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from app.bank.schema import FailVerdict, Lib, Picture, Status
from app.bank.schema.code import DtypeKind

# line: one line; prose, code: several; number; choice: one of some; flag: yes or no; words: a list, one a line;
# values: numbers and texts in one line; yaml: whatever it is, as YAML
Widget = Literal["line", "prose", "code", "number", "choice", "flag", "words", "values", "yaml", "fixed"]


@dataclass(frozen=True)
class Leaf:
    """One value. `default` is that of a flag or a choice that is left out."""

    widget: Widget
    choices: tuple[str, ...] = ()
    default: str = ""


@dataclass(frozen=True)
class Both:
    """One leaf in each language."""

    leaf: Leaf


@dataclass(frozen=True)
class Group:
    """Fields of a mapping."""

    fields: tuple[Field, ...]


@dataclass(frozen=True)
class RowsOf:
    """A list of groups or texts; or a mapping of them by names that the author chooses."""

    item: Group | Both | Leaf
    named: bool = False


Shape = Leaf | Both | Group | RowsOf


@dataclass(frozen=True)
class Field:
    """A key of a mapping and what stands there. An `optional` one that is emptied is left out."""

    key: str
    shape: Shape
    optional: bool = False


LINE, PROSE, CODE, NUMBER, WORDS, VALUES, YAML = (
    Leaf("line"), Leaf("prose"), Leaf("code"), Leaf("number"), Leaf("words"), Leaf("values"), Leaf("yaml"),
)  # fmt: skip
TEXT = Both(PROSE)
SHORT = Both(LINE)


def _choice(choices: tuple[str, ...], default: str = "") -> Leaf:
    return Leaf("choice", choices, default)


_HEAD = (
    Field("id", Leaf("fixed")),
    Field("kind", Leaf("fixed")),
    Field("difficulty", _choice(("1", "2", "3", "4", "5"))),
    Field("minutes", NUMBER),
    Field("covers", WORDS, optional=True),
    Field("sources", WORDS),
    Field("errata", WORDS, optional=True),
    Field("erratum", TEXT, optional=True),
    Field("tags", WORDS, optional=True),
    Field("status", _choice(tuple(Status), "published"), optional=True),
    Field("prompt", TEXT),
)
_FIGURES = (Field("figure", YAML, optional=True), Field("answer_figure", YAML, optional=True))
_EXPLANATION = Field("explanation", TEXT)
_FOLLOW_UPS = RowsOf(Group((Field("ask", TEXT), Field("answer", TEXT))))
_CHOICES = (
    Field("options", RowsOf(Group((
        Field("text", TEXT), Field("correct", Leaf("flag", default="false"), optional=True),
        Field("why", TEXT), Field("erratum", LINE, optional=True),
    )))),
    Field("shuffle", Leaf("flag", default="true"), optional=True),
    _EXPLANATION,
)  # fmt: skip
_NUMERIC = (
    Field("params", RowsOf(Group((
        Field("range", VALUES, optional=True), Field("step", NUMBER, optional=True),
        Field("choices", VALUES, optional=True),
    )), named=True), optional=True),
    Field("where", LINE, optional=True),
    Field("derived", RowsOf(LINE, named=True), optional=True),
    Field("answer", LINE),
    Field("tolerance", Group((Field("abs", NUMBER, optional=True), Field("rel", NUMBER, optional=True)))),
    Field("unit", SHORT, optional=True),
    Field("solution", TEXT),
    Field("mistakes", RowsOf(Group((Field("answer", LINE), Field("why", TEXT)))), optional=True),
    Field("oracle", Group((
        Field("lib", _choice(get_args(Lib), "numpy"), optional=True), Field("code", CODE, optional=True),
    )), optional=True),
)  # fmt: skip
_CONTRACT = Group((
    Field("dtype", _choice(get_args(DtypeKind), "float"), optional=True),
    Field("rtol", NUMBER, optional=True), Field("atol", NUMBER, optional=True),
    Field("order", _choice(("exact", "any"), "exact"), optional=True),
    Field("ties", Group((Field("argument", NUMBER, optional=True),)), optional=True),
    Field("answers", _choice(("one", "any_of"), "one"), optional=True),
    Field("mutation", _choice(("allowed", "forbidden"), "forbidden"), optional=True),
))  # fmt: skip
_CODE = (
    Field("lib", _choice(get_args(Lib), "numpy"), optional=True),
    Field("function", LINE),
    Field("signature", LINE),
    Field("contract", _CONTRACT, optional=True),
    Field("limits", Group((
        Field("time_s", NUMBER, optional=True), Field("memory_mib", NUMBER, optional=True),
    )), optional=True),
    Field("allowed_imports", WORDS, optional=True),
    Field("forbidden_calls", WORDS, optional=True),
    Field("starter", CODE),
    Field("reference", CODE),
    Field("cases", CODE),
    Field("given", CODE, optional=True),
    Field("case_titles", RowsOf(SHORT, named=True)),
    Field("hints", RowsOf(TEXT), optional=True),
    _EXPLANATION,
    Field("complexity", SHORT, optional=True),
    Field("follow_ups", _FOLLOW_UPS, optional=True),
    Field("wrong", RowsOf(Group((
        Field("name", LINE), Field("verdict", _choice(tuple(FailVerdict))), Field("code", CODE), Field("note", TEXT),
    )))),
    Field("accepted", RowsOf(Group((Field("name", LINE), Field("code", CODE)))), optional=True),
    Field("waived_mutants", RowsOf(Group((Field("mutant", LINE), Field("reason", LINE)))), optional=True),
    Field("picture", _choice(get_args(Picture), "none"), optional=True),
    Field("picture_args", YAML, optional=True),
    Field("without", Group((
        Field("performance", LINE, optional=True), Field("picture", LINE, optional=True),
    )), optional=True),
    Field("reveal_hidden_after", NUMBER, optional=True),
)  # fmt: skip
_BY_KIND: dict[str, tuple[Field, ...]] = {
    "flashcard": (Field("answer", TEXT), *_FIGURES),
    "single-choice": (*_CHOICES, *_FIGURES),
    "multi-choice": (*_CHOICES, *_FIGURES),
    "numeric": (*_NUMERIC, *_FIGURES),
    "cloze": (
        Field("blanks", RowsOf(Group((Field("accept", Both(WORDS)), Field("why", TEXT))), named=True)),
        _EXPLANATION,
        *_FIGURES,
    ),
    "ordering": (
        Field("items", RowsOf(Group((Field("text", TEXT), Field("why", TEXT))))),
        _EXPLANATION,
        *_FIGURES,
    ),
    "matching": (
        Field("pairs", RowsOf(Group((Field("left", TEXT), Field("right", TEXT), Field("why", TEXT))))),
        Field("decoys", RowsOf(TEXT), optional=True),
        _EXPLANATION,
        *_FIGURES,
    ),
    "open": (
        Field("model_answer", TEXT),
        Field("rubric", RowsOf(Group((Field("point", TEXT), Field("weight", NUMBER, optional=True))))),
        Field("follow_ups", _FOLLOW_UPS),
        *_FIGURES,
    ),
    "code": _CODE,
}


def fields_of(kind: object) -> tuple[Field, ...]:
    """The fields of a kind; of an unknown one those that every question has."""
    return _HEAD + _BY_KIND.get(kind if isinstance(kind, str) else "", ())
