"""LaTeX to MathML that a strict page may show, and to words that a title or a label may hold.

`math-core` renders; its inline styles, which the Content-Security-Policy forbids, become classes for the style sheet:
`math-left` and `math-right` (cells of aligned equations, cases and arrays), `math-rule-right` and `math-rule-top`
(lines of an array), `math-back` (negative thin space). `\\cancel` leaves `menclose` with an empty `mrow.menclose-…`, to
draw the stroke with.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree

from math_core import LatexError, LatexToMathML

from app.bank.foreign_words import of_latex
from app.languages import Phrase, phrase

_CLASSES = {
    "text-align: left": "math-left",
    "text-align: right": "math-right",
    "border-right": "math-rule-right",
    "border-top": "math-rule-top",
    "margin-left:-": "math-back",
}
_STYLE = re.compile(r' style="([^"]*)"')
_ERROR = re.compile(r"(\d+): (.*)", re.DOTALL)
_COMMENT = re.compile(r"(?<!\\)%")
_SCRIPTS = {"msup": "^", "msub": "_", "mover": "^", "munder": "_"}
_ACCENTS = {"^": "\u0302", "ˆ": "\u0302", "¯": "\u0304", "‾": "\u0304", "~": "\u0303", "˜": "\u0303"}
_FUNCTIONS = frozenset({"ln", "log", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh"})


class MathError(ValueError):
    """What is wrong with a formula, and at which character (`offset` counts from 0)."""

    def __init__(self, told: Phrase, offset: int) -> None:
        super().__init__(told)
        self.told = told
        self.offset = offset


def to_mathml(latex: str, *, display: bool) -> str:
    """A `<math>` element without inline style. Raises `MathError`."""
    if (comment := _COMMENT.search(latex)) is not None:
        raise MathError(phrase("% begins a comment in LaTeX; write \\%"), comment.start())
    try:
        rendered = _convert(latex, display=display)
    except LatexError as error:
        found = _ERROR.fullmatch(str(error))
        offset, message = (int(found[1]), found[2]) if found else (0, str(error))
        raise MathError(of_latex(message.rstrip(".")), min(offset, max(0, len(latex) - 1))) from None
    return _STYLE.sub(_as_classes, rendered).replace("&ApplyFunction;", "\u2061")


def _convert(latex: str, *, display: bool) -> str:
    return LatexToMathML(fancy_error=False).convert_with_local_state(latex, displaystyle=display)


def _as_classes(style: re.Match[str]) -> str:
    classes = [name for declared, name in _CLASSES.items() if declared in style[1]]
    return f' class="{" ".join(classes)}"' if classes else ""


def to_words(latex: str) -> str:
    """The formula on one line of plain text, for instance `o=⌊(n+2p-k)/s⌋+1`; its LaTeX if it can't be read."""
    try:
        return words_of(to_mathml(latex, display=False))
    except (MathError, ElementTree.ParseError, RecursionError):
        return latex


def words_of(mathml: str) -> str:
    """The same of a `<math>` element that `to_mathml` made. Raises ParseError for anything else."""
    tree = ElementTree.fromstring(mathml)  # noqa: S314  (our own renderer's output)
    return " ".join(_words(tree).replace("\u2061", "").split())


def _words(node: ElementTree.Element) -> str:
    parts = [_words(child) for child in node]
    match node.tag, len(parts):
        case "mfrac", 2:
            return f"{_grouped(parts[0])}/{_divisor(parts[1])}"
        case "mroot", 2:
            return f"root({parts[0]}, {parts[1]})"
        case (("msup" | "msub" | "mover" | "munder"), 2):
            return _scripted(node, *parts)
        case (("msubsup" | "munderover"), 3):
            return f"{parts[0]}_{_grouped(parts[1])}^{_grouped(parts[2])}"
        case "msqrt", _:
            return f"√{_grouped(''.join(parts))}"
        case "mtr", _:
            return ", ".join(parts)
        case "mtable", _:
            return "; ".join(parts)
        case "mspace", _:
            return "  " if node.get("width") else ""
        case (("mi" | "mo"), 0) if (node.text or "").strip() in _FUNCTIONS:
            return f" {node.text} "
    return (node.text or "") + "".join(parts)


def _scripted(node: ElementTree.Element, written: str, script: str) -> str:
    if node.get("accent") == "true":
        return written + _ACCENTS.get(script.strip(), "")
    base = written.rstrip()
    return f"{base}{_SCRIPTS[node.tag]}{_grouped(script)}{' ' * (base != written)}"


def _divisor(words: str) -> str:
    """What stands below a fraction's line: of several letters it is bracketed, or `1/NK` would read as K/N."""
    return words if words.isdigit() else _grouped(words) if len(words) <= 1 or not words.isalnum() else f"({words})"


def _grouped(words: str) -> str:
    return words if len(words) <= 1 or words.isalnum() else f"({words})"
