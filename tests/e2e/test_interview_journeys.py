"""A mock interview in the browser: answers saved as one writes, what comes too late, other tabs, wrong clocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from places import answer_sitting, sit
from playwright.sync_api import expect
from visitor import Visitor
from whetstone_server import Server

from app.settings import ROOT

OpenTab = Callable[..., Visitor]
SECONDS = 0.1  # minutes of the hasty interview
HASTY = f"""id: hasty
title: {{en: Hasty, zh: 匆忙}}
summary: {{en: Six seconds., zh: 六秒。}}
minutes: {2 * SECONDS}
sections:
- {{title: {{en: First, zh: 第一}}, minutes: {SECONDS}, count: 1, kinds: [open]}}
- {{title: {{en: Second, zh: 第二}}, minutes: {SECONDS}, count: 1, kinds: [open]}}
"""
OPEN = """topic: {topic}
questions:
- id: why-{topic}
  kind: open
  difficulty: 1
  minutes: 0.05
  prompt: {{en: Why?, zh: 为什么？}}
  model_answer: {{en: So., zh: 如此。}}
  rubric: [{{point: {{en: Says so, zh: 这样说}}}}, {{point: {{en: Says why, zh: 说出原因}}}}]
  follow_ups: [{{ask: {{en: And?, zh: 然后？}}, answer: {{en: No., zh: 不。}}}}]
  covers: [f1]
  sources: [A book]
