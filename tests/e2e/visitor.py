"""One browser tab on the app, which notes every fault the browser reports: errors, refused styles, failed loads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, expect
from whetstone_server import Server

# Chromium logs violations of the content policy to the console too; the event names the directive and the line.
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`content policy: ${event.violatedDirective} ${event.blockedURI} line ${event.lineNumber}`));
"""
SESSION = re.compile(r"/practice/(\d+)")


class Visitor:
    """A tab. `faults` are what the browser complained about, less what the test said it expects."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.server = server
        self.page: Page = context.new_page()
        self.faults: list[str] = []
        self._expected: list[str] = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self._note(f"script error: {error}"))
        self.page.on("request", self._on_request)
        self.page.on("requestfailed", self._on_failed)

    def expect_fault(self, part: str) -> None:
        """Faults that contain `part` belong to the journey."""
        self._expected.append(part)

    def open(self, path: str) -> None:
        self.page.goto(self.server.origin + path)

    def begin(self, path: str = "/practice", **form: str) -> None:
        """Start a session as the home page's form would, and open it."""
        answer = self.page.request.post(self.server.origin + path, form={"more": "true", **form}, max_redirects=0)
        assert answer.status == 303, answer.status
        place = answer.headers["location"]
        assert SESSION.fullmatch(place), f"no session was started: {form} led to {place}"
        self.open(place)
        self.settled()

    @property
    def session_id(self) -> int:
        found = SESSION.search(self.page.url)
        assert found, f"not in a session: {self.page.url}"
        return int(found[1])

    def card(self) -> dict[str, Any]:
        """What the API says stands next in the session that the tab shows."""
        return self.server.json(f"/api/practice/sessions/{self.session_id}/next")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def loaded(self) -> None:
        """Wait until nothing is on its way any more, the icon included: what a server's end cuts short is a fault."""
        self.page.wait_for_load_state("networkidle")

    def settled(self) -> None:
        """Wait until the new heading has the focus: only then has the page taken in what came."""
        expect(self.page.locator("[data-focus]:focus")).to_have_count(1)

    def answered(self) -> None:
        """Wait for what is said after an answer."""
        expect(self.stage("[data-answered=yes]")).to_be_visible()
        self.settled()

    def asked(self) -> None:
        """Wait for a question that is not answered yet, or for the summary."""
        expect(self.page.locator("[data-answered=no], .summary")).to_be_visible()
        self.settled()

    def stage(self, selector: str) -> Locator:
        return self.page.locator(f"article{selector}")

    @property
    def is_over(self) -> bool:
        return self.page.locator(".summary").is_visible()

    def _note(self, fault: str) -> None:
        if not any(part in fault for part in self._expected):
            self.faults.append(f"{self.page.url}: {fault}")

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._note(f"console {message.type}: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith((self.server.origin, "data:")):
            self._note(f"asked another server: {request.url}")

    def _on_failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the page was left meanwhile
            self._note(f"{request.method} {request.url} failed: {request.failure}")


def faults(visitors: Sequence[Visitor]) -> list[str]:
    return [fault for visitor in visitors for fault in visitor.faults]
