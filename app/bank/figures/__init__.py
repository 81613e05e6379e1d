"""Figures of questions: SVG from data in the YAML, in both languages, with a text alternative.

Owns how a figure looks and whether its labels fit; what a figure may say is `schema.figures`'. It lives in the bank, as
`markup` does, because a figure is part of the question as a learner sees it (`present`); the sheet it is drawn on is
shared with `grading.pictures` and lies below both (`app.drawing`). Colours, fonts and dashes are the style sheet's
(`figures.css`), by class `pic-…` and `tone-…`: a page's policy forbids inline style.
"""

from __future__ import annotations

from functools import lru_cache

from app.bank import markup
from app.bank.figures.layout import drawn
from app.bank.figures.tables import table_html
from app.bank.schema import Lang
from app.bank.schema.figures import Figure

__all__ = ["figure_html", "figure_svg"]


@lru_cache(maxsize=128)
def figure_svg(figure: Figure, lang: Lang) -> str:
    """The picture alone."""
    board, height = drawn(figure)
    return board.whole(lang, height, figure.alt.in_(lang))


def figure_html(figure: Figure, lang: Lang) -> str:
    """A `<figure>` of safe HTML: the picture, its caption, and the numbers behind it where it shows any."""
    caption = f"<figcaption>{markup.to_html(figure.caption.in_(lang))}</figcaption>" if figure.caption else ""
    return f'<figure class="figure">{figure_svg(figure, lang)}{caption}{table_html(figure, lang)}</figure>'
