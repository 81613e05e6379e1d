"""Keys that are typed are never shortcuts: in fields, while composing Chinese, and where shortcuts are turned off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from keyboard_answers import answer_anyhow
from playwright.sync_api import CDPSession, expect
from visitor import Visitor
from whetstone_server import Server

OpenTab = Callable[..., Visitor]
FIELDS = {"cloze": "input.blank", "numeric": "#value", "open": "#text"}


def compose(keyboard: CDPSession, text: str) -> None:
    """As an input method does: every key arrives with code 229, then the text under composition changes."""
    for end, key in enumerate(text, start=1):
        press_composing(keyboard, key, ord(key.upper()))
        part = text[:end]
        keyboard.send("Input.imeSetComposition", {"text": part, "selectionStart": end, "selectionEnd": end})


def press_composing(keyboard: CDPSession, key: str, code: int) -> None:
    """With the key's own name, as on macOS; elsewhere it is called `Process`, which no shortcut is bound to anyway."""
    name = f"Key{key.upper()}" if key.isalpha() and len(key) == 1 else key
    down = {"key": key, "code": name, "windowsVirtualKeyCode": 229, "nativeVirtualKeyCode": code}
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **down})
    up = {"key": key, "code": name, "windowsVirtualKeyCode": code}
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **up})


@pytest.mark.parametrize("kind", list(FIELDS))
def test_composing_chinese_triggers_no_shortcut(shared_server: Server, tabs: OpenTab, kind: str) -> None:
    visitor = tabs(shared_server, "zh")
    page = visitor.page
    visitor.begin(kind=kind, limit="1")
    card = visitor.card()
    field = page.locator(FIELDS[kind]).first
    field.focus()
    keyboard = page.context.new_cdp_session(page)
    page.evaluate("""() => {
      window.composed = [];
      document.addEventListener('keydown', (event) => window.composed.push(event.isComposing || event.keyCode === 229));
    }""")
    compose(keyboard, "subf")
    press_composing(keyboard, " ", 32)
    press_composing(keyboard, "Enter", 13)
    keyboard.send("Input.insertText", {"text": "批"})
    assert page.evaluate("window.composed") == [True] * 6, "the keys did not arrive as an input method's"
    expect(field).to_have_value("批")
    expect(field).to_be_focused()
    assert visitor.card() == card
    expect(page.locator("article[data-answered=no]")).to_be_visible()
    expect(page.locator("[data-key=f]")).to_have_attribute("aria-pressed", "false")


def test_keys_of_an_input_method_outside_a_field_do_nothing(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    visitor.begin(kind="flashcard", limit="1")
    card = visitor.card()
    keyboard = visitor.page.context.new_cdp_session(visitor.page)
    for key in "bsf":
        press_composing(keyboard, key, ord(key.upper()))
    press_composing(keyboard, "Enter", 13)
    visitor.press("?")
    expect(visitor.page.locator("dialog[open]")).to_be_visible()
    visitor.press("Escape")
    assert visitor.card() == card
    expect(visitor.page.locator("[data-key=f]")).to_have_attribute("aria-pressed", "false")


@pytest.mark.parametrize("kind", list(FIELDS))
def test_letters_typed_in_a_field_are_text(shared_server: Server, tabs: OpenTab, kind: str) -> None:
    visitor = tabs(shared_server)
    visitor.begin(kind=kind, limit="1")
    card = visitor.card()
    field = visitor.page.locator(FIELDS[kind]).first
    field.focus()
    visitor.page.keyboard.type("u b s f ? 1 2 3 4")
    expect(field).to_have_value("u b s f ? 1 2 3 4")
    assert visitor.card() == card
    expect(visitor.page.locator("dialog[open]")).to_have_count(0)
    expect(visitor.page.locator("[data-key=f]")).to_have_attribute("aria-pressed", "false")


def test_single_keys_do_nothing_once_turned_off(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    page = visitor.page
    visitor.open("/settings")
    page.get_by_label("Single-key shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    visitor.begin(kind="single-choice", limit="2")
    card = visitor.card()
    visitor.press("a", "1", "Enter", "Space", "u", "b", "s", "f", "?", "Control+z")
    expect(page.locator("input:checked")).to_have_count(0)
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert visitor.card() == card
    page.locator("label.option").first.click()
    page.locator("[data-submit]").click()
    visitor.answered()
    visitor.press("1", "2", "3", "4", "Enter", "Space")
    assert visitor.card()["state"] == "answered"
    page.locator(".rating").nth(2).press("Enter")  # a click could miss: Space scrolls the page, and takes its time
    visitor.asked()
    assert visitor.card()["position"] == 2


def test_question_mark_lists_the_keys_and_escape_closes_the_list(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    visitor.begin(kind="flashcard", limit="1")
    visitor.press("?")
    expect(visitor.page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    visitor.press("b", "Space", "Escape")
    expect(visitor.page.locator("dialog[open]")).to_have_count(0)
    assert visitor.card()["state"] == "waiting"


def test_flag_bury_and_suspend_have_keys(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    visitor.begin(kind="flashcard", limit="3")
    flag = visitor.page.locator("[data-key=f]")
    visitor.press("f")
    expect(flag).to_have_attribute("aria-pressed", "true")
    visitor.settled()
    for key, left in (("b", 2), ("s", 1)):
        card = visitor.card()
        visitor.press(key)
        expect(visitor.page.locator(f"[data-card='{card['card_id']}']")).to_have_count(0)
        visitor.asked()
        assert visitor.card()["total"] == left
    answer_anyhow(visitor, visitor.card())
    visitor.press("Enter")
    visitor.asked()
    assert visitor.is_over
