"""Journeys in the keepers' list: a table becomes drafts that a search finds; two questions change as one."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from visitor import Visitor
from whetstone_server import Server

OpenTab = Callable[..., Visitor]
CARDS = """\
id,题目,prompt,答案,answer,difficulty
card-gyro,陀螺漂移怎样校正？,How is gyro drift corrected?,用加速度计校正。,With the accelerometer.,2
card-odd,里程计误差为何累积？,Why do odometry errors add up?,每一步都有误差。,Every step has an error.,9
card-lidar,激光雷达怎样测距？,How does lidar measure distance?,量光的往返时间。,By the time of flight.,3
"""
PUBLISHED = ("nms-steps", "nms-true-statements")


def test_table_with_a_bad_row_becomes_drafts_that_two_characters_find(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    page = visitor.page
    visitor.open("/admin/import")
    page.locator("[name=format][value=flashcard]").check()
    page.locator("#topic").select_option("iou")
    page.locator("#file").set_input_files(
        {"name": "cards.csv", "mimeType": "text/csv", "buffer": CARDS.encode("gb18030")}
    )
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("main")).to_contain_text("3 rows, read as GB18030, separated by: comma.")
    for field, column in {"prompt-zh": "题目", "answer-zh": "答案"}.items():
        page.locator(f"#col-{field}").select_option(label=column)
    page.get_by_role("button", name="Look at every row").click()

    expect(page.get_by_role("heading", name="1 fails")).to_be_visible()
    failing = page.locator(".history-revision").filter(has=page.locator(".error"))
    expect(failing).to_have_count(1)
    expect(failing).to_contain_text("card-odd")
    expect(failing.locator(".error")).to_contain_text("difficulty")
    page.get_by_role("button", name="Make 2 drafts").click()

    expect(page).to_have_url(f"{server.origin}/admin/questions?status=draft&sort=-changed")
    expect(page.locator(".found")).to_have_text("2 questions")
    assert shown(page) == {"card-gyro", "card-lidar"}
    page.locator("#q").fill("陀螺")
    expect(page.locator(".found")).to_have_text("1 question")
    assert shown(page) == {"card-gyro"}
    expect(page.locator(".list-row")).to_contain_text("Draft")
    visitor.loaded()


def test_difficulty_of_two_published_questions_is_shown_changed_and_in_the_history(
    server: Server, tabs: OpenTab
) -> None:
    visitor = tabs(server)
    page = visitor.page
    before = [difficulty(server, name) for name in PUBLISHED]
    assert 5 not in before
    visitor.open("/admin/questions?topic=nms")
    for name in PUBLISHED:
        page.locator(f"[name=ids][value={name}]").check()
    page.locator(".bulk > summary").click()
    page.locator("#bulk-difficulty").select_option("5")
    page.get_by_role("button", name="Set the difficulty").click()

    expect(page.locator("main")).to_contain_text("2 questions change:")
    expect(page.locator("main")).to_contain_text("2 of them are published.")
    expect(page.locator(".bulk-table tbody tr")).to_have_count(2)
    assert [difficulty(server, name) for name in PUBLISHED] == before, "nothing changes before it is confirmed"

    page.get_by_role("button", name="Change 2 questions").click()
    expect(page).to_have_url(f"{server.origin}/admin/questions?sort=-changed")
    assert [difficulty(server, name) for name in PUBLISHED] == [5, 5]
    page.get_by_role("link", name=f"History of {PUBLISHED[0]}").click()
    newest = page.locator(".history-revision").first
    expect(newest).to_contain_text("Revision 2")
    expect(newest).to_contain_text("what learners see")
    expect(newest).to_contain_text("bulk: difficulty 5")
    newest.get_by_role("link", name="What revision 2 changed").click()
    expect(page.locator("main")).to_contain_text("difficulty: 5")
    visitor.loaded()


def shown(page: Page) -> set[str]:
    """The questions on the list."""
    return {box.get_attribute("value") or "" for box in page.locator(".list-row [name=ids]").all()}


def difficulty(server: Server, name: str) -> int:
    """What learners are told."""
    found: int = server.json(f"/api/questions/{name}")["difficulty"]
    return found
