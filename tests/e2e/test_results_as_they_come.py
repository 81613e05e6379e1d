"""Results reach the page by the server's events, and by asking where events do not come through."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Request, Route, expect
from test_code_page import RIGHT, write
from visitor import Visitor
from whetstone_server import Server

OpenTab = Callable[..., Visitor]
SLOW = "total = 0\nfor n in range(6_000_000):\n    total += n\n" + RIGHT  # longer than the first answer waits


def followed(visitor: Visitor) -> list[str]:
    """The ways in which the page will ask how a submission goes: `events` or `wait`."""
    ways: list[str] = []

    def note(request: Request) -> None:
        if "/code/submissions/" in request.url:
            ways.append("events" if request.url.endswith("/events") else "wait")

    visitor.page.on("request", note)
    return ways


def submit(visitor: Visitor) -> None:
    visitor.open("/code/nms")
    write(visitor, SLOW)
    visitor.press("Control+Shift+Enter")
    sent = "[data-status=queued], [data-status=running], [data-verdict]"  # a busy browser may miss the first two
    expect(visitor.page.locator(sent).first).to_be_visible()


def test_results_come_as_events(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    ways = followed(visitor)
    submit(visitor)
    expect(visitor.page.locator("[data-verdict]")).to_contain_text("Accepted")
    expect(visitor.page.locator(".solution pre")).to_contain_text("def nms")
    assert ways == ["events"]


def test_submission_under_way_is_followed_when_the_page_is_opened_again(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    submit(visitor)
    ways = followed(visitor)
    visitor.page.reload()
    expect(visitor.page.locator("[data-verdict]")).to_contain_text("Accepted")
    assert "wait" not in ways


def cut(route: Route) -> None:
    route.abort("connectionreset")


def truncate(route: Route) -> None:
    route.fulfill(status=200, content_type="text/event-stream", body="event: still\ndata: \n\n")


def refuse(route: Route) -> None:
    route.fulfill(status=429, content_type="text/html", body="<p>Too many</p>")


def hold(_: Route) -> None:
    """As a proxy does that passes nothing on before it has the whole."""


@pytest.mark.parametrize("fault", [cut, truncate, refuse, hold])
def test_page_asks_where_events_do_not_come_through(
    shared_server: Server, tabs: OpenTab, fault: Callable[[Route], None]
) -> None:
    visitor = tabs(shared_server)
    for expected in ("/events", "429", "ERR_"):
        visitor.expect_fault(expected)
    visitor.page.route("**/code/submissions/*/events", fault)
    ways = followed(visitor)
    submit(visitor)
    expect(visitor.page.locator("[data-verdict]")).to_contain_text("Accepted")
    expect(visitor.page.locator(".solution pre")).to_contain_text("def nms")
    assert ways[0] == "events"
    assert set(ways[1:]) == {"wait"}
