"""The form of one question of each kind, with faults in it, for the templates' tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from app.bank.chunks import chunks
from app.bank.findings import Finding
from app.bank.schema import Lang, Text, Topic
from app.languages import NOTHING, phrase
from app.settings import ROOT
from app.web.form_views import FormView, form_view
from app.web.i18n import words

TOPIC = Topic(
    id="pooling",
    area="cnn-basics",
    title=Text(en="Pooling", zh="池化"),
    kinds=(),
    facts={"f1": "$k$ is the side of a window.", "f2": "A maximum passes its gradient to one entry."},
)


@cache
def of_every_kind() -> dict[str, str]:
    """A question's text by its kind."""
    text = (ROOT / "tests" / "bank" / "every-kind.yaml").read_text(encoding="utf-8")
    return {chunk.question_id.removeprefix("every-"): chunk.text for chunk in chunks(text)}


def shown(yaml: str, lang: Lang = "en", findings: tuple[Finding, ...] = (), done: str = "") -> FormView:
    made = form_view(yaml, TOPIC, findings, words(lang), done)
    assert made is not None
    return made


def finding(line: int, column: int = 1) -> Finding:
    return Finding(
        Path("pooling.yaml"),
        line,
        column,
        NOTHING,
        phrase("'%(name)s' is missing", name="zh"),
        phrase("add the Chinese text"),
    )


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    """(name, template, view, active tab) of each."""
    for kind, text in of_every_kind().items():
        yaml = re.sub(r'en: "[A-Z]', lambda found: found[0].lower(), text)  # no phrase that could be taken for ours
        every_line = tuple(finding(number) for number in range(1, yaml.count("\n") + 1))
        form = shown(yaml, lang, every_line, "options.move.0.down")
        yield f"form-{kind}", "admin/editor/forms/form.html", SimpleNamespace(form=form), "admin"
