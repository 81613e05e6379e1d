"""The admin pages with everything on them, for the templates' tests."""

from __future__ import annotations

from collections.abc import Iterator

import sample_admin_list
import sample_editor
import sample_forms
import sample_gate
import sample_history
import sample_imports
import sample_inbox
import sample_people
import sample_statistics
import sample_sync

from app.bank.schema import Lang


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    """(name, template, view, active tab) of each."""
    yield "admin-frame", "admin/frame.html", None, "admin"
    yield from sample_admin_list.pages(lang)
    yield from sample_forms.pages(lang)
    yield from sample_editor.pages(lang)
    yield from sample_gate.pages(lang)
    yield from sample_people.pages(lang)
    yield from sample_sync.pages(lang)
    yield from sample_history.pages(lang)
    yield from sample_imports.pages(lang)
    yield from sample_inbox.pages(lang)
    yield from sample_statistics.pages(lang)
