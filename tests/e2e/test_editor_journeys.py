"""Journeys in the question editor: a fault at its line, a preview in Chinese, drafts that come back, two editors."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect
from visitor import Visitor
from whetstone_server import Server

OpenTab = Callable[..., Visitor]
QUESTION = "nms-true-statements"
AT = f"/admin/questions/{QUESTION}/edit?show=yaml"


def open_yaml(visitor: Visitor) -> Page:
    visitor.open(AT)
    expect(editor(visitor.page)).to_be_visible()
    return visitor.page


def editor(page: Page) -> Locator:
    return page.locator(".bank-editor-body .cm-content")


def write_at_the_start(visitor: Visitor, line: str) -> None:
    """Put a line before the second one."""
    editor(visitor.page).focus()
    visitor.press("Control+Home", "ArrowDown")
    visitor.page.keyboard.insert_text(line + "\n")


def saved(page: Page) -> None:
    expect(page.locator("[data-state=saved]")).to_be_visible()


def test_fault_is_marked_at_its_line_and_mended(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    page = open_yaml(visitor)
    preview = page.frame_locator(".bank-preview")
    expect(preview.locator(".prompt")).to_contain_text("greedy")
    write_at_the_start(visitor, "dificulty: 3")
    expect(page.locator(".bank-findings li")).to_have_attribute("data-line", "2")
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    expect(page.locator("[data-stale]")).to_be_visible()
    expect(preview.locator(".prompt")).to_contain_text("greedy")  # the last one that could be shown
    visitor.press("Control+Home", "ArrowDown", "Control+Shift+k")
    expect(page.locator(".bank-findings li")).to_have_count(0)
    expect(page.locator(".cm-lint-marker-error")).to_have_count(0)
    expect(page.locator("[data-stale]")).to_be_hidden()

    page.locator("#preview-lang").select_option("zh")
    expect(preview.locator(".prompt")).to_contain_text("贪心")
    page.locator("#preview-side").select_option("wrong")
    expect(preview.locator(".outcome.is-wrong")).to_have_count(1)
    page.locator("#preview-theme").select_option("dark")
    expect(preview.locator("html")).to_have_attribute("data-theme", "dark")

    write_at_the_start(visitor, "# looked through")
    page.locator("#note").fill("looked through")
    page.locator("button[value=draft]:visible").click()
    expect(page.locator(".notice--right")).to_contain_text("revision 2")
    assert "# looked through" in page.locator("#yaml").input_value()


def test_text_under_way_comes_back_in_another_tab_and_can_be_discarded(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    page = open_yaml(visitor)
    write_at_the_start(visitor, "# half a thought")
    saved(page)
    visitor.loaded()
    other = tabs(server)
    again = open_yaml(other)
    expect(again.locator(".bank-editor-draft")).to_be_visible()
    assert "# half a thought" in again.locator("#yaml").input_value()
    again.locator(".bank-editor-draft button").click()
    expect(again.locator(".bank-editor-draft")).to_have_count(0)
    other.loaded()


def test_escape_then_tab_leaves_the_editor(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    page = open_yaml(visitor)
    editor(page).focus()
    visitor.press("Escape", "Tab")
    expect(editor(page)).not_to_be_focused()


def test_form_and_yaml_hold_the_same_text(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    page = open_yaml(visitor)
    write_at_the_start(visitor, "# kept")
    page.locator("button[name=show][value=form]").click()
    page.locator("[name='f.minutes']").fill("4")
    page.locator("button[name=show][value=yaml]").click()
    expect(editor(page)).to_be_visible()
    text = page.locator("#yaml").input_value()
    assert "# kept" in text
    assert "minutes: 4" in text
    visitor.loaded()


def test_two_editors_meet_and_both_edits_are_saved(server: Server, tabs: OpenTab) -> None:
    first, second = tabs(server), tabs(server)
    page = open_yaml(second)
    open_yaml(first)
    write_at_the_start(first, "# theirs")
    first.page.locator("button[value=draft]:visible").click()
    expect(first.page.locator(".notice--right")).to_contain_text("revision 2")
    second.expect_fault("status of 409")
    editor(page).focus()
    second.press("Control+End")
    page.keyboard.insert_text("\n# mine")
    page.locator("button[value=draft]:visible").click()
    expect(page.locator(".bank-merge")).to_be_visible()
    merged = page.locator("#yaml").input_value()
    assert "# theirs" in merged
    assert "# mine" in merged
    page.locator(".bank-merge .button--primary").click()
    expect(page.locator(".notice--right")).to_contain_text("revision 3")
    second.loaded()
    first.loaded()
