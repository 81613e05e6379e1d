"""A wrong key from its first report to the mended file: report, edit, the gate's refusal, publish, a mark put right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from people import make_account, sign_in
from playwright.sync_api import Page, expect
from visitor import Visitor
from whetstone_server import Server

from app.bank.loader import load_bank
from app.bank.schema import Numeric
from app.bank.variants import draw
from app.settings import ROOT

OpenTab = Callable[..., Visitor]
QUESTION = "iou-shifted-boxes"
RIGHT = "  answer: inter / union\n"
COMMENT = "  # Everingham et al. divide by the union; leave this remark where it is.\n"
WRONG = "  answer: inter / (union + w)\n"
STILL_WRONG = "answer: inter / (union - 1)"


@pytest.fixture
def file(server: Server) -> Path:
    """The topic's file of a server whose bank came with a wrong key."""
    path = server.questions_dir / "detection" / "iou.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(RIGHT) == 1
    server.end()
    path.write_text(text.replace(RIGHT, COMMENT + WRONG), encoding="utf-8")
    for name, role in (("eve", "admin"), ("ada", "learner")):
        make_account(server, name, role)
    server.start()
    return path


def test_wrong_key_is_reported_mended_and_made_good(server: Server, file: Path, tabs: OpenTab) -> None:
    before = file.read_text(encoding="utf-8")
    ada = tabs(server)
    sign_in(ada, "ada")
    answer_by_the_book(ada)
    expect(ada.page.get_by_role("heading", name="Not correct")).to_be_visible()
    report(ada.page, "The union holds no further w.")
    ada.press("1")
    ada.asked()

    eve = tabs(server)
    page = eve.page
    sign_in(eve, "eve")
    eve.open("/admin/reports")
    page.locator(".inbox .rows-link").click()
    page.get_by_role("link", name="Open in the editor").click()
    set_answer(eve, WRONG.strip(), STILL_WRONG)
    check_and_await(page, "The checks found something")
    expect(page.locator(".publish-found")).to_contain_text("oracle")
    expect(page.get_by_role("button", name="Publish", exact=True)).to_be_visible()
    eve.expect_fault("status of 422")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("alert").filter(visible=True)).not_to_have_count(0)
    assert file.read_text(encoding="utf-8") == before

    page.get_by_role("link", name="Back to the editor").click()
    set_answer(eve, STILL_WRONG, RIGHT.strip())
    check_and_await(page, "Every check passed")
    expect(page.locator(".publish-fields")).to_contain_text("answer")
    expect(page.locator("form.publish")).to_contain_text("1 answer changes its mark")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator(".notice--right")).to_be_visible()

    ada.open("/")
    expect(ada.page.locator(".told")).to_contain_text("now counts as right")
    eventually_written(page, file, before.replace(WRONG, RIGHT))


def answer_by_the_book(visitor: Visitor) -> None:
    """Practise until the question comes, and answer it as its definition says."""
    question = load_bank(ROOT / "questions", None)[0].questions[QUESTION].question
    assert isinstance(question, Numeric)
    visitor.begin(topic="iou", kind="numeric", limit="20")
    while (card := visitor_card(visitor))["question"]["id"] != QUESTION:
        visitor.page.get_by_role("button", name="Tomorrow").click()
        visitor.asked()
    visitor.page.locator("input[name=value]").fill(str(draw(question, card["seed"])["answer"]))
    visitor.press("Enter")
    visitor.answered()


def visitor_card(visitor: Visitor) -> dict[str, object]:
    """The card that stands next for whoever is signed in there."""
    answer = visitor.page.request.get(f"{visitor.server.origin}/api/practice/sessions/{visitor.session_id}/next")
    found: dict[str, object] = answer.json()
    return found


def report(page: Page, text: str) -> None:
    page.locator(".report > summary").click()
    page.locator(".report select").select_option("key")
    page.locator(".report textarea").fill(text)
    page.locator(".report-form button").click()
    expect(page.locator(".report-sent")).to_be_visible()


def set_answer(visitor: Visitor, now: str, wanted: str) -> None:
    """Exchange one line in the YAML view, and go on to publishing."""
    page = visitor.page
    page.goto(page.url.partition("?")[0] + "?show=yaml")
    editor = page.locator(".bank-editor-body .cm-content")
    expect(editor).to_be_visible()
    text = page.locator("#yaml").input_value()
    assert text.count(now) == 1
    editor.focus()
    visitor.press("Control+a")
    page.keyboard.insert_text(text.replace(now, wanted))
    expect(page.locator("[data-state=saved]")).to_be_visible()
    page.locator("button[value=publish]:visible").click()


def check_and_await(page: Page, outcome: str) -> None:
    page.get_by_role("button", name="Run the checks").click()
    expect(page.locator("#publish-gate [role=status]")).to_contain_text(outcome, timeout=60_000)


def eventually_written(page: Page, file: Path, wanted: str) -> None:
    """The folder's turn comes within seconds of the publishing."""
    for _ in range(150):
        if file.read_text(encoding="utf-8") == wanted:
            return
        page.wait_for_timeout(100)
    assert file.read_text(encoding="utf-8") == wanted
