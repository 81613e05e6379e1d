"""The path by keyboard alone: study what is suggested, see the state change, go on with what comes next."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from keyboard_answers import answer_anyhow, tab_to
from playwright.sync_api import expect
from visitor import Visitor
from whetstone_server import Server

OpenTab = Callable[..., Visitor]
FIRST = "convolution-concept"  # what most topics rest on, so that a beginner is sent there
PRACTISE = f"form:has([value={FIRST}]) button"


@pytest.mark.parametrize(("lang", "weak", "missed"), [("en", "Weak", "you missed"), ("zh", "薄弱", "错了")])
def test_study_next_is_practised_and_the_map_tells_what_came_of_it(
    server: Server, tabs: OpenTab, lang: str, weak: str, missed: str
) -> None:
    visitor = tabs(server, lang)
    page = visitor.page
    visitor.open("/")
    expect(page.locator(".step").first.locator("a")).to_have_attribute("href", f"/topics/{FIRST}")
    tab_to(visitor, f".step {PRACTISE}")
    visitor.press("Enter")
    page.wait_for_url("**/practice/*")

    card = visitor.card()
    assert card["question"]["topic"] == FIRST
    answer_anyhow(visitor, card)
    visitor.press("1")
    visitor.asked()
    page.locator(".stage-finish").press("Enter")
    expect(page.locator(".summary .step").first).to_contain_text(missed)

    tab_to(visitor, f".summary .step a[href='/topics/{FIRST}']")
    visitor.press("Enter")
    expect(page.locator(".page-head .standing")).to_have_text(weak)
    tab_to(visitor, ".page-head a[href^='/topics#']")
    visitor.press("Enter")
    expect(page.locator(f".topic:has([value={FIRST}]) .standing")).to_have_text(weak)


def test_link_to_an_area_opens_it_on_the_map(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    visitor.open("/topics/lda")
    visitor.page.locator(".page-head a[href^='/topics#']").press("Enter")
    expect(visitor.page.locator(".topic a[href='/topics/lda']")).to_be_in_viewport()


def test_topics_are_chosen_on_the_map_and_practised_without_script(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server, java_script_enabled=False)
    page = visitor.page
    visitor.open("/topics#detection")
    page.get_by_role("checkbox", name="Choose Soft-NMS").check()
    page.get_by_role("button", name="Start with these topics").click()
    page.wait_for_url("**/practice/*")
    assert visitor.card()["question"]["topic"] == "soft-nms"
    visitor.open("/topics/mtcnn")
    page.locator("main").get_by_role("button", name="Practise MTCNN").first.click()
    page.wait_for_url("**/practice/*")
    assert visitor.card()["question"]["topic"] == "mtcnn"
