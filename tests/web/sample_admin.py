"""The admin pages with everything on them, for the templates' tests."""

from __future__ import annotations

from collections.abc import Iterator

import sample_inbox
import sample_statistics

from app.bank.schema import Lang


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    """(name, template, view, active tab) of each."""
    yield "admin-frame", "admin/frame.html", None, "admin"
    yield from sample_inbox.pages(lang)
    yield from sample_statistics.pages(lang)
