"""What a browser calls itself, in words that its owner knows it by."""

from __future__ import annotations

from app.errors import N_
from app.web.i18n import Words

# In this order: Edge and Opera call themselves Chrome too, and Chrome calls itself Safari.
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "FxiOS": "Firefox", "Chrome": "Chrome",
            "CriOS": "Chrome", "Safari": "Safari"}  # fmt: skip
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "CrOS": "ChromeOS", "Windows": "Windows",
           "Mac OS X": "macOS", "Linux": "Linux"}  # fmt: skip


def label(agent: str, words: Words) -> str:
    """`Firefox, Linux`; what it says itself if that is of another kind."""
    browser = next((name for sign, name in BROWSERS.items() if f"{sign}/" in agent), None)
    system = next((name for sign, name in SYSTEMS.items() if sign in agent), None)
    if browser and system:
        return words.gettext(N_("%(browser)s, %(system)s"), browser=browser, system=system)
    return agent or words.gettext(N_("A browser that does not say what it is"))