"""


@pytest.fixture
def hasty(tmp_path: Path, server: Server) -> Iterator[Server]:
    """A server whose only interview has two sections of six seconds."""

    bank = tmp_path / "bank"
    (bank / "detection").mkdir(parents=True)
    (bank / "interviews").mkdir()
    for name in ("topics.yaml", "errata.yaml"):
        (bank / name).write_bytes((ROOT / "questions" / name).read_bytes())
    for topic in ("iou", "nms"):
        (bank / "detection" / f"{topic}.yaml").write_text(OPEN.format(topic=topic))
    (bank / "interviews" / "hasty.yaml").write_text(HASTY)
    server.end()
    made = Server(tmp_path / "hasty", env={"WHETSTONE_QUESTIONS_DIR": str(bank)})
    made.data_dir.parent.mkdir()
    made.start()
    yield made
    made.stop()


def left_s(visitor: Visitor) -> int:
    shown = visitor.page.locator("[data-left=deadline]").inner_text()
    *hours, minutes, seconds = (int(part) for part in shown.split(":"))
    return sum(hours) * 3600 + minutes * 60 + seconds


def test_interview_from_the_first_page_to_practice_by_keyboard(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server, viewport={"width": 390, "height": 844})
    page = visitor.page
    visitor.open("/interviews")
    page.get_by_role("link", name="20-minute warm-up").press("Enter")
    page.get_by_role("button", name="Start the clock").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Question 1 of 11")
    answer_sitting(visitor)
    page.locator("button[value=lock]").press("Enter")
    expect(page.locator(".feedback")).to_be_visible()
    page.locator(".leave summary").press("Enter")
    page.get_by_role("button", name="End the whole interview here").press("Enter")
    expect(page.get_by_role("heading", name="Study these")).to_be_visible()
    page.get_by_role("button", name=re.compile("missed questions? into practice")).press("Enter")
    expect(page.get_by_text("What you missed is in your practice, due now.")).to_be_visible()
    page.get_by_role("link", name="To today’s page").press("Enter")
    expect(page.locator(".today-number")).to_be_visible()


def test_what_is_written_while_the_server_is_down_is_saved_when_it_is_back(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    visitor.expect_fault("ERR_CONNECTION_REFUSED")
    visitor.expect_fault("ERR_CONNECTION_RESET")
    visitor.expect_fault("ERR_EMPTY_RESPONSE")
    page = visitor.page
    address = sit(visitor, open_count="1")
    page.locator("#text").fill("before the fall")
    expect(page.locator("[data-state=saved]")).to_be_visible()
    visitor.loaded()
    before = server.origin
    server.kill()
    page.locator("#text").fill("before the fall, and during it")
    expect(page.locator("[data-state=unsaved]")).to_contain_text("kept in this browser")
    server.start()
    assert server.origin == before
    expect(page.locator("[data-state=saved]")).to_be_visible(timeout=30_000)
    page.reload()
    expect(page.locator("#text")).to_have_value("before the fall, and during it")
    assert address in page.url


def test_tab_closed_while_the_server_is_down_loses_nothing(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    visitor.expect_fault("ERR_CONNECTION")
    visitor.expect_fault("ERR_EMPTY_RESPONSE")
    address = sit(visitor, open_count="1")
    visitor.loaded()
    server.kill()
    visitor.page.locator("#text").fill("only here")
    expect(visitor.page.locator("[data-state=unsaved]")).to_be_visible()
    visitor.page.close()
    server.start()
    again = tabs(server, beside=visitor)
    again.open(address)
    expect(again.page.locator("#text")).to_have_value("only here")
    expect(again.page.locator("[data-state=saved]")).to_be_visible()


def test_older_tab_is_told_and_nothing_of_either_is_lost(server: Server, tabs: OpenTab) -> None:
    first = tabs(server)
    address = sit(first, open_count="1")
    second = tabs(server, beside=first)
    second.expect_fault("status of 409")
    second.open(address)
    first.page.locator("#text").fill("of the first tab")
    expect(first.page.locator("[data-state=saved]")).to_be_visible()
    second.page.locator("#text").fill("of the second tab")
    expect(second.page.locator("[data-refused]")).to_contain_text("Another page has changed this answer")
    expect(second.page.locator("#text")).to_have_value("of the second tab")
    second.page.request.post(f"{server.origin}{address}/hand-in")
    second.open(f"{address}/replay")
    second.page.locator(".line summary").click()
    expect(second.page.locator(".moments")).to_contain_text("of the first tab")
    expect(second.page.locator(".moments")).to_contain_text("of the second tab")


def test_wrong_clock_of_the_browser_changes_nothing(server: Server, tabs: OpenTab) -> None:
    right = tabs(server)
    address = sit(right, quick_count="1")
    wrong = tabs(server)
    wrong.page.clock.install(time="2031-05-05T05:05:05Z")
    wrong.open(address)
    expect(wrong.page.locator("[data-left=deadline]")).to_have_text(re.compile(r"^19:\d\d$"))
    assert abs(left_s(wrong) - left_s(right)) <= 5
    wrong.page.clock.fast_forward("08:00")  # the laptop slept, says its clock; the server's did not move
    expect(wrong.page.locator("[data-left=deadline]")).to_have_text(re.compile(r"^19:\d\d$"))


def test_time_runs_out_in_the_browser_and_what_was_written_counts(hasty: Server, tabs: OpenTab) -> None:
    visitor = tabs(hasty)
    page = visitor.page
    visitor.open("/interviews/plans/hasty")
    page.get_by_role("button", name="Start the clock").click()
    page.locator("#text").fill("In time")
    expect(page.locator("[data-state=saved]")).to_be_visible()
    expect(page.get_by_text("Section 2 of 2")).to_be_visible()
    expect(page.locator("#text")).to_have_value("")
    expect(page.get_by_role("heading", name="Question by question")).to_be_visible()
    page.locator(".own summary").first.click()
    expect(page.locator(".line").first).to_contain_text("For you to score")
    expect(page.locator(".line").nth(1)).to_contain_text("Not answered")


def test_warnings_are_told_once_and_the_last_minute_again(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    page = visitor.page
    page.clock.install()
    sit(visitor, quick_count="1", quick_minutes="7")
    head = page.locator("[data-clock]")
    expect(head).to_have_attribute("data-level", "calm")
    page.route("**/time", lambda route: route.abort())  # else the server would say how early it still is
    visitor.expect_fault("/time")
    visitor.expect_fault("ERR_FAILED")
    page.clock.run_for(125_000)
    expect(head).to_have_attribute("data-level", "amber")
    expect(page.locator("#live")).to_have_text("Five minutes left.")
    page.evaluate("document.getElementById('live').textContent = ''")
    page.clock.run_for(100_000)
    expect(page.locator("#live")).to_have_text("")
    page.clock.run_for(140_000)
    expect(head).to_have_attribute("data-level", "red")
    expect(page.locator("#live")).to_have_text("One minute left.")


def test_printed_report_is_clean(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    address = sit(visitor, quick_count="2")
    answer_sitting(visitor)
    visitor.page.request.post(f"{server.origin}{address}/hand-in")
    visitor.open(f"{address}/report")
    expect(visitor.page.get_by_role("button", name="Print")).to_be_visible()
    visitor.page.emulate_media(media="print")
    for gone in (".masthead", ".report-score .row", ".no-print >> nth=0"):
        expect(visitor.page.locator(gone).first).to_be_hidden()
    expect(visitor.page.locator(".today-number")).to_be_visible()
    wide = visitor.page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert wide, "it fits the paper"
