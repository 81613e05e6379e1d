"""A learner reports a wrong key, an editor closes the report with a reply, the learner reads it on the home page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from keyboard_answers import answer_anyhow
from playwright.sync_api import expect
from visitor import Visitor
from whetstone_server import Server

OpenTab = Callable[..., Visitor]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_report_is_sent_answered_and_read(server: Server, tabs: OpenTab, lang: str, script: bool) -> None:
    visitor = tabs(server, lang, java_script_enabled=script)
    page = visitor.page
    visitor.open("/q/nms-true-statements")
    page.locator(".report > summary").press("Enter")
    page.locator(".report select").select_option("key")
    page.locator(".report textarea").fill("The second one holds as well.")
    page.locator(".report-form button").press("Enter")
    expect(page.locator(".report-sent")).to_be_visible()

    visitor.open("/admin/reports")
    expect(page.locator(".inbox li")).to_have_count(1)
    page.locator(".inbox .rows-link").press("Enter")
    expect(page.locator(".told-reply")).to_have_text("The second one holds as well.")
    expect(page.locator(".inbox-seen .outcome")).not_to_have_count(0)
    page.locator("[name=outcome][value=mended]").check()
    page.locator("[name=reply]").fill("It does; thank you.")
    page.locator("form:has([name=reply]) button").press("Enter")
    expect(page.locator("form[action$='/reopen']")).to_be_visible()

    visitor.open("/")
    expect(page.locator(".told-reply")).to_have_text("It does; thank you.")
    page.locator(".told button").press("Enter")
    expect(page.locator(".today")).to_be_visible()
    expect(page.locator(".told")).to_have_count(0)
    visitor.open("/notices")
    expect(page.locator(".told-reply")).to_have_text("It does; thank you.")


def test_report_from_a_session_leaves_the_card_as_it_was(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    page = visitor.page
    visitor.expect_fault("status of 422")
    visitor.begin(kind="flashcard", limit="1")
    answer_anyhow(visitor, visitor.card())
    page.locator(".report > summary").press("Enter")
    page.locator(".report select").select_option("typo")
    field = page.locator(".report textarea")
    field.press_sequentially("4 s u")  # what would be shortcuts outside
    field.fill(" ")
    page.locator(".report-form button").press("Enter")
    expect(page.locator(".report [role=alert]")).to_be_visible()
    page.locator(".report textarea").fill("An r is missing.")
    page.locator(".report-form button").press("Enter")
    expect(page.locator(".report-sent")).to_be_focused()
    visitor.press("3")
    visitor.asked()
    assert visitor.is_over
