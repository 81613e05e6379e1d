"""Every page of the app in every state worth looking at, and how a visitor gets there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from keyboard_answers import answer_anyhow, write
from playwright.sync_api import expect
from visitor import Visitor

from app.bank.schema import KINDS

Way = Callable[[Visitor], None]
BROKEN = "def nms(boxes, scores, iou_thr):\n    print('trying')\n    return [0]\n"
CARDS = "prompt,answer,difficulty\nWhat is an anchor?,A box of a fixed shape.,2\nWhy odd?,It fails.,9\n"


def page(path: str) -> Way:
    return lambda visitor: visitor.open(path)


def missing(visitor: Visitor) -> None:
    visitor.expect_fault("status of 404")
    visitor.open("/no/such/page")


def asked(kind: str) -> Way:
    return lambda visitor: visitor.begin(kind=kind, limit="1")


def answered(kind: str) -> Way:
    def go(visitor: Visitor) -> None:
        visitor.begin(kind=kind, limit="1")
        answer_anyhow(visitor, visitor.card())

    return go


def answer_to_score(visitor: Visitor) -> None:
    visitor.begin(kind="open", limit="1")
    write(visitor, "An answer.")
    expect(visitor.page.locator(".rubric")).to_be_visible()
    visitor.settled()


def refused_answer(visitor: Visitor) -> None:
    visitor.expect_fault("status of 422")
    visitor.begin(kind="numeric", limit="1")
    visitor.page.locator("#value").fill("many")
    visitor.press("Enter")
    expect(visitor.page.locator("#answer-error")).to_be_visible()


def topics_all_open(visitor: Visitor) -> None:
    visitor.open("/topics")
    for area in visitor.page.locator("details.area:not([open]) > summary").all()[::-1]:
        area.press("Enter")
    expect(visitor.page.locator("details.area:not([open])")).to_have_count(0)


def topic_missed(visitor: Visitor) -> None:
    """A topic's page in its fullest state: something of it was missed."""
    visitor.begin(topic="iou", kind="single-choice", limit="1")
    answer_anyhow(visitor, visitor.card())
    visitor.press("1")
    visitor.asked()
    visitor.open("/topics/iou")
    expect(visitor.page.locator(".page-head .standing--weak")).to_be_visible()


def summary(visitor: Visitor) -> None:
    visitor.begin(kind="flashcard", limit="1")
    answer_anyhow(visitor, visitor.card())
    visitor.press("3")
    visitor.asked()
    assert visitor.is_over


def code_failed(visitor: Visitor) -> None:
    visitor.open("/code/nms")
    editor = visitor.page.locator(".cm-content")
    editor.focus()
    visitor.press("Control+a")
    visitor.page.keyboard.insert_text(BROKEN)
    expect(editor).to_contain_text("trying")
    visitor.press("Control+Shift+Enter")
    expect(visitor.page.locator("[data-status=done] .picture svg")).to_be_visible()


def code_solution(visitor: Visitor) -> None:
    visitor.open("/code/iou")
    if visitor.page.locator(".give-up").count():  # else an earlier visitor gave up already
        visitor.page.locator(".give-up summary").click()
        visitor.page.locator(".give-up button").click()
    expect(visitor.page.locator(".solution")).to_be_visible()


def settings_refused(visitor: Visitor) -> None:
    visitor.expect_fault("status of 422")
    visitor.open("/settings")
    visitor.page.locator("#zone").fill("Nowhere/Else")
    visitor.page.locator(".settings .button--primary").click()
    expect(visitor.page.locator("#zone-error")).to_be_visible()


def account_refused(visitor: Visitor) -> None:
    visitor.expect_fault("status of 422")
    visitor.open("/account")
    visitor.page.locator("#token_name").fill(" ")
    visitor.press("Enter")
    expect(visitor.page.locator("#token_name-error")).to_be_visible()


def account_with_a_token(visitor: Visitor) -> None:
    visitor.open("/account")
    visitor.page.locator("#token_name").fill("notebook")
    visitor.press("Enter")
    expect(visitor.page.locator("#fresh-token")).to_be_visible()


def person(visitor: Visitor) -> None:
    visitor.open("/admin/people")
    visitor.page.locator(".people-table a").first.click()
    visitor.page.locator("[action$=reset-link] button").click()
    expect(visitor.page.locator("#fresh-link")).to_be_visible()


