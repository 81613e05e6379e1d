"""The learner's language: which one, and the words. English phrases are the keys; `locales/zh/` holds the Chinese."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import negotiate_locale
from babel.messages import catalog
from babel.messages.pofile import read_po

from app.bank.schema import LANGS, Lang
from app.languages import Message, Phrase

LOCALES = Path(__file__).parent / "locales"
NAMES: dict[Lang, str] = {"en": "English", "zh": "中文"}


@dataclass(frozen=True)
class Words:
    """The phrases of one language; a phrase that is not there stays English."""

    lang: Lang
    phrases: dict[str, str]

    def gettext(self, phrase: str, **params: object) -> str:
        """The phrase with its parameters; those that are phrases or messages themselves are said in this language."""
        worded = self.phrases.get(phrase, phrase)
        return worded % {name: self._param(it) for name, it in params.items()} if params else worded

    def say(self, told: str) -> str:
        """A phrase in this language, and the phrases and messages within it. Any other text stays as it is."""
        if not isinstance(told, Phrase):
            return told
        worded = self.phrases.get(told.msgid, told.msgid)
        return worded % {name: self._param(it) for name, it in told.params.items()} if told.params else worded

    def _param(self, value: object) -> object:
        if isinstance(value, Message):
            return value.in_(self.lang)
        return self.say(value) if isinstance(value, str) else value

    def ngettext(self, one: str, many: str, n: int, **params: object) -> str:
        """The form for `n` things; Chinese has one form, kept under the English singular."""
        phrase = self.phrases.get(one, one) if self.lang == "zh" or n == 1 else many
        return phrase % {"n": n, **params}


@cache
def words(lang: Lang) -> Words:
    """The phrases of `lang`, read once."""
    if lang == "en":
        return Words(lang, {})
    phrases: dict[str, str] = {}
    for path in sorted((LOCALES / lang).glob("*.po")):
        with path.open("rb") as file:
            found = read_po(file, locale=lang)
        phrases |= {_key(message): _text(message) for message in found if message.id and message.string}
    return Words(lang, phrases)


def choose(preferred: str | None, cookie: str | None, accept_language: str) -> Lang:
    """The learner's own choice, else this browser's, else the first language it accepts that we have, else English."""
    for choice in (preferred, cookie):
        if choice in LANGS:
            return choice
    wanted = [part.partition(";")[0].strip().split("-")[0].lower() for part in _by_quality(accept_language)]
    return "zh" if negotiate_locale(wanted, list(LANGS)) == "zh" else "en"


def _by_quality(header: str) -> list[str]:
    def quality(part: str) -> float:
        _, _, value = part.partition(";q=")
        try:
            return float(value) if value else 1.0
        except ValueError:
            return 0.0

    return sorted((part.strip() for part in header[:1000].split(",") if part.strip()), key=quality, reverse=True)


def _key(message: catalog.Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _text(message: catalog.Message) -> str:
    return message.string if isinstance(message.string, str) else (message.string or ("",))[0]
