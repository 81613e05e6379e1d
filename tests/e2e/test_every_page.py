"""Every page in every state: axe finds nothing in either language and theme, phones show all of it, thumbs have room.

That no page breaks the content policy or logs an error is seen to by the `tabs` fixture, here as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from places import PLACES
from playwright.sync_api import Page
from visitor import Visitor
from whetstone_server import Server

OpenTab = Callable[..., Visitor]
Scheme = Literal["light", "dark"]
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
EVERYTHING = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}
THUMB_PX = 40
# What is pressed again and again. Links in running text and lists are as high as their line.
PRESSED = ".button, .option, .rating, .chip, .tab, select, input:not([type=hidden]):not(.blank):not(.visually-hidden)"
SMALL = """([pressed, least]) => [...document.querySelectorAll(pressed)].flatMap((it) => {
  if (!it.checkVisibility({visibilityProperty: true, opacityProperty: true})) return [];
  const room = (it.closest("label") ?? it).getBoundingClientRect();
  return room.height < least && room.width ? [`${it.outerHTML.slice(0, 120)}: ${room.width}×${room.height}`] : [];
})"""
WIDE = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
  [...document.querySelectorAll("body *")].filter((it) => it.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map((it) => it.outerHTML.slice(0, 120))"""


@pytest.mark.parametrize(
    ("lang", "size", "scheme"), [("en", DESKTOP, "light"), ("zh", PHONE, "dark")], ids=["en", "zh"]
)
@pytest.mark.parametrize("place", list(PLACES))
def test_page_is_fit_for_everybody(
    shared_server: Server, tabs: OpenTab, place: str, lang: str, size: dict[str, int], scheme: Scheme
) -> None:
    """In each language one size is looked at in one scheme whole, in the other for its colours."""
    other: Scheme = "dark" if scheme == "light" else "light"
    visitor = tabs(shared_server, lang, viewport=DESKTOP, color_scheme=scheme)
    PLACES[place](visitor)
    page = visitor.page
    page.set_viewport_size({"width": size["width"], "height": size["height"]})
    found = {scheme: axe(page, EVERYTHING)}
    page.emulate_media(color_scheme=other, reduced_motion="reduce")
    found[other] = axe(page, COLOURS)
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    found["wider than a phone"] = page.evaluate(WIDE)
    found["small for a thumb"] = page.evaluate(SMALL, [PRESSED, THUMB_PX])
    assert not any(found.values()), "\n".join(f"{name}: {fault}" for name, faults in found.items() for fault in faults)


@pytest.mark.parametrize(("system", "chosen"), [("light", "dark"), ("dark", "light")])
def test_chosen_theme_wins_over_the_system(server: Server, tabs: OpenTab, system: str, chosen: str) -> None:
    visitor = tabs(server, viewport=DESKTOP, color_scheme=system)
    page = visitor.page
    visitor.open("/settings")
    before = paper(page)
    page.locator(f"[name=theme][value={chosen}]").check()
    assert paper(page) != before, "the choice is tried at once"
    page.locator(".settings .button--primary").click()
    page.wait_for_url("**/settings?saved=true")
    for place in ("home", "answered-multi-choice", "code-failed"):
        PLACES[place](visitor)
        assert (brightness(paper(page)) < 0.5) == (chosen == "dark")
        assert axe(page, COLOURS) == []


def test_faults_are_noticed(shared_server: Server, tabs: OpenTab) -> None:
    """The checks of this folder can fail: a refused style and a script error are noted."""
    visitor = tabs(shared_server)
    visitor.open("/settings")
    visitor.page.evaluate("document.body.setAttribute('style', 'color: red')")
    visitor.page.evaluate("setTimeout(() => { throw new Error('planted'); })")
    visitor.page.wait_for_function("document.body.hasAttribute('style')")
    visitor.page.reload()
    noted = "\n".join(visitor.faults)
    visitor.faults.clear()
    assert "content policy: style-src" in noted
    assert "planted" in noted


def paper(page: Page) -> str:
    """The colour that the page is painted on."""
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def brightness(colour: str) -> float:
    """From 0 (black) to 1 (white), of `rgb(…)`."""
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3]) / 765


def axe(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe finds: rule, element, what to do."""
    violations = Axe().run(page, options=options).response["violations"]
    return [
        f"{it['id']}: {node['target']} {node['html'][:160]} {node['failureSummary']}"
        for it in violations
        for node in it["nodes"]
    ]
