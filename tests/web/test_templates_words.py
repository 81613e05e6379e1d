"""Every phrase of the templates has its Chinese, with the same places to fill."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from app.web.i18n import LOCALES
from app.web.render import TEMPLATES

LISTS = sorted((LOCALES / "zh").glob("*.po"))
PLACE = re.compile(r"%\((\w+)\)s")
OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}


def _phrases() -> Iterator[tuple[str, str]]:
    found = extract_from_dir(TEMPLATES, [("**.html", "jinja2.ext:babel_extract")], {"**.html": OPTIONS})
    for file, _, phrase, *_ in found:
        yield file, phrase if isinstance(phrase, str) else phrase[0]


def _chinese() -> dict[str, Message]:
    catalogs = [read_po(io.BytesIO(path.read_bytes()), locale="zh", abort_invalid=True) for path in LISTS]
    messages = [message for catalog in catalogs for message in catalog if message.id]
    return {message.id if isinstance(message.id, str) else message.id[0]: message for message in messages}


def test_every_phrase_of_the_templates_has_its_chinese() -> None:
    chinese = _chinese()
    missing = sorted(
        {f"{file}: {phrase}" for file, phrase in _phrases() if phrase not in chinese or not chinese[phrase].string}
    )
    assert missing == []


def test_chinese_fills_the_same_places() -> None:
    for phrase, message in _chinese().items():
        told = message.string if isinstance(message.string, str) else message.string[0]
        assert set(PLACE.findall(told)) == set(PLACE.findall(phrase)), phrase
        assert told.count("%%") == phrase.count("%%"), phrase


def test_no_phrase_is_listed_twice() -> None:
    ids = [phrase for path in LISTS for phrase in re.findall(r'^msgid "(.+)"$', path.read_text(), flags=re.MULTILINE)]
    assert sorted({phrase for phrase in ids if ids.count(phrase) > 1}) == []
