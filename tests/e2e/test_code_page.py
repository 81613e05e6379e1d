"""The code page: a wrong try of `nms` with its picture, a right one, drafts, stale results."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Route, expect
from visitor import Visitor
from whetstone_server import Server

OpenTab = Callable[..., Visitor]

RIGHT = """import numpy as np


def nms(boxes, scores, iou_thr):
    order = list(np.argsort(-np.asarray(scores), kind="stable"))
    keep = []
    while order:
        best = order.pop(0)
        keep.append(best)
        order = [other for other in order if iou(boxes[best], boxes[other]) <= iou_thr]
    return np.array(keep, dtype=int)


def iou(a, b):
    width = max(0.0, float(min(a[2], b[2]) - max(a[0], b[0])))
    height = max(0.0, float(min(a[3], b[3]) - max(a[1], b[1])))
    union = float((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])) - width * height
    return width * height / union if union > 0 else 0.0
"""
UNSORTED = RIGHT.replace('list(np.argsort(-np.asarray(scores), kind="stable"))', "list(range(len(boxes)))")
WORDS = {
    "en": {
        "wrong": "Wrong answer",
        "right": "Accepted",
        "hidden": "hidden",
        "picture": re.compile(r"^Boxes of the failing case\. .*missed: \d"),
    },
    "zh": {
        "wrong": "答案错误",
        "right": "通过",
        "hidden": "隐藏",
        "picture": re.compile(r"^未通过用例中的框。.*漏掉：\d"),
    },
}


def write(visitor: Visitor, code: str) -> None:
    """Replace what is in the editor, as pasting would."""
    editor = visitor.page.locator(".cm-content")
    editor.focus()
    visitor.press("Control+a")
    visitor.page.keyboard.insert_text(code)
    expect(editor).to_contain_text(code.splitlines()[-1].strip())


def saved(visitor: Visitor) -> None:
    expect(visitor.page.locator("[data-state=saved]")).to_be_visible()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_nms_is_solved_after_a_wrong_try(server: Server, tabs: OpenTab, lang: str) -> None:
    words = WORDS[lang]
    visitor = tabs(server, lang)
    page = visitor.page
    visitor.open("/code/nms")
    write(visitor, UNSORTED)
    visitor.press("Control+Shift+Enter")
    verdict = page.locator("[data-verdict]")
    expect(verdict).to_contain_text(words["wrong"])

    overhang = page.evaluate("() => document.documentElement.scrollHeight - window.innerHeight")
    assert overhang <= 0, "the panes scroll, not the page"
    failing = page.locator("tr.case.is-wrong")
    expect(failing.first).to_contain_text(words["wrong"])
    expect(page.locator("tr.case.is-right").first).to_be_visible()
    hidden = page.locator("tr.case", has_text=re.compile(words["hidden"]))
    assert 0 < hidden.count() < page.locator("tr.case").count()
    expect(page.locator(".first-case h3")).to_contain_text(failing.first.locator("th").inner_text())
    picture = page.locator(".first-case").get_by_role("img", name=words["picture"])
    expect(picture).to_be_visible()
    box = picture.bounding_box()
    assert box
    assert box["width"] > 100
    assert box["height"] > 50
    expect(page.locator(".first-case pre").first).to_contain_text("np.array(")
    expect(page.locator(".first-case .diff .diff-due").first).to_contain_text("- ")

    stale = page.locator("[data-stale]")
    expect(stale).to_be_hidden()
    write(visitor, RIGHT)
    expect(stale).to_be_visible()
    visitor.press("Control+Enter")
    expect(verdict).to_contain_text(words["right"])
    expect(page.locator(".results")).to_have_attribute("data-mode", "run")
    expect(stale).to_be_hidden()
    assert page.get_by_role("heading", name=re.compile("Solution|参考答案|解答")).count() == 0

    visitor.press("Control+Shift+Enter")
    expect(page.locator(".results[data-mode=submit][data-ok=yes]")).to_be_visible()
    expect(verdict).to_contain_text(words["right"])
    expect(page.locator("tr.case.is-wrong")).to_have_count(0)
    expect(page.locator("#results-slot .picture")).to_have_count(0)
    expect(page.locator(".solution pre")).to_contain_text("def nms")


@pytest.mark.parametrize(("lang", "title"), [("en", "Example: Shifted by half"), ("zh", "示例：平移半个边长")])
def test_statement_shows_its_example_as_a_picture(shared_server: Server, tabs: OpenTab, lang: str, title: str) -> None:
    visitor = tabs(shared_server, lang)
    visitor.open("/code/iou")
    figure = visitor.page.locator("#panel-question figure.example")
    expect(figure).to_contain_text(title)
    expect(figure.get_by_role("img", name=re.compile(r"0\.333333"))).to_be_visible()


PLUS_ONE = """import numpy as np


