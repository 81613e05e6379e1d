"""Without JavaScript: a session is started, answered and rated, and code is run, by plain forms."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect
from test_code_page import RIGHT
from visitor import Visitor
from whetstone_server import Server

OpenTab = Callable[..., Visitor]


def test_session_without_script(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server, java_script_enabled=False)
    page = visitor.page
    visitor.open("/")
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url("**/practice/*")
    expect(page.locator(".stage-count")).to_contain_text("Question 1 of")
    page.get_by_role("button", name="Finish here").click()
    expect(page.get_by_role("heading", name="Nothing was answered")).to_be_visible()

    begin(visitor, "single-choice")
    page.get_by_role("radio").nth(1).check()
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#verdict")).to_be_visible()
    page.locator(".rating").nth(2).click()
    expect(page.get_by_role("heading", name="Session finished")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("article[data-answered=no]")).to_be_visible()


def test_ordering_without_script(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server, java_script_enabled=False)
    page = visitor.page
    begin(visitor, "ordering")
    keys = [it["key"] for it in visitor.card()["question"]["items"]][::-1]
    for place, key in enumerate(keys):
        page.locator("select[name=order]").nth(place).select_option(key)
    page.get_by_role("button", name="Check").click()
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.locator(".outcome")).to_have_count(len(keys))


def test_code_without_script(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server, java_script_enabled=False)
    page = visitor.page
    visitor.open("/code/nms")
    page.get_by_label("Your code").fill(RIGHT)
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/code/nms")
    expect(page.get_by_label("Your code")).to_have_value(RIGHT)
    submission = page.locator("[data-status]").get_attribute("data-id")
    while page.locator("[data-status=queued], [data-status=running]").count():
        page.request.get(f"{shared_server.origin}/code/submissions/{submission}?wait=1")  # returns when it has news
        page.reload()
    expect(page.locator("[data-verdict]")).to_contain_text("Accepted")


def begin(visitor: Visitor, kind: str) -> None:
    made = visitor.page.request.post(
        f"{visitor.server.origin}/practice", form={"kind": kind, "limit": "1", "more": "true"}, max_redirects=0
    )
    visitor.open(made.headers["location"])
