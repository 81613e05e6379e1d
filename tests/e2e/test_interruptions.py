"""Nothing is lost: the browser closed or the server killed in a session, and the last rating taken back."""

from __future__ import annotations

from collections.abc import Callable

from keyboard_answers import answer_anyhow
from playwright.sync_api import expect
from visitor import Visitor
from whetstone_server import Server

OpenTab = Callable[..., Visitor]


def rate(visitor: Visitor, key: str) -> None:
    card = visitor.card()
    visitor.press(key)
    expect(visitor.page.locator(f"[data-card='{card['card_id']}'][data-seed='{card['seed']}']")).to_have_count(0)
    visitor.asked()


def answer_two_and_a_half(visitor: Visitor) -> str:
    """Two cards answered and rated, a third answered and not yet rated; what is said of the third."""
    visitor.begin(kind="single-choice", limit="5")
    for _ in range(2):
        answer_anyhow(visitor, visitor.card())
        rate(visitor, "3")
    answer_anyhow(visitor, visitor.card())
    return said(visitor)


def said(visitor: Visitor) -> str:
    return visitor.page.locator(".feedback").inner_text()


def goes_on(visitor: Visitor, before: dict[str, object], feedback: str) -> None:
    """Home offers the session; it stands where it was, and comes to its end."""
    visitor.open("/")
    expect(visitor.page.get_by_text("2 of 5 answered in the session you left")).to_be_visible()
    visitor.press("Enter")
    visitor.page.wait_for_url("**/practice/*")
    visitor.answered()
    assert visitor.card() == before
    assert said(visitor) == feedback
    expect(visitor.page.locator(".stage-count")).to_have_text("Question 3 of 5")
    rate(visitor, "3")
    for _ in range(2):
        answer_anyhow(visitor, visitor.card())
        rate(visitor, "3")
    assert visitor.is_over
    expect(visitor.page.locator(".figures dd").first).to_have_text("5")
    visitor.open("/")
    expect(visitor.page.get_by_text("5 answers given today")).to_be_visible()


def test_closing_the_browser_in_a_session_loses_nothing(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    feedback = answer_two_and_a_half(visitor)
    before = visitor.card()
    visitor.page.context.close()
    goes_on(tabs(server), before, feedback)


def test_killing_the_server_in_a_session_loses_nothing(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    feedback = answer_two_and_a_half(visitor)
    before = visitor.card()
    visitor.loaded()
    server.kill()
    server.start()
    goes_on(visitor, before, feedback)


def test_answer_sent_to_a_dead_server_is_kept_on_the_page(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    visitor.expect_fault("ERR_CONNECTION_REFUSED")
    visitor.expect_fault("htmx:")  # htmx reports failed requests to the console
    visitor.begin(kind="open", limit="1")
    visitor.press("Enter")
    visitor.page.keyboard.insert_text("What I have to say.")
    visitor.loaded()
    server.kill()
    visitor.press("Control+Enter")
    alarm = visitor.page.get_by_role("alert")
    expect(alarm).to_contain_text("Not saved")
    expect(visitor.page.locator("textarea")).to_have_value("What I have to say.")
    server.start()
    visitor.press("Control+Enter")
    expect(visitor.page.locator(".own-text")).to_have_text("What I have to say.")
    expect(alarm).to_be_hidden()


def test_undo_takes_the_rating_back(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    visitor.open("/")
    home = visitor.page.locator("main").inner_text()
    visitor.begin(kind="single-choice", limit="2")
    card = visitor.card()
    answer_anyhow(visitor, card)
    rate(visitor, "3")
    expect(visitor.page.locator(".stage-count")).to_have_text("Question 2 of 2")
    visitor.press("u")
    expect(visitor.page.locator(".stage-count")).to_have_text("Question 1 of 2")
    visitor.asked()
    assert visitor.card() == card
    expect(visitor.page.locator("input:checked")).to_have_count(0)
    expect(visitor.page.locator("[data-key=u]")).to_have_count(0)
    finish = visitor.page.get_by_role("button", name="Finish here")
    finish.press("Enter")
    expect(visitor.page.get_by_role("heading", name="Nothing was answered")).to_be_visible()
    visitor.open("/")
    assert visitor.page.locator("main").inner_text() == home
    visitor.open(f"/q/{card['question']['id']}")
    expect(visitor.page.locator(".memory table")).to_have_count(0)


def test_undo_from_the_summary_reopens_the_session(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    visitor.begin(kind="flashcard", limit="1")
    answer_anyhow(visitor, visitor.card())
    rate(visitor, "4")
    assert visitor.is_over
    visitor.press("Control+z")
    expect(visitor.page.locator("article[data-answered=no]")).to_be_visible()
    visitor.settled()
    assert visitor.card()["position"] == 1
