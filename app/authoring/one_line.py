"""A single-line field at the top of a question's text, set without touching anything else in it.

For changes of many questions at once. What the text then says is read again: if more than that field has changed, or
the field is written in a way that this can't set, nothing is done.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.bank.yaml_source import read
from app.errors import N_, Invalid

Plain = int | str | Sequence[str]
_AFTER = ("minutes", "difficulty", "kind", "id")  # where a field that is not there yet is put


def with_field(yaml: str, name: str, value: Plain) -> str:
    """The tidy text with that field set; Invalid where it can't be done safely."""
    before = read(yaml.encode())
    if not isinstance(before.data, dict) or before.faults:
        raise Invalid(N_("Its text can't be read: mend it in the editor first."))
    changed = _set(yaml, name, _written(value))
    after = read(changed.encode())
    wanted = before.data | {name: list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value}
    if after.faults or after.data != wanted:
        raise Invalid(N_("The field “%(name)s” is written over several lines: change it in the editor."), name=name)
    return changed


def _set(yaml: str, name: str, written: str) -> str:
    line = re.compile(rf"^{name}:[ \t]*(?P<value>[^\n#]*?)(?P<comment>[ \t]+#[^\n]*)?$", re.MULTILINE)
    if line.search(yaml):
        return line.sub(lambda found: f"{name}: {written}{found['comment'] or ''}", yaml, count=1)
    for other in _AFTER:
        if found := re.search(rf"^{other}:[^\n]*\n", yaml, re.MULTILINE):
            return f"{yaml[: found.end()]}{name}: {written}\n{yaml[found.end() :]}"
    return yaml


def _written(value: Plain) -> str:
    if isinstance(value, int | str):
        return str(value)
    return f"[{', '.join(value)}]"