def sign_up_refused(visitor: Visitor) -> None:
    """The local person, alone on this machine, would lock themselves out."""
    visitor.expect_fault("status of 409")
    visitor.open("/admin/people")
    visitor.page.locator("[name=mode][value=open]").check()
    visitor.page.locator("[action$=sign-up] button").click()
    expect(visitor.page.get_by_role("alert").first).to_be_visible()


def dead_link(visitor: Visitor) -> None:
    visitor.expect_fault("status of 404")
    visitor.open("/reset/nothing")


def question_answered(visitor: Visitor) -> None:
    visitor.open("/q/nms-true-statements")
    visitor.press("1", "2", "Enter")
    expect(visitor.page.locator("article[data-answered=yes]")).to_be_visible()


def figure_answered(visitor: Visitor) -> None:
    visitor.open("/q/roc-pr-more-negatives")
    visitor.press("1", "Enter")
    expect(visitor.page.locator(".feedback .figure svg")).to_be_visible()
    visitor.page.locator(".figure-data summary").click()
    expect(visitor.page.locator(".figure-data table").first).to_be_visible()


def gate_checked(visitor: Visitor) -> None:
    """What the gate found in a question, by field."""
    yaml = "id: fresh-card\nkind: flashcard\ndifficulty: hard\nminutes: 1\ncovers: [f99]\n"
    answer = visitor.page.request.post(
        f"{visitor.server.origin}/admin/questions/fresh-card/gate", form={"yaml": yaml, "topic": "iou"}, max_redirects=0
    )
    assert answer.status == 303, answer.text()
    visitor.open(answer.headers["location"])
    expect(visitor.page.locator(".gate[data-state=done]")).to_be_visible()


def shortcuts(visitor: Visitor) -> None:
    visitor.begin(kind="flashcard", limit="1")
    visitor.press("?")
    expect(visitor.page.locator("dialog[open]")).to_be_visible()


def reported_problem(visitor: Visitor) -> None:
    """A report in the inbox, opened."""
    visitor.server.post("/api/reports", {"question_id": "nms-true-statements", "about": "key", "text": "B holds, too."})
    visitor.open("/admin/reports")
    visitor.page.locator(".inbox .rows-link").first.click()
    expect(visitor.page.locator(".inbox-seen")).to_be_visible()


def told_at_home(visitor: Visitor) -> None:
    """A notice on the home page: a report was answered."""
    reported_problem(visitor)
    visitor.page.locator("[name=outcome][value=mended]").check()
    visitor.page.locator("form:has([name=reply]) button").click()
    expect(visitor.page.locator("form[action$='/reopen']")).to_be_visible()
    visitor.open("/")
    expect(visitor.page.locator(".told").first).to_be_visible()


def report_form_open(visitor: Visitor) -> None:
    visitor.open("/q/nms-true-statements")
    visitor.page.locator(".report > summary").click()
    expect(visitor.page.locator(".report select")).to_be_visible()


def item_figures(visitor: Visitor) -> None:
    """The figures of a question that was answered."""
    visitor.begin(topic="iou", kind="single-choice", limit="1")
    name = visitor.card()["question"]["id"]
    answer_anyhow(visitor, visitor.card())
    visitor.press("1")
    visitor.asked()
    visitor.open(f"/admin/statistics/{name}")
    visitor.page.locator("details summary").last.click()
    expect(visitor.page.locator("details table")).to_be_visible()


def sit(visitor: Visitor, **form: str) -> str:
    """Begin an interview of one's own as the form would, after handing in another; its address."""
    visitor.open("/interviews")
    under_way = visitor.page.locator(".under-way a")
    if under_way.count():
        visitor.page.request.post(f"{visitor.server.origin}{under_way.get_attribute('href')}/hand-in")
    counts = {"quick_count": "0", "open_count": "0", "code_count": "0", "seed": "7"}
    usual = {"quick_minutes": "20", "open_minutes": "20", "code_minutes": "20", "pauses": "1"}
    answer = visitor.page.request.post(
        f"{visitor.server.origin}/interviews/own", form=counts | usual | form, max_redirects=0
    )
    assert answer.status == 303, answer.text()
    address = answer.headers["location"]
    visitor.open(address)
    return address


def sitting(**form: str) -> Way:
    def go(visitor: Visitor) -> None:
        sit(visitor, **form)

    return go


