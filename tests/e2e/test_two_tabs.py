"""Two tabs on one session, and a change of language in the middle of a card."""

from __future__ import annotations

import re
from collections.abc import Callable

from keyboard_answers import answer_anyhow, order, tab_to
from playwright.sync_api import expect
from visitor import Visitor
from whetstone_server import Server

OpenTab = Callable[..., Visitor]
CONFLICT = "status of 409"


def two_tabs(server: Server, tabs: OpenTab, kind: str) -> tuple[Visitor, Visitor]:
    """The same unanswered card in two tabs of one browser."""
    first = tabs(server)
    first.begin(kind=kind, limit="3")
    second = tabs(server, beside=first)
    second.expect_fault(CONFLICT)
    second.open(f"/practice/{first.session_id}")
    second.settled()
    return first, second


def answers_today(visitor: Visitor) -> int:
    """As the home page counts them."""
    visitor.open("/")
    said = re.search(r"(\d+) answers? given today", visitor.page.locator(".today").inner_text())
    return int(said[1]) if said else 0


def test_answering_in_two_tabs_keeps_the_first_answer(shared_server: Server, tabs: OpenTab) -> None:
    first, second = two_tabs(shared_server, tabs, "single-choice")
    first.press("a", "Enter")
    first.answered()
    second.press("b", "Enter")
    second.answered()
    expect(second.page.get_by_role("status").filter(has_text="already answered")).to_be_visible()
    assert second.page.locator(".feedback").inner_text() == first.page.locator(".feedback").inner_text()


def test_rating_in_two_tabs_counts_once(shared_server: Server, tabs: OpenTab) -> None:
    first, second = two_tabs(shared_server, tabs, "flashcard")
    before = answers_today(second)
    answer_anyhow(first, first.card())
    second.page.go_back()
    second.page.reload()
    second.answered()
    first.press("3")
    first.asked()
    second.press("4")
    second.asked()
    expect(second.page.get_by_role("status").filter(has_text="already answered")).to_be_visible()
    expect(second.page.locator(".stage-count")).to_have_text("Question 2 of 3")
    assert second.card()["position"] == 2
    assert answers_today(second) == before + 1


def test_tab_of_a_replaced_session_says_so(shared_server: Server, tabs: OpenTab) -> None:
    first, second = two_tabs(shared_server, tabs, "flashcard")
    first.begin(kind="flashcard", limit="2")
    second.press("Space")
    notice = second.page.get_by_role("status").filter(has_text="another tab")
    expect(notice).to_be_visible()
    assert first.card()["state"] == "waiting"
    assert first.card()["position"] == 1


def test_double_click_on_a_rating_counts_once(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    before = answers_today(visitor)
    visitor.begin(kind="flashcard", limit="3")
    answer_anyhow(visitor, visitor.card())
    visitor.page.locator(".rating").nth(2).dblclick()
    visitor.asked()
    assert visitor.card()["position"] == 2
    assert answers_today(visitor) == before + 1


def test_switching_the_language_keeps_place_and_answer(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    page = visitor.page
    visitor.begin(kind="ordering", limit="2")
    card = visitor.card()
    tab_to(visitor, "[data-item] button")
    visitor.press("Alt+ArrowDown")
    moved = order(visitor)
    assert moved != [it["key"] for it in card["question"]["items"]]
    page.get_by_role("button", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    expect(page.locator(".stage-count")).to_contain_text("题")
    now = visitor.card()
    assert (now["card_id"], now["seed"], now["state"]) == (card["card_id"], card["seed"], "waiting")
    assert order(visitor) == moved
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert order(visitor) == moved


def test_switching_the_language_keeps_the_filters(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    visitor.open("/browse?kind=numeric&q=stride")
    visitor.page.get_by_role("button", name="中文").click()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "zh")
    assert visitor.page.url.endswith("/browse?kind=numeric&q=stride")
