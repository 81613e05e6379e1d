"""Anki's field HTML to the bank's Markdown.

Paragraphs, lists, code and MathJax are kept; emphasis, colours and sizes are left behind. What a question can't carry
at all (pictures, sound, MathML) raises, so that no card is imported without the half that mattered.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

MATH = re.compile(
    r"\\\((?P<inline>.+?)\\\)|\\\[(?P<display>.+?)\\\]"
    r"|\[\$\](?P<old_inline>.+?)\[/\$\]|\[\$\$\](?P<old_display>.+?)\[/\$\$\]",
    re.DOTALL,
)
NOT_TEXT = re.compile(r"\[sound:|\[anki:tts|\[latex\]")
SPECIAL = re.compile(r"([\\`*_$\[\]<]|&(?=#?\w+;))")
LIST_LIKE = re.compile(r"^(\s*)([>#+=-]|\d+(?=[.)]))")
BLOCKS = frozenset({"blockquote", "br", "div", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "ol", "p", "tr", "ul"})
LOST = frozenset({"audio", "iframe", "img", "math", "object", "svg", "video"})
SILENT = frozenset({"script", "style", "title"})
LITERAL = frozenset({"anki-mathjax", "code", "pre"})


class NotTextError(ValueError):
    """The field holds something that a question can't carry."""


def to_markdown(field: str) -> str:
    """The field as Markdown that reads the same; raises NotTextError."""
    if NOT_TEXT.search(field):
        raise NotTextError("it holds sound or a LaTeX picture, which a question can't carry")
    reader = _Reader()
    reader.feed(field)
    reader.close()
    reader.end_literal()
    lines = [line.rstrip() for line in "".join(reader.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    """Writes Markdown as the HTML goes by. `literal` is the tag whose text is kept as it is, if inside one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.literal: str | None = None
        self.verbatim: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in LOST:
            raise NotTextError(f"it holds <{tag}>, which a question can't carry")
        if self.literal:
            self.verbatim.append("\n" if tag in BLOCKS else "")
        elif tag in LITERAL:
            self.literal = tag
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in BLOCKS:
            self.parts.append("\n\n")
        self.silent += tag in SILENT

    def handle_endtag(self, tag: str) -> None:
        if tag == self.literal:
            self.end_literal()
        elif tag in BLOCKS and not self.literal:
            self.parts.append("\n\n")
        self.silent = max(0, self.silent - (tag in SILENT))

    def handle_data(self, data: str) -> None:
        if self.literal:
            self.verbatim.append(data)
        elif not self.silent:
            self.parts.append(_prose(data.replace("\xa0", " ")))

    def end_literal(self) -> None:
        """Write what the code or formula held."""
        text = "".join(self.verbatim).replace("\xa0", " ")
        match self.literal:
            case "anki-mathjax":
                self.parts.append(f"${text.strip()}$")
            case "pre":
                fence = _longer_than_any("`", text, 3)
                code = text.strip("\n")
                self.parts.append(f"\n\n{fence}\n{code}\n{fence}\n\n")
            case "code" if text.strip():
                fence = _longer_than_any("`", text, 1)
                self.parts.append(
                    f"{fence}{text.strip()}{fence}" if len(fence) == 1 else f"{fence} {text.strip()} {fence}"
                )
        self.literal = None
        self.verbatim.clear()


def _prose(text: str) -> str:
    """Text as Markdown that shows the same characters, its formulas as `$…$`."""
    parts: list[str] = []
    end = 0
    for found in MATH.finditer(text):
        parts.append(_escaped(text[end : found.start()]))
        if inline := found["inline"] or found["old_inline"]:
            parts.append(f"${inline.strip()}$")
        else:
            parts.append(f"$${(found['display'] or found['old_display']).strip()}$$")
        end = found.end()
    return "".join([*parts, _escaped(text[end:])])


def _escaped(text: str) -> str:
    folded = re.sub(r"\s+", " ", text)
    return LIST_LIKE.sub(_unlisted, SPECIAL.sub(r"\\\1", folded))


def _unlisted(found: re.Match[str]) -> str:
    """A line that begins like a list or a heading, made to begin like text."""
    space, mark = found.groups()
    return f"{space}{mark}" + "\\" if mark.isdigit() else f"{space}\\{mark}"


def _longer_than_any(mark: str, text: str, least: int) -> str:
    longest = max((len(run) for run in re.findall(f"{re.escape(mark)}+", text)), default=0)
    return mark * max(least, longest + 1)
