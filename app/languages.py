"""The two languages of the product, and a short plain text in both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, Lang] = ("en", "zh")


@dataclass(frozen=True)
class Message:
    """One plain text for the learner in both languages (no Markdown)."""

    en: str
    zh: str

    def in_(self, lang: Lang) -> str:
        return self.en if lang == "en" else self.zh

    def __add__(self, other: Message) -> Message:
        """Both texts one after the other: English with a space between, Chinese without."""
        return Message(" ".join(filter(None, (self.en, other.en))), self.zh + other.zh)


def same(words: str) -> Message:
    """A text that is the same in both languages: numbers, indices, marks."""
    return Message(words, words)