def iou(box_a, box_b):
    a, b = np.asarray(box_a, dtype=float), np.asarray(box_b, dtype=float)
    inter = (np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]) + 1).clip(min=0).prod()
    return inter / ((a[2:] - a[:2] + 1).prod() + (b[2:] - b[:2] + 1).prod() - inter)
"""
SLIP = {
    "en": ("Your results match a known slip", "inclusive-pixel convention"),
    "zh": ("你的结果与一个常见错误完全吻合", "整数像素约定"),
}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_plus_one_convention_is_recognised_and_gone_once_mended(server: Server, tabs: OpenTab, lang: str) -> None:
    visitor = tabs(server, lang)
    page = visitor.page
    visitor.open("/code/iou")
    write(visitor, PLUS_ONE)
    visitor.press("Control+Shift+Enter")
    name, says = SLIP[lang]
    slip = page.get_by_role("region", name=name)
    expect(slip).to_contain_text(says)
    expect(slip.locator("code").first).to_have_text("+1")
    write(visitor, PLUS_ONE.replace(" + 1)", ")").replace("return inter /", "return inter and inter /"))
    visitor.press("Control+Shift+Enter")
    expect(page.locator(".results[data-ok=yes]")).to_be_visible()
    expect(slip).to_have_count(0)


def test_draft_is_there_after_a_reload_and_is_no_submission(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    visitor.open("/code/iou")
    editor = visitor.page.locator(".cm-content")
    expect(editor).to_contain_text("def iou")
    editor.focus()
    visitor.press("Control+End")
    visitor.page.keyboard.type("\nif box_a is not None:\nhalf = 1")
    saved(visitor)
    visitor.page.reload()
    expect(editor).to_contain_text("half = 1")
    lines = editor.locator(".cm-line").all_inner_texts()
    assert lines[lines.index("if box_a is not None:") + 1] == "    half = 1", "Enter after a colon indents"
    expect(visitor.page.locator("#results-slot")).to_contain_text("Nothing run yet")


def test_draft_is_kept_in_the_browser_while_the_server_is_away(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    visitor.expect_fault("/code/nms/draft")
    visitor.expect_fault("ERR_CONNECTION_REFUSED")
    visitor.open("/code/nms")
    editor = visitor.page.locator(".cm-content")
    editor.focus()
    visitor.loaded()
    server.kill()
    visitor.press("Control+End")
    visitor.page.keyboard.type("\n# written offline")
    expect(visitor.page.locator("[data-state=unsaved]")).to_be_visible()
    server.start()
    visitor.page.reload()
    expect(editor).to_contain_text("# written offline")
    saved(visitor)


def test_draft_outlives_a_page_made_while_it_was_saved(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    visitor.open("/code/soft-nms")
    page = visitor.page
    editor = page.locator(".cm-content")
    expect(editor).to_contain_text("def soft_nms")
    under_way: list[Route] = []

    def hold(route: Route) -> None:
        under_way.append(route)

    def older_page(route: Route) -> None:
        made = route.fetch()
        under_way.pop().fulfill(status=204)
        route.fulfill(response=made)

    page.route("**/code/soft-nms/draft", hold)
    page.route("**/code/soft-nms", older_page)
    editor.focus()
    visitor.press("Control+End")
    with page.expect_request("**/draft"):
        page.keyboard.type("# kept")
    page.reload()
    page.unroute_all()
    expect(editor).to_contain_text("# kept")
    saved(visitor)
    editor.focus()
    visitor.press("Control+z")
    expect(editor).not_to_contain_text("# kept")


def test_tab_indents_and_escape_then_tab_leaves(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    visitor.open("/code/iou-matrix")
    write(visitor, "x = 1")
    visitor.press("Home", "Tab")
    expect(visitor.page.locator(".cm-line").first).to_have_text("    x = 1")
    visitor.press("Escape", "Tab")
    expect(visitor.page.locator(".cm-content:focus")).to_have_count(0)


def test_oversized_code_is_refused_before_it_is_sent(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    visitor.open("/code/conv2d")
    write(visitor, "# " + "x" * 65 * 1024 + "\nend = 1")
    visitor.press("Control+Enter")
    expect(visitor.page.locator("[data-refusal]")).to_contain_text("64 KiB")
    expect(visitor.page.locator("#results-slot")).to_contain_text("Nothing run yet")


def test_accepted_code_is_rated_in_its_session(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    page = visitor.page
    visitor.begin(topic="nms", kind="code", limit="1")
    session = visitor.session_id
    visitor.press("Enter")
    page.wait_for_url("**/code/nms?session=*")
    write(visitor, RIGHT)
    visitor.press("Control+Shift+Enter")
    expect(page.locator(".results[data-ok=yes]")).to_be_visible()
    rate = page.get_by_role("heading", name="How did it go?")
    expect(rate).to_be_focused()
    editor = page.locator(".cm-content")
    editor.focus()
    visitor.page.keyboard.type("# 1 2 3 4 u b s f ")
    expect(editor).to_contain_text("# 1 2 3 4 u b s f")
    assert page.url.endswith(f"/code/nms?session={session}"), "a digit typed in the editor is no rating"
    assert visitor.server.json(f"/api/practice/sessions/{session}/next")["state"] == "waiting"
    rate.focus()
    visitor.press("Enter")
    page.wait_for_url("**/practice/*")
    visitor.asked()
    assert visitor.is_over
    expect(page.locator(".figures dd").first).to_have_text("1")


def test_starter_code_comes_back_only_when_confirmed_and_can_be_undone(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    page = visitor.page
    visitor.open("/code/soft-nms")
    editor = page.locator(".cm-content")
    write(visitor, "mine = 1")
    page.get_by_role("button", name="Starter code").press("Enter")
    page.get_by_role("button", name="Keep mine").press("Enter")
    expect(editor).to_have_text("mine = 1")
    page.get_by_role("button", name="Starter code").press("Enter")
    page.get_by_role("button", name="Put it back").press("Enter")
    expect(editor).to_contain_text("def soft_nms")
    visitor.press("Control+z")
    expect(editor).to_have_text("mine = 1")


def test_running_code_can_be_cancelled(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    page = visitor.page
    visitor.open("/code/gaussian-2d-kernel")
    write(visitor, "def gaussian_2d_kernel(*args):\n    while True:\n        pass")
    visitor.press("Control+Shift+Enter")
    expect(page.locator("[data-verdict]")).to_contain_text("Running case 1 of")
    page.get_by_role("button", name="Cancel").press("Enter")
    expect(page.locator("[data-verdict]")).to_have_text("Cancelled")
    expect(page.get_by_text("Nothing was counted.")).to_be_visible()


def test_code_without_the_function_is_told_its_name(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    visitor.open("/code/iou-matrix")
    write(visitor, "def something_else():\n    return 1")
    visitor.press("Control+Enter")
    expect(visitor.page.locator("[data-status=done]")).to_contain_text("iou_matrix")
    expect(visitor.page.locator(".results")).to_have_attribute("data-ok", "no")


ALMOST = RIGHT.replace("    order =", "    if len(boxes) == 1:\n        return np.zeros(0, dtype=int)\n    order =", 1)
ENDLESS = "def nms(*args):\n    while True:\n        pass\n"
SLOW = "def nms(*args):\n    for _ in range(6_000_000):\n        pass\n    return [0]\n"


def submission(visitor: Visitor) -> str:
    """The id of the submission whose results are shown."""
    found = visitor.page.locator(".results[data-id]").get_attribute("data-id")
    assert found
    return found


def ended(visitor: Visitor, submission_id: str) -> dict[str, Any]:
    """How a submission ended that no page waits for."""
    deadline = time.monotonic() + 60
    while (state := visitor.server.json(f"/api/submissions/{submission_id}"))["status"] in ("queued", "running"):
        assert time.monotonic() < deadline, state
        time.sleep(0.05)  # nothing tells of it but asking again
    return state


def test_hidden_case_shows_its_input_to_who_gives_up(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    page = visitor.page
    visitor.open("/code/nms")
    write(visitor, ALMOST)
    visitor.press("Control+Shift+Enter")
    kept = page.get_by_text("Hidden case. Its input shows after 2 more tries, or when you give up.")
    expect(kept).to_be_visible()
    expect(page.locator(".first-case pre")).to_have_count(0)
    expect(page.locator("#results-slot .picture")).to_have_count(0)
    page.locator(".give-up summary").press("Enter")
    page.get_by_role("button", name="Show the solution").press("Enter")
    expect(kept).to_have_count(0)
    expect(page.locator(".first-case pre").first).to_contain_text("np.array(")
    expect(page.locator(".first-case .picture svg")).to_be_visible()


@pytest.mark.parametrize("way", ["elsewhere", "closed"])
def test_leaving_the_page_cancels_a_run(shared_server: Server, tabs: OpenTab, way: str) -> None:
    visitor = tabs(shared_server)
    page = visitor.page
    visitor.open("/code/nms")
    write(visitor, ENDLESS)
    visitor.press("Control+Enter")
    expect(page.locator("[data-verdict]")).to_contain_text("Running case 1 of")
    run = submission(visitor)
    if way == "closed":
        page.close()
    else:
        visitor.open("/topics")
    assert ended(visitor, run)["status"] == "cancelled"


def test_switching_the_language_does_not_cancel_a_run(server: Server, tabs: OpenTab) -> None:
    visitor = tabs(server)
    page = visitor.page
    visitor.open("/code/nms")
    write(visitor, SLOW.replace("6_000_000", "25_000_000"))  # a run is a few cases: long enough to be seen
    visitor.press("Control+Enter")
    expect(page.locator("[data-verdict]")).to_contain_text("Running case")
    run = submission(visitor)
    page.locator(".switch button").press("Enter")
    assert ended(visitor, run)["verdict"] == "wrong_answer"
    expect(page.locator("[data-verdict]")).to_contain_text("答案错误")


def test_submission_goes_on_without_its_page_and_its_results_wait(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    page = visitor.page
    visitor.open("/code/nms")
    write(visitor, SLOW)
    visitor.press("Control+Shift+Enter")
    expect(page.locator("[data-verdict]")).to_contain_text("Running case")
    sent = submission(visitor)
    visitor.open("/topics")
    assert ended(visitor, sent)["verdict"] == "wrong_answer"
    visitor.open("/code/nms")
    expect(page.locator(".results[data-status=done]")).to_have_attribute("data-id", sent)
    page.get_by_role("tab", name="Results").press("Enter")
    expect(page.locator(".first-case .picture svg")).to_be_visible()


def test_long_formula_in_a_list_scrolls_in_its_own_box(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server, viewport={"width": 320, "height": 800})
    page = visitor.page
    visitor.open("/code/batchnorm2d-forward")
    wide = page.locator(".prompt ul")
    expect(wide).to_have_attribute("tabindex", "0")
    assert wide.evaluate("it => it.scrollWidth > it.clientWidth")
    assert page.locator("#panel-question").evaluate("it => it.scrollWidth <= it.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_sending_again_cancels_the_earlier_submission(shared_server: Server, tabs: OpenTab) -> None:
    visitor = tabs(shared_server)
    page = visitor.page
    visitor.open("/code/nms")
    write(visitor, ENDLESS)
    visitor.press("Control+Shift+Enter")
    expect(page.locator("[data-verdict]")).to_contain_text("Running case 1 of")
    first = submission(visitor)
    write(visitor, UNSORTED)
    visitor.press("Control+Shift+Enter")
    expect(page.locator("[data-verdict]")).to_contain_text("Wrong answer")
    assert ended(visitor, first)["status"] == "cancelled"
