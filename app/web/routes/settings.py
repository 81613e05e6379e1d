"""The learner's settings, and the language switch that every page carries."""

from __future__ import annotations

import contextlib
from typing import Annotated

from fastapi import APIRouter, Form, Response

from app.accounts.service import Learner, save_settings
from app.bank.schema import LANGS
from app.errors import N_, Unauthorised
from app.scheduling.days import zone_names
from app.web.answer_forms import Fields, text
from app.web.i18n import NAMES
from app.web.pages import go, html, local_path
from app.web.services import LANG_COOKIE, Here, Visit, known_zone
from app.web.views import Choice, SettingsView

router = APIRouter(include_in_schema=False)
THEMES = {"auto": N_("As the system"), "light": N_("Light"), "dark": N_("Dark")}
MOST_NEW, MOST_REVIEWS = 500, 5000
YEAR_S = 365 * 86_400


@router.get("/settings")
def show(visit: Here, saved: bool = False) -> Response:
    with visit.read():
        me = visit.me
    return html(visit, "settings/page.html", _view(visit, _values(visit, me), {}, saved), active="settings")


@router.post("/settings")
def save(visit: Here, form: Fields) -> Response:
    names = ("language", "zone", "new_per_day", "reviews_per_day", "theme", "shortcuts")
    values = {name: text(form, name).strip() for name in names}
    with visit.read():
        errors = _errors(visit, values)
    if errors:
        return html(visit, "settings/page.html", _view(visit, values, errors, False), active="settings", status=422)
    with visit.write() as connection:
        save_settings(
            connection,
            visit.me.id,
            language=values["language"] or None,
            zone=values["zone"],
            new_per_day=int(values["new_per_day"]),
            reviews_per_day=int(values["reviews_per_day"]),
            theme=values["theme"],
            shortcuts=values["shortcuts"] == "on",
        )
    return go("/settings?saved=true")


@router.post("/language")
def language(visit: Here, lang: Annotated[str, Form()], next: Annotated[str, Form()] = "/") -> Response:  # noqa: A002  (the form's field)
    """Switch the language and stay on the page; kept with the account when somebody is logged in, else in a cookie."""
    response = go(local_path(next))
    if lang in LANGS:
        with contextlib.suppress(Unauthorised):  # a stranger on the login page chooses for this browser alone
            visit.require_learner()
            with visit.write() as connection:
                save_settings(connection, visit.me.id, language=lang)
        response.set_cookie(LANG_COOKIE, lang, max_age=YEAR_S, httponly=True, samesite="lax")
    return response


def _values(visit: Visit, me: Learner) -> dict[str, str]:
    return {
        "language": me.language or "",
        "zone": me.zone or visit.zone,
        "new_per_day": str(me.new_per_day),
        "reviews_per_day": str(me.reviews_per_day),
        "theme": me.theme,
        "shortcuts": "on" if me.shortcuts else "",
    }


def _errors(visit: Visit, values: dict[str, str]) -> dict[str, str]:
    gettext = visit.words.gettext
    errors: dict[str, str] = {}
    if values["language"] not in ("", *LANGS):
        errors["language"] = gettext(N_("Choose one of the languages."))
    if known_zone(values["zone"]) is None:
        errors["zone"] = gettext(N_("That is no time zone; use a name such as Asia/Shanghai or Europe/London."))
    if values["theme"] not in THEMES:
        errors["theme"] = gettext(N_("Choose one of the themes."))
    for name, most in (("new_per_day", MOST_NEW), ("reviews_per_day", MOST_REVIEWS)):
        value = values[name]
        if not (value.isascii() and value.isdigit() and len(value) <= 6 and int(value) <= most):
            errors[name] = gettext(N_("Enter a whole number from 0 to %(most)s."), most=most)
    return errors


def _view(visit: Visit, values: dict[str, str], errors: dict[str, str], saved: bool) -> SettingsView:
    gettext = visit.words.gettext
    languages = [Choice("", gettext(N_("As the browser")), not values["language"])]
    languages += [Choice(lang, NAMES[lang], values["language"] == lang) for lang in LANGS]
    themes = [Choice(name, gettext(title), values["theme"] == name) for name, title in THEMES.items()]
    return SettingsView(values, errors, languages, themes, list(zone_names()), saved)
