"""Whether what is told of a question is told in Chinese: for the tests of whoever tells it."""

from __future__ import annotations

import re

from app.languages import Phrase
from app.web.i18n import words

_QUOTED = re.compile("“[^”]*”|‘[^’]*’|`[^`]*`|'[^']*'|\"[^\"]*\"|\\$[^$]*\\$|\\([^()]*\\)|\\[[^\\]]*\\]|\\{[^{}]*\\}")
_PATH = re.compile(r"[\w.-]*/[\w./-]+")
_ENGLISH = re.compile(r"[A-Za-z']{2,}(?:,? [A-Za-z']{2,})+")
_CHINESE = re.compile("[\u4e00-\u9fff]")


def in_chinese(*told: str) -> str:
    return "".join(words("zh").say(it) for it in told)


def english_in(told: str) -> list[str]:
    """The runs of English words in it, apart from what it quotes."""
    rest, _, _code = _PATH.sub("", _QUOTED.sub("", told)).partition("\n")
    return [found[0] for found in _ENGLISH.finditer(rest)]


def assert_chinese(told: str) -> None:
    """A phrase that is a Chinese sentence in Chinese: names, code and what is quoted may be English."""
    assert isinstance(told, Phrase), told
    if not told:
        return
    chinese = in_chinese(told)
    assert _CHINESE.search(chinese), chinese
    assert english_in(chinese) == [], chinese
