"""Answering every kind of question with the keyboard alone, right or anyhow."""

from __future__ import annotations

import html
import re
from typing import Any

from playwright.sync_api import expect
from visitor import Visitor

from app.bank.catalog import Bank
from app.bank.schema import Numeric
from app.bank.shown import Revealed
from app.bank.variants import draw

MOST_TABS = 80


def answer_anyhow(visitor: Visitor, card: dict[str, Any]) -> None:
    """Give the card some answer that its form takes."""
    question = card["question"]
    match question["kind"]:
        case "flashcard":
            visitor.press("Space")
        case "single-choice":
            visitor.press("b", "Enter")
        case "multi-choice":
            visitor.press("1", "c", "Enter")
        case "numeric":
            visitor.page.keyboard.type("12.5")
            visitor.press("Enter")
        case "cloze":
            fill_blanks(visitor, ["no idea" for it in question["segments"] if it["blank"]])
        case "ordering":
            put_in_order(visitor, [it["key"] for it in question["items"]][::-1])
        case "matching":
            visitor.press(*["a" for _ in question["lefts"]], "Enter")
        case "open":
            write(visitor, "An answer\nof two lines.")
            expect(visitor.page.locator(".rubric")).to_be_visible()
            visitor.settled()
            visitor.press("1", "Enter")
            expect(visitor.page.locator(".rubric")).to_have_count(0)
    visitor.answered()


def answer_right(visitor: Visitor, card: dict[str, Any], bank: Bank, shown: Revealed) -> None:
    """Give the card its right answer."""
    question = bank.questions[card["question"]["id"]].question
    match question.kind:
        case "flashcard":
            visitor.press("Enter")
        case "single-choice" | "multi-choice":
            visitor.press(*[it.key.lower() for it in shown.options if it.correct], "Enter")
        case "numeric":
            assert isinstance(question, Numeric)
            visitor.page.keyboard.type(str(draw(question, card["seed"])["answer"]))
            visitor.press("Enter")
        case "cloze":
            accepted = {it.name: it.accepted[0] for it in shown.blanks}
            names = [it["blank"] for it in card["question"]["segments"] if it["blank"]]
            fill_blanks(visitor, [accepted[name] for name in names])
        case "ordering":
            put_in_order(visitor, [it.key for it in shown.order])
        case "matching":
            pairs = {it.left: it.right for it in shown.pairs}
            visitor.press(*[pairs[it["key"]].lower() for it in card["question"]["lefts"]], "Enter")
        case "open":
            write(visitor, re.sub("<[^>]+>", "", html.unescape(shown.answer_html or "")))
            expect(visitor.page.locator(".rubric")).to_be_visible()
            visitor.settled()
            visitor.press(*[str(n) for n in range(1, len(shown.rubric) + 1)], "Enter")
            expect(visitor.page.locator(".rubric")).to_have_count(0)
        case _:
            raise AssertionError(question.kind)
    visitor.answered()


def fill_blanks(visitor: Visitor, texts: list[str]) -> None:
    """Enter opens the first blank, goes on to the next, and sends after the last."""
    visitor.press("Enter")
    expect(visitor.page.locator("input.blank:focus")).to_have_count(1)
    for text in texts:
        visitor.page.keyboard.insert_text(text)
        visitor.press("Enter")


def write(visitor: Visitor, text: str) -> None:
    """Enter opens the long field, Ctrl+Enter sends it."""
    visitor.press("Enter")
    expect(visitor.page.locator("textarea:focus")).to_have_count(1)
    visitor.page.keyboard.insert_text(text)
    visitor.press("Control+Enter")


def put_in_order(visitor: Visitor, keys: list[str]) -> None:
    """Tab to the list, walk it with the arrows, move items with Alt and the arrows, Tab to the button."""
    tab_to(visitor, "[data-item] button")
    for place, key in enumerate(keys):
        shown = order(visitor)
        at = shown.index(focused_item(visitor))
        goal = shown.index(key)
        visitor.press(*["ArrowDown" if goal > at else "ArrowUp"] * abs(goal - at))
        assert focused_item(visitor) == key
        visitor.press(*["Alt+ArrowUp"] * (goal - place))
    assert order(visitor) == keys
    tab_to(visitor, "[data-submit]")
    visitor.press("Enter")


def order(visitor: Visitor) -> list[str]:
    items: list[str] = visitor.page.locator("[data-item]").evaluate_all("them => them.map((it) => it.dataset.item)")
    return items


def focused_item(visitor: Visitor) -> str:
    key: str = visitor.page.evaluate("document.activeElement.closest('[data-item]').dataset.item")
    return key


def tab_to(visitor: Visitor, selector: str) -> None:
    """Press Tab until something that matches `selector` has the focus."""
    for _ in range(MOST_TABS):
        visitor.press("Tab")
        if visitor.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{MOST_TABS} tabs did not reach {selector}")