def own_refused(visitor: Visitor) -> None:
    visitor.expect_fault("status of 422")
    visitor.open("/interviews/own")
    for part in ("quick", "open", "code"):
        visitor.page.locator(f"[name={part}_count]").fill("0")
    visitor.page.locator(".own .button--primary").click()
    expect(visitor.page.get_by_role("alert").first).to_be_visible()


def paused(visitor: Visitor) -> None:
    address = sit(visitor, quick_count="1")
    visitor.page.request.post(f"{visitor.server.origin}{address}/pause")
    visitor.open(address)
    expect(visitor.page.locator("[data-paused=yes]")).to_be_visible()


def locked(visitor: Visitor) -> None:
    sit(visitor, open_count="1")
    visitor.page.locator("#text").fill("An answer.")
    visitor.page.locator("button[value=lock]").click()
    expect(visitor.page.locator(".sitting-verdict")).to_be_visible()


def explained(visitor: Visitor) -> None:
    sit(visitor, quick_count="1", feedback="immediate", level="1")
    answer_sitting(visitor)
    visitor.page.locator("button[value=lock]").click()
    expect(visitor.page.locator(".feedback")).to_be_visible()


def answer_sitting(visitor: Visitor) -> None:
    """Answer the shown quick question somehow, and wait until that is saved."""
    page = visitor.page
    if page.locator(".option").count():
        page.locator(".option").first.click()
    elif page.locator("#value").count():
        page.locator("#value").fill("3")
    elif page.locator(".blank").count():
        for blank in page.locator(".blank").all():
            blank.fill("x")
    elif page.locator(".lefts").count():
        for row in page.locator(".left").all():
            row.locator(".chip").first.click()
    else:
        page.locator("[data-move='1']").first.click()
    expect(page.locator("[data-state=saved]")).to_be_visible()


def reported(visitor: Visitor) -> None:
    """A report in its fullest state: something right or wrong, something to score, graded code, all of it opened."""
    address = sit(visitor, quick_count="2", open_count="1", code_count="1", area="segmentation")
    answer_sitting(visitor)
    post = visitor.page.request.post
    post(f"{visitor.server.origin}{address}/move-on")
    visitor.open(address)
    visitor.page.locator("#text").fill("An answer.")
    expect(visitor.page.locator("[data-state=saved]")).to_be_visible()
    post(f"{visitor.server.origin}{address}/move-on")
    visitor.open(address)
    editor = visitor.page.locator(".cm-content")
    editor.focus()
    visitor.press("Control+End")
    visitor.page.keyboard.insert_text("\n# done\n")
    expect(visitor.page.locator("[data-state=saved]")).to_be_visible()
    post(f"{visitor.server.origin}{address}/hand-in")
    visitor.open(f"{address}/report")
    expect(visitor.page.locator(".report-score:not([data-grading])")).to_be_visible()
    for line in visitor.page.locator(".line > details:not([open]) > summary").all()[::-1]:
        line.press("Enter")


def replayed(visitor: Visitor) -> None:
    reported(visitor)
    visitor.page.locator("a[href$=replay]").click()
    for line in visitor.page.locator(".line > details > summary").all():
        line.press("Enter")


def edited_as_yaml(visitor: Visitor) -> None:
    visitor.open("/admin/questions/nms-true-statements/edit?show=yaml")
    expect(visitor.page.locator(".bank-editor-body .cm-content")).to_be_visible()


def to_publish(visitor: Visitor) -> None:
    """The publish page of a change that the checks have passed."""
    at = f"{visitor.server.origin}/admin/questions/u-net-sizes/edit"
    visitor.open("/admin/questions/u-net-sizes/edit?show=yaml")
    yaml = visitor.page.locator("#yaml").input_value()
    base = visitor.page.locator("[name=base_number]").input_value()
    form = {"yaml": f"{yaml}# looked through {base}\n", "base_number": base, "action": "publish"}
    answer = visitor.page.request.post(at, form=form, max_redirects=0)
    visitor.open(answer.headers["location"])
    expect(visitor.page.locator(".publish-gate .button--primary")).to_be_visible()


def table_sent(visitor: Visitor) -> None:
    """The columns of a table that is imported."""
    visitor.open("/admin/import")
    visitor.page.locator("[name=format][value=flashcard]").check()
    visitor.page.locator("#text").fill(CARDS)
    visitor.page.locator(".import .button--primary").click()
    expect(visitor.page.locator("#col-answer-zh")).to_be_visible()


