"""The two languages of the product, a short plain text in both, and an English phrase that can be said in the other.

A `Message` carries both texts, for what is worded deep down and shown to learners. A `Phrase` carries English and what
its translation is looked up by, for what is told of a question to those who keep the bank.
"""

from __future__ import annotations

from collections.abc import Mapping
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


Param = int | float | str | Message  # a str may be a Phrase, which is then said in the reader's language too


class Phrase(str):
    """`msgid % params`: the English text, wherever a text is wanted; `app.web.i18n` says it in the reader's language.

    Made by `phrase`, which marks the msgid for translation, and by `as_is`.
    """

    msgid: str
    params: dict[str, Param]

    def __new__(cls, msgid: str, params: Mapping[str, Param]) -> Phrase:
        english = {name: it.en if isinstance(it, Message) else it for name, it in params.items()}
        made = super().__new__(cls, msgid % english if params else msgid)
        made.msgid = msgid
        made.params = dict(params)
        return made

    def __reduce__(self) -> tuple[type[Phrase], tuple[str, dict[str, Param]]]:
        return type(self), (self.msgid, self.params)

    def within(self, length: int) -> Phrase:
        """The same phrase with what is long in it cut short, so that the whole has about `length` characters."""
        if len(self) <= length:
            return self
        return Phrase(self.msgid, {name: _cut(it, length // len(self.params)) for name, it in self.params.items()})


def phrase(msgid: str, /, **params: object) -> Phrase:
    """Mark a text for translation and put its parameters in: phrases and messages by language, all else as it prints.

    `msgid` is always written out here, so that the translations can be held against the code.
    """
    return Phrase(msgid, {name: _param(it) for name, it in params.items()})


def as_is(text: str) -> Phrase:
    """What somebody wrote or a program printed: the same in every language."""
    return Phrase("%(text)s", {"text": text}) if text else NOTHING


NOTHING = Phrase("", {})


def as_data(told: str) -> object:
    """A phrase as JSON, with what it is said from."""
    if not isinstance(told, Phrase):
        return told
    return {"msgid": told.msgid, "params": {name: _param_data(it) for name, it in told.params.items()}}


def from_data(data: object) -> Phrase:
    """The phrase of `as_data`. A mere text, as was kept before there were phrases, stays one. Raises ValueError."""
    if isinstance(data, Phrase):
        return data
    if isinstance(data, str):
        return as_is(data)
    match data:
        case {"msgid": str(msgid), "params": dict(params)}:
            return Phrase(msgid, {str(name): _param_of(it) for name, it in params.items()})
    raise ValueError("not a phrase")


def _param(value: object) -> Param:
    if isinstance(value, BaseException) and value.args and isinstance(value.args[0], Phrase):
        return value.args[0]
    if isinstance(value, str | Message) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    return str(value)


def _param_data(value: Param) -> object:
    if isinstance(value, Message):
        return {"en": value.en, "zh": value.zh}
    return as_data(value) if isinstance(value, str) else value


def _param_of(data: object) -> Param:
    match data:
        case {"en": str(en), "zh": str(zh)}:
            return Message(en, zh)
        case dict():
            return from_data(data)
    return _param(data)


def _cut(value: Param, length: int) -> Param:
    if isinstance(value, Phrase):
        return value.within(length)
    if isinstance(value, Message):
        return Message(_short(value.en, length), _short(value.zh, length))
    return _short(value, length) if isinstance(value, str) else value


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: max(length - 1, 0)] + "…"
