"""The sheet that figures are drawn on. It remembers where each label went, to tell what does not fit by its place."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from app.bank.findings import Complaint
from app.bank.schema.figures.parts import Words
from app.bank.yaml_source import PathKey
from app.drawing.sheet import WIDTH, Sheet, at, escaped, text_element, width_of, wrapped
from app.languages import LANGS, Lang, Message, Phrase, phrase

Anchor = Literal["start", "middle", "end"]
LABEL = 11.5
TICK = 10.0
LINE = 14.0  # from one line of a title or a note to the next
POINT = 4.0  # about the radius of a drawn point
SLACK = 1.0  # widths are measured on the wide side


def worded(label: str | Words | Message) -> Message:
    """A label of the data in both languages."""
    return Message(label, label) if isinstance(label, str) else Message(label.en, label.zh)


def breadth(words: Message, size: float) -> float:
    """About how wide a text is in the language in which it is wider."""
    return max(width_of(words.in_(lang), size) for lang in LANGS)


@dataclass(frozen=True)
class _Written:
    """One line of a label, in the box that it takes. `room` is how wide it may be."""

    place: PathKey
    lang: Lang
    words: str
    left: float
    right: float
    base: float
    size: float
    room: float

    def covers(self, spot: tuple[float, float]) -> bool:
        """Whether a point that is drawn there touches it."""
        top, bottom = self.base - 0.72 * self.size, self.base
        return self.left - POINT < spot[0] < self.right + POINT and top - POINT < spot[1] < bottom + POINT

    def meets(self, other: _Written) -> bool:
        apart = 0.72 * max(self.size, other.size)
        across = min(self.right, other.right) - max(self.left, other.left)
        return abs(self.base - other.base) < apart and across > 2 * SLACK


class Board(Sheet):
    """A sheet whose labels are remembered with their places in the figure's data."""

    def __init__(self) -> None:
        super().__init__()
        self._written: list[_Written] = []
        self._objections: list[Complaint] = []
        self._points: list[tuple[float, float]] = []
        self.labels: dict[PathKey, str | Words | Message] = {}

    def object(self, place: PathKey, message: Phrase, mend: Phrase) -> None:
        """Something else that is wrong with the drawing."""
        self._objections.append(Complaint(place, message, mend))

    def keep_clear(self, spot: tuple[float, float]) -> None:
        """A point that no label may lie on."""
        self._points.append(spot)

    def write(
        self,
        words: str | Words | Message,
        place: PathKey,
        x: float,
        y: float,
        *,
        size: float = LABEL,
        anchor: Anchor = "start",
        kind: str = "tag",
        room: float = math.inf,
    ) -> None:
        """One line of a label, its base line at `y`."""
        message = worded(words)
        self.labels[place] = words
        self.say(x, y, message, size, anchor, kind)
        for lang in LANGS:
            self._remember(place, lang, message.in_(lang), x, y, size, anchor, room)

    def paragraph(
        self, words: str | Words, place: PathKey, x: float, top: float, *, room: float, kind: str = "text"
    ) -> None:
        """Centred lines of at most `room`, from `top` on."""
        self.labels[place] = words
        for lang in LANGS:
            for index, line in enumerate(wrapped(worded(words).in_(lang), room, LABEL)):
                y = top + LINE * (index + 1) - 3
                self.body[lang].append(text_element(x, y, line, LABEL, "middle", kind))
                self._remember(place, lang, line, x, y, LABEL, "middle", room)

    def _remember(
        self, place: PathKey, lang: Lang, words: str, x: float, y: float, size: float, anchor: Anchor, room: float
    ) -> None:
        width = width_of(words, size)
        left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        self._written.append(_Written(place, lang, words, left, left + width, y, size, room))

    def whole(self, lang: Lang, height: float, told: str) -> str:
        """The picture in one language, with its text alternative."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {at(WIDTH)} {math.ceil(height)}" role="img" '
            f'fill="none" stroke="currentColor"><title>{escaped(told)}</title>{"".join(self.body[lang])}</svg>'
        )

    def faults(self) -> Iterator[Complaint]:
        """What was objected to; labels that leave the sheet, outgrow their room or lie on each other, one a place."""
        yield from self._objections
        told: set[PathKey] = set()
        for one in self._written:
            if (fault := self._fault(one)) and one.place not in told:
                told.add(one.place)
                yield fault
        for one, other in combinations(self._written, 2):
            if one.lang == other.lang and other.place not in told and one.meets(other):
                told.add(other.place)
                message = phrase("the label '%(other)s' lies on the label '%(one)s'", other=other.words, one=one.words)
                yield Complaint(
                    other.place, message, phrase("move one of them, or shorten it (%(lang)s)", lang=one.lang)
                )

    def _fault(self, written: _Written) -> Complaint | None:
        width = written.right - written.left
        if width > written.room + SLACK:
            message = phrase(
                "the label '%(label)s' is about %(width)s wide, its room %(room)s",
                label=written.words,
                width=f"{width:.0f}",
                room=f"{max(written.room, 0):.0f}",
            )
            return Complaint(written.place, message, phrase("shorten it (%(lang)s)", lang=written.lang))
        if written.left < -SLACK or written.right > WIDTH + SLACK or written.base - written.size < -SLACK:
            message = phrase("the label '%(label)s' leaves the sheet", label=written.words)
            return Complaint(written.place, message, phrase("shorten or move it (%(lang)s)", lang=written.lang))
        if any(map(written.covers, self._points)):
            message = phrase("a point lies under the label '%(label)s'", label=written.words)
            return Complaint(written.place, message, phrase("put it on another side (%(lang)s)", lang=written.lang))
        return None


def paragraph_height(words: str | Words | None, room: float) -> float:
    """How high the lines of a title or a note are, in the language in which they are more."""
    if words is None:
        return 0.0
    return LINE * max(len(wrapped(worded(words).in_(lang), room, LABEL)) for lang in LANGS) + 4
