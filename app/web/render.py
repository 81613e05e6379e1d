"""Templates: one environment a language, strict about undefined names, escaping everything that is not marked safe."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from app.bank.schema import LANGS, Lang
from app.settings import ROOT
from app.web import wording
from app.web.i18n import words

TEMPLATES = ROOT / "templates"
DIST = ROOT / "static" / "dist"


def render(template: str, lang: Lang, **context: object) -> str:
    """The page or fragment as HTML."""
    return _environment(lang).get_template(template).render(**context)


@cache
def _environment(lang: Lang) -> Environment:
    if lang not in LANGS:
        raise ValueError(lang)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    spoken = words(lang)
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        gettext=lambda phrase: spoken.gettext(phrase),
        ngettext=lambda one, many, n: spoken.phrases.get(one, one) if lang == "zh" or n == 1 else many,
        newstyle=True,
    )
    environment.globals["asset"] = asset
    environment.filters["html"] = _safe
    environment.filters["kind_label"] = lambda kind: wording.kind(kind, spoken)
    return environment


def _safe(html: str) -> Markup:
    """Mark HTML made by `bank.markup` or `grading.pictures` as safe; nothing else may pass through here."""
    return Markup(html)  # noqa: S704  (the templates' one door for HTML that our own code made and sanitised)


def asset(name: str) -> str:
    """The address of a built file, hashed name and all."""
    return f"/static/dist/{_manifest(DIST)[name]}"


@cache
def _manifest(dist: Path) -> dict[str, str]:
    try:
        manifest: dict[str, str] = json.loads((dist / "manifest.json").read_text())
    except FileNotFoundError:
        raise RuntimeError("static/dist is not built; run `make setup`") from None
    return manifest
