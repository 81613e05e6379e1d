"""A sheet to draw on: SVG elements as escaped text, drawn once and worded in both languages.

No inline style: a page's policy forbids it. Colours, dashes and weights are the style sheet's, by class `pic-…`; the
attributes here only keep a picture legible where there is no style sheet. Sizes are in the picture's own units, `WIDTH`
across, about one pixel each on a phone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from string import ascii_uppercase

from app.languages import LANGS, Lang, Message

WIDTH = 360.0
TEXT = 12.0  # size of titles and notes
SMALL = 9.0  # of numbers in cells and along axes
LINE = 17.0  # from one line of notes to the next

_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escaped(words: str) -> str:
    """Any text as XML character data or attribute value; what XML can't hold becomes a question mark."""
    return escape(_NOT_XML.sub("?", words))


def at(value: float) -> str:
    """A coordinate: one decimal, no more characters than it needs."""
    return f"{value:.1f}".removesuffix(".0").replace("-0.0", "0") if abs(value) >= 0.05 else "0"


_WIDTHS = {
    character: width
    for characters, width in (
        (ascii_uppercase, 0.7),
        (" .,:;'|!ijl", 0.33),
        ("()[]frt-/", 0.42),
        ("mwMW−×○✗✓↔–…∞", 0.88),
    )
    for character in characters
}


def width_of(words: str, size: float) -> float:
    """About how wide a text is, in the wider of the usual fonts."""
    return sum(_WIDTHS.get(character, 1.0 if character > "\u2e80" else 0.63) for character in words) * size


@dataclass(frozen=True)
class Note:
    """A line below a picture; `key` is the kind of rectangle that it explains."""

    words: Message
    key: str | None = None


class Sheet:
    """What is drawn, from top to bottom. `svg` makes the whole picture of it."""

    def __init__(self) -> None:
        self.body: dict[Lang, list[str]] = {lang: [] for lang in LANGS}

    def add(self, markup: str) -> None:
        """Markup of our own making; learners' text comes in by `say` alone."""
        for body in self.body.values():
            body.append(markup)

    def say(
        self, x: float, y: float, words: Message, size: float = TEXT, anchor: str = "start", kind: str = "text"
    ) -> None:
        """Words whose base line is at `y`."""
        for lang, body in self.body.items():
            body.append(text_element(x, y, words.in_(lang), size, anchor, kind))

    def numbers(
        self, placed: Iterable[tuple[float, float, str]], size: float = SMALL, anchor: str = "middle", kind: str = "num"
    ) -> None:
        """Many short texts of one look: (x, y, words)."""
        texts = "".join(f'<text x="{at(x)}" y="{at(y)}">{escaped(words)}</text>' for x, y, words in placed)
        if texts:
            head = f'<g class="pic-{kind}" font-size="{at(size)}" text-anchor="{anchor}"'
            self.add(f'{head} fill="currentColor" stroke="none">{texts}</g>')

    def rect(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """A rectangle of class `pic-<kind>`."""
        self.add(_rect(x, y, width, height, kind))

    def line(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        """An open line through points."""
        joined = " ".join(f"{at(x)},{at(y)}" for x, y in points)
        self.add(f'<polyline class="pic-{kind}" points="{joined}"/>')

    def path(self, data: str, kind: str, attributes: str = "") -> None:
        """Strokes or areas as path data."""
        if data:
            self.add(f'<path class="pic-{kind}"{attributes} d="{data}"/>')

    def svg(
        self,
        bottom: float,
        title: Message,
        facts: Sequence[Message],
        notes: Sequence[Note],
        head: Sequence[Message] = (),
    ) -> Message:
        """The whole picture, with `head` above what is drawn and `notes` below. `title` and all of them, after `facts`,
        are its text alternative."""
        told = [*head, *facts, *(note.words for note in notes)]
        return Message(*(self._whole(lang, bottom, title, told, notes, head) for lang in LANGS))

    def _whole(
        self,
        lang: Lang,
        bottom: float,
        title: Message,
        told: Sequence[Message],
        notes: Sequence[Note],
        head: Sequence[Message],
    ) -> str:
        top = -LINE * len(head) - 6 if head else 0.0
        above, _ = _lines(lang, top, [Note(words) for words in head])
        below, height = _lines(lang, bottom, notes)
        name = title.in_(lang)
        stop, space = (". ", " ") if lang == "en" else ("。", "")
        label = escaped(name + stop + space.join(words.in_(lang) for words in told))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {at(top)} {at(WIDTH)} {math.ceil(height + 4 - top)}" '
            f'role="img" aria-label="{label}" fill="none" stroke="currentColor">'
            f"<title>{escaped(name)}</title>{above}{''.join(self.body[lang])}{below}</svg>"
        )


def text_element(x: float, y: float, words: str, size: float, anchor: str, kind: str) -> str:
    return (
        f'<text class="pic-{kind}" x="{at(x)}" y="{at(y)}" font-size="{at(size)}" text-anchor="{anchor}" '
        f'fill="currentColor" stroke="none">{escaped(words)}</text>'
    )


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    size = f'width="{at(max(width, 0))}" height="{at(max(height, 0))}"'
    return f'<rect class="pic-{kind}" x="{at(x)}" y="{at(y)}" {size}/>'


def _lines(lang: Lang, top: float, notes: Sequence[Note]) -> tuple[str, float]:
    """Notes from `top` on, wrapped to the sheet, and where they end."""
    drawn, base = [], top
    for note in notes:
        if note.key:
            drawn.append(_rect(1, base + 5, 11, 9, note.key))
        indent = 18.0 if note.key else 0.0
        for line in wrapped(note.words.in_(lang), WIDTH - indent):
            base += LINE
            drawn.append(text_element(indent, base - 4, line, TEXT, "start", "text"))
    return "".join(drawn), base


def wrapped(words: str, width: float, size: float = TEXT) -> list[str]:
    """Lines that fit into a width: English breaks between words, Chinese anywhere."""
    lines, line = [], ""
    for piece in re.findall(r"(?:[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+)[，。；：、）]*", words):
        if line and width_of((line + piece).rstrip(), size) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()]
