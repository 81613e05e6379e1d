"""The admin pages with everything on them, for the templates' tests."""

from __future__ import annotations

from collections.abc import Iterator

import sample_admin_list
import sample_editor
import sample_forms
import sample_gate
import sample_people

from app.bank.schema import Lang


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    """(name, template, view, active tab) of each."""
    yield "admin-frame", "admin/frame.html", None, "admin"
    yield from sample_admin_list.pages(lang)
    yield from sample_forms.pages(lang)
    yield from sample_editor.pages(lang)
    yield from sample_gate.pages(lang)
    yield from sample_people.pages(lang)
