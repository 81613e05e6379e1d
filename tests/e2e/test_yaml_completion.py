"""Completion in the YAML editor by keyboard: names, values, topics. Faults at their lines. Nothing while composing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from test_typing import compose, press_composing
from visitor import Visitor
from whetstone_server import Server

OpenTab = Callable[..., Visitor]
AT = "/admin/questions/nms-true-statements/edit?show=yaml"
UNTOUCHABLE_MS = 100  # a list that has just opened takes no keys, which may have been meant for the text


@pytest.fixture
def page(shared_server: Server, tabs: OpenTab) -> Page:
    """The YAML editor with the cursor in an empty second line; its clock can be put forward."""
    visitor = tabs(shared_server)
    visitor.page.clock.install()
    visitor.expect_fault("Blocked script execution")  # the clock's, in the preview's frame
    visitor.open(AT)
    if visitor.page.locator(".bank-editor-draft").count():  # what the last test typed
        visitor.page.locator(".bank-editor-draft button").click()
        visitor.open(AT)
    text(visitor.page).focus()
    visitor.press("Control+Home", "End", "Enter")
    visitor.page.clock.fast_forward(5_000)
    expect(visitor.page.locator("[data-state=saved]")).to_be_visible()
    return visitor.page


def text(page: Page) -> Locator:
    return page.locator(".bank-editor-body .cm-content")


def offered(page: Page) -> Locator:
    return page.locator(".cm-tooltip-autocomplete [role=option]")


def accept(page: Page, key: str) -> None:
    page.clock.fast_forward(UNTOUCHABLE_MS)
    page.keyboard.press(key)
    expect(offered(page)).to_have_count(0)


@pytest.mark.parametrize("key", ["Enter", "Tab"])
def test_field_name_is_completed_by_keyboard(page: Page, key: str) -> None:
    page.keyboard.type("minu")
    expect(offered(page)).to_have_text(["minutes"])
    accept(page, key)
    page.keyboard.type("7")
    expect(page.locator("#yaml")).to_have_value(lines_with("minutes: 7"))


def test_names_offered_are_those_of_the_kind_and_of_the_place(page: Page) -> None:
    page.keyboard.press("Control+Space")
    expect(offered(page).filter(has_text="options")).to_have_count(1)
    names = offered(page).all_inner_texts()
    assert "shuffle" in names
    assert "tolerance" not in names  # a numeric question's
    page.keyboard.press("Escape")
    page.keyboard.type("figure:\n  ")
    page.keyboard.press("Control+Space")
    expect(offered(page).filter(has_text="alt")).not_to_have_count(0)
    expect(offered(page).filter(has_text="difficulty")).to_have_count(0)


def test_value_of_a_closed_set_is_completed_by_keyboard(page: Page) -> None:
    page.keyboard.type("status: re")
    expect(offered(page).first).to_have_text("ready")
    expect(offered(page).filter(has_text="retired")).to_have_count(1)
    page.clock.fast_forward(UNTOUCHABLE_MS)
    page.keyboard.press("ArrowDown")
    expect(page.locator(".cm-tooltip-autocomplete [aria-selected=true]")).to_have_text("retired")
    accept(page, "Enter")
    expect(page.locator("#yaml")).to_have_value(lines_with("status: retired"))


@pytest.mark.parametrize("begun", ["covers: [f2, soft-n", "covers:\n- soft-n"])
def test_topic_is_completed_with_its_facts(page: Page, begun: str) -> None:
    page.keyboard.insert_text(begun[:-1])
    page.keyboard.type(begun[-1])
    expect(offered(page).first).to_have_text("soft-nms/f1")
    accept(page, "Enter")
    expect(page.locator("#yaml")).to_have_value(lines_with("soft-nms/f1", whole=False))


def test_fault_against_the_schema_is_marked_at_its_line(page: Page) -> None:
    page.keyboard.insert_text("status: lost")
    expect(page.locator(".bank-findings li")).to_have_attribute("data-line", "2")
    expect(page.locator(".cm-lintRange-error")).to_have_text("status: lost")
    page.keyboard.press("Control+Shift+k")
    expect(page.locator(".cm-lintRange-error")).to_have_count(0)


def test_composing_offers_nothing_and_sends_nothing(page: Page) -> None:
    keyboard = page.context.new_cdp_session(page)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.method + request.url.rpartition("/")[2]))
    compose(keyboard, "tags")
    expect(text(page).locator(".cm-line").nth(1)).to_have_text("tags")
    page.clock.fast_forward(5_000)  # past every rest of typing
    expect(offered(page)).to_have_count(0)
    press_composing(keyboard, "Enter", 13)
    assert sent == []
    expect(text(page).locator(".cm-line").nth(1)).to_have_text("tags")
    with page.expect_request("**/check"):
        keyboard.send("Input.insertText", {"text": "标签"})
        expect(text(page).locator(".cm-line").nth(1)).to_have_text("标签")
        page.clock.fast_forward(5_000)
    expect(page.locator("#yaml")).to_have_value(lines_with("标签"))


def lines_with(wanted: str, *, whole: bool = True) -> re.Pattern[str]:
    """A text with such a line, or with such a part in one."""
    found = re.escape(wanted)
    return re.compile(rf"^{found}$" if whole else found, re.MULTILINE)
