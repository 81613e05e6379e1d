"""What the parsers of YAML, LaTeX and CSV say is wrong, as phrases that can be said in the reader's language.

They word it in English only. A fault of theirs that is not listed here stays as they word it.
"""

from __future__ import annotations

import re

from app.errors import N_
from app.languages import Phrase, as_is

_YAML = (
    N_("mapping values are not allowed in this context"),
    N_("mapping values are not allowed here"),
    N_("mapping keys are not allowed in this context"),
    N_("block sequence entries are not allowed in this context"),
    N_("sequence entries are not allowed here"),
    N_("could not find expected ':'"),
    N_("did not find expected key"),
    N_("did not find expected '-' indicator"),
    N_("did not find expected ',' or ']'"),
    N_("did not find expected ',' or '}'"),
    N_("did not find expected node content"),
    N_("did not find expected <document start>"),
    N_("did not find expected comment or line break"),
    N_("did not find expected alphabetic or numeric character"),
    N_("did not find expected whitespace or line break"),
    N_("did not find expected hexdecimal number"),
    N_("did not find the expected '>'"),
    N_("found character that cannot start any token"),
    N_("found unexpected end of stream"),
    N_("found unexpected document indicator"),
    N_("found unexpected ':'"),
    N_("found unknown escape character"),
    N_("found a tab character where an indentation space is expected"),
    N_("found a tab character that violates indentation"),
    N_("found an indentation indicator equal to 0"),
    N_("found undefined alias"),
    N_("found undefined alias %(name)s"),
    N_("found undefined tag handle"),
    N_("found unknown directive name"),
    N_("found incompatible YAML document"),
    N_("second occurrence"),
    N_("but found another document"),
    N_("could not determine a constructor for the tag %(tag)s"),
    N_("expected <block end>, but found %(token)s"),
    N_("found character %(character)s that cannot start any token"),
)
_LATEX = (
    N_('Expected closing token "%(token)s", but reached end of input'),
    N_("Expected argument but reached end of input"),
    N_("Expected argument but got closing token (%(tokens)s)"),
    N_('Expected "%(due)s", but found "%(found)s"'),
    N_('Expected length with units, found "%(found)s"'),
    N_("Expected parameter number after '#', but reached end of input"),
    N_('Unknown command "%(name)s"'),
    N_('Unknown environment "%(name)s"'),
    N_('Unknown color "%(name)s"'),
    N_('Unmatched closing token: "%(token)s"'),
    N_('Unexpected "%(token)s"'),
    N_("Duplicate subscript or superscript"),
    N_("'^' or '_' directly followed by '^', '_' or prime"),
    N_('Found "%(token)s", which may only appear %(where)s'),
    N_('There must be a parenthesis after "%(name)s", but not found'),
    N_("Disallowed character in text group: '%(character)s'"),
    N_("Switch-like commands cannot be used as arguments"),
    N_("Not valid in text mode"),
    N_("Not valid in math mode"),
    N_("Math mode within text mode is not implemented yet"),
    N_("Hard limit exceeded. Please simplify your equation"),
)
_CSV = (
    N_("field larger than field limit (%(limit)s)"),
    N_("line contains NUL"),
    N_("new-line character seen in unquoted field - do you need to open the file with newline=''?"),
)
_PARAMETER = re.compile(r"%\\\((\w+)\\\)s")


def of_yaml(english: str) -> Phrase:
    return _known(english, _YAML_SHAPES)


def of_latex(english: str) -> Phrase:
    return _known(english, _LATEX_SHAPES)


def of_csv(english: str) -> Phrase:
    return _known(english, _CSV_SHAPES)


def _shape(msgid: str) -> re.Pattern[str]:
    """What matches every text that the msgid can make."""
    return re.compile(_PARAMETER.sub(r"(?P<\1>.*)", re.escape(msgid)), re.DOTALL)


def _known(english: str, shapes: dict[str, re.Pattern[str]]) -> Phrase:
    for msgid, shape in shapes.items():
        if found := shape.fullmatch(english):
            return Phrase(msgid, found.groupdict())
    return as_is(english)


_YAML_SHAPES = {msgid: _shape(msgid) for msgid in _YAML}
_LATEX_SHAPES = {msgid: _shape(msgid) for msgid in _LATEX}
_CSV_SHAPES = {msgid: _shape(msgid) for msgid in _CSV}