def table_checked(visitor: Visitor) -> None:
    """What its rows would become: a draft, and nothing."""
    table_sent(visitor)
    visitor.page.locator("[action$=check] .button--primary").click()
    expect(visitor.page.locator("ol.history")).to_have_count(2)


def bulk_shown(visitor: Visitor) -> None:
    """What a change of several questions would do: some change, some stay as they are."""
    visitor.open("/admin/questions?topic=nms")
    visitor.page.locator(".bulk > summary").click()
    visitor.page.locator("[name=all]").check()
    visitor.page.locator("#bulk-difficulty").select_option("3")
    visitor.page.locator("[name=action][value=difficulty]").click()
    expect(visitor.page.locator(".bulk-table")).to_be_visible()
    expect(visitor.page.locator(".bulk-refused")).to_be_visible()


PLACES: Mapping[str, Way] = {
    "home": page("/"),
    "topics": page("/topics"),
    "topics-all-open": topics_all_open,
    "topic": page("/topics/conv-output-size"),
    "topic-missed": topic_missed,
    "browse": page("/browse"),
    "browse-empty": page("/browse?q=zzzzzz"),
    "question": page("/q/nms-true-statements"),
    "question-answered": question_answered,
    "figure": page("/q/u-net-sizes"),
    "figure-answered": figure_answered,
    "settings": page("/settings"),
    "settings-refused": settings_refused,
    "gate": gate_checked,
    "login": page("/login"),
    "signup": page("/signup"),
    "dead-link": dead_link,
    "account": page("/account"),
    "account-refused": account_refused,
    "account-token": account_with_a_token,
    "account-delete": page("/account/delete"),
    "people": page("/admin/people"),
    "people-refused": sign_up_refused,
    "person": person,
    "audit": page("/admin/audit"),
    "missing": missing,
    "api-docs": page("/api/docs"),
    "summary": summary,
    "shortcuts": shortcuts,
    **{f"asked-{kind}": asked(kind) for kind in KINDS},
    **{f"answered-{kind}": answered(kind) for kind in KINDS if kind != "code"},
    "open-to-score": answer_to_score,
    "refused-answer": refused_answer,
    "code": page("/code/soft-nms"),
    "code-failed": code_failed,
    "code-solution": code_solution,
    "interviews": page("/interviews"),
    "interview-rules": page("/interviews/plans/full-loop-60"),
    "interview-own": page("/interviews/own"),
    "interview-own-refused": own_refused,
    "interview-reading": sitting(quick_count="8", reading="5"),
    "interview-paused": paused,
    "interview-asked": sitting(quick_count="6"),
    "interview-open": sitting(open_count="2"),
    "interview-locked": locked,
    "interview-explained": explained,
    "interview-code": sitting(code_count="1", area="segmentation"),
    "interview-report": reported,
    "interview-replay": replayed,
    "editor-form": page("/admin/questions/nms-true-statements/edit"),
    "editor-yaml": edited_as_yaml,
    "editor-new": page("/admin/questions/new"),
    "editor-copy": page("/admin/questions/nms-true-statements/duplicate"),
    "publish": to_publish,
    "report-form": report_form_open,
    "report-page": page("/q/nms-true-statements/report?seed=7"),
    "report-sent": page("/q/nms-true-statements/report/sent"),
    "inbox": page("/admin/reports"),
    "inbox-report": reported_problem,
    "home-notices": told_at_home,
    "notices": page("/notices"),
    "statistics": page("/admin/statistics"),
    "statistics-item": item_figures,
    "admin-questions": page("/admin/questions?area=detection&sort=-difficulty"),
    "admin-conflicts": page("/admin/conflicts"),
    "admin-question-form": page("/admin/questions/nms-true-statements/edit?show=form"),
    "admin-import": page("/admin/import"),
    "admin-import-columns": table_sent,
    "admin-import-check": table_checked,
    "admin-bulk": bulk_shown,
    "admin-history": page("/admin/questions/iou/history"),
    "admin-diff": page("/admin/questions/iou/diff"),
    "admin-blame": page("/admin/questions/iou/blame"),
    "admin-questions-empty": page("/admin/questions?q=zzzzzz"),
}
