"""Reports and notices: a learner tells what is wrong, an editor answers, the learner reads it on the home page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, select

from app.accounts import logins, notices, service
from app.accounts.audit import events
from app.accounts.models import Role
from app.authoring.reports import MOST_AN_HOUR, reports
from app.bank.catalog import Bank, Entry
from app.db import Database
from app.main import create_app
from app.practice.frozen import frozen
from app.settings import Settings

PASSWORD = "correct horse battery"
QUESTION = "nms-true-statements"
OTHER_VERSION = "0" * 32
HOSTILE = "<script>alert(1)</script>"


@dataclass
class Cast:
    """A server on a network, and a browser for each of: stranger, learner, another learner, editor, admin."""

    browsers: dict[str, TestClient]
    database: Database

    def __getitem__(self, name: str) -> TestClient:
        return self.browsers[name]

    def id_of(self, name: str) -> int:
        with self.database.read() as connection:
            return service.id_of(connection, name)

    def tell(self, name: str, kind: str, now: Any, **params: object) -> None:
        with self.database.write() as connection:
            notices.tell(connection, service.id_of(connection, name), kind, QUESTION, now, **params)

    def rows(self, table: Any) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(select(table).order_by(*table.primary_key)).mappings())


ROLES = {"learner": Role.learner, "colleague": Role.learner, "editor": Role.editor, "admin": Role.admin}


@pytest.fixture
def cast(settings: Settings, clock: Any) -> Iterator[Cast]:
    database = Database(settings.database_url)
    database.migrate()
    tokens = {}
    with database.write() as connection:
        for name, role in ROLES.items():
            tokens[name] = logins.log_in(connection, service.add(connection, name, PASSWORD, role, clock()), clock())
    app = create_app(replace(settings, host="0.0.0.0"), clock, lambda: clock.at.timestamp())
    with TestClient(app, follow_redirects=False) as stranger:
        browsers = {"stranger": stranger}
        for name, token in tokens.items():
            cookie = app.state.services.signer.sign(token).decode()
            browsers[name] = TestClient(app, follow_redirects=False, cookies={"whetstone_login": cookie})
        yield Cast(browsers, database)
    database.close()


def bank_of(client: TestClient) -> Bank:
    bank: Bank = client.app.state.services.bank  # type: ignore[attr-defined]  # the app is a FastAPI
    return bank


def entry_of(client: TestClient) -> Entry:
    return bank_of(client).questions[QUESTION]


def said(text: str = "B is right, too.", **more: str) -> dict[str, str]:
    return {"about": "key", "text": text, "seed": "7", "lang": "en", "hash": "", "back": "/practice/3"} | more


def send(client: TestClient, **more: str) -> Any:
    return client.post(f"/q/{QUESTION}/report", data=said(**more))


def sent(cast: Cast, **more: str) -> int:
    """A report of the learner's; its id."""
    assert send(cast["learner"], **more).status_code == 303
    return int(cast.rows(reports)[-1]["id"])


def closed(cast: Cast, report_id: int, outcome: str = "mended", reply: str = "B was marked wrong.") -> Any:
    return cast["editor"].post(f"/admin/reports/{report_id}/close", data={"outcome": outcome, "reply": reply})


def audited(cast: Cast) -> list[Any]:
    """What the audit log tells of reports."""
    return [row for row in cast.rows(events) if row["action"].startswith("report.")]


def answered_card(client: TestClient) -> str:
    """The address of a practice session whose card is answered."""
    session = str(client.post("/practice", data={"kind": "flashcard", "limit": "1"}).headers["location"])
    card = client.get(f"/api/practice/sessions/{session.rpartition('/')[2]}/next").json()
    data = {"card_id": card["card_id"], "seed": card["seed"], "shown_ms": "1"}
    assert client.post(f"{session}/answer", data=data).status_code == 303
    return session


def test_report_keeps_version_seed_and_language(cast: Cast) -> None:
    entry = entry_of(cast["stranger"])
    response = send(cast["learner"], hash=entry.hash, lang="zh", text="  第二项\r\n也对。 ")
    assert response.headers["location"] == f"/q/{QUESTION}/report/sent?back=%2Fpractice%2F3"
    row = cast.rows(reports)[0]
    assert (row["question_id"], row["question_hash"], row["seed"]) == (QUESTION, entry.hash, 7)
    assert (row["lang"], row["about"], row["text"]) == ("zh", "key", "第二项\n也对。")
    assert row["account_id"] == cast.id_of("learner")
    assert 'href="/practice/3"' in cast["learner"].get(response.headers["location"]).text


def test_reported_version_is_kept_whatever_becomes_of_it(cast: Cast) -> None:
    sent(cast)
    assert [row["hash"] for row in cast.rows(frozen)] == [entry_of(cast["stranger"]).hash]


def test_report_stands_under_an_answered_card_and_not_before(cast: Cast) -> None:
    learner = cast["learner"]
    session = str(learner.post("/practice", data={"kind": "flashcard", "limit": "1"}).headers["location"])
    assert "Report a problem" not in learner.get(session).text
    assert "Report a problem" in learner.get(answered_card(learner)).text


@pytest.mark.parametrize("path", [f"/q/{QUESTION}", "/code/iou", f"/q/{QUESTION}/report?seed=9&hash={'ab' * 16}"])
def test_question_s_pages_offer_the_report(cast: Cast, path: str) -> None:
    page = cast["learner"].get(path).text
    assert 'class="report-form"' in page
    if "hash=" in path:
        assert f'name="hash" value="{"ab" * 16}"' in page
        assert 'name="seed" value="9"' in page


def test_question_page_reports_the_seed_that_is_shown(cast: Cast) -> None:
    page = cast["learner"].get(f"/q/{QUESTION}").text
    shown = re.search(r'data-seed="(\d+)"', page)
    assert shown
    assert page.count(f'name="seed" value="{shown[1]}"') == 2  # the answer's form and the report's


def test_interview_offers_reports_only_once_it_is_over(cast: Cast) -> None:
    learner = cast["learner"]
    counts = {"quick_count": "2", "open_count": "0", "code_count": "0", "seed": "7", "pauses": "1"}
    minutes = {"quick_minutes": "20", "open_minutes": "20", "code_minutes": "20"}
    place = learner.post("/interviews/own", data=counts | minutes).headers["location"]
    question = learner.get(f"{place}/1")
    assert question.status_code == 200
    assert "Report a problem" not in question.text
    learner.post(f"{place}/hand-in")
    page = learner.get(f"{place}/report").text
    assert page.count('class="report-form"') == 2
    assert f'name="back" value="{place}/report#q1"' in page


@pytest.mark.parametrize(
    ("more", "status", "complaint"),
    [
        ({"text": "   "}, 422, "in a few words"),
        ({"text": "x" * 2001}, 422, "At most 2,000 characters"),
        ({"about": "everything"}, 422, "what it is about"),
    ],
)
def test_refused_report_keeps_what_was_typed(cast: Cast, more: dict[str, str], status: int, complaint: str) -> None:
    response = send(cast["learner"], **more)
    assert response.status_code == status
    assert complaint in response.text
    assert f">{said(**more)['text']}</textarea>" in response.text
    assert 'name="back" value="/practice/3"' in response.text
    assert cast.rows(reports) == []


def test_fragment_comes_back_open_with_its_complaint_and_goes_when_sent(cast: Cast) -> None:
    htmx = {"hx-request": "true"}
    refused = cast["learner"].post(f"/q/{QUESTION}/report", data=said(""), headers=htmx)
    assert refused.status_code == 422
    assert refused.text.lstrip().startswith('<details class="report" open>')
    done = cast["learner"].post(f"/q/{QUESTION}/report", data=said(), headers=htmx)
    assert done.status_code == 200
    assert "Thank you" in done.text
    assert "<form" not in done.text


def test_twenty_first_report_within_an_hour_waits_and_keeps_its_text(cast: Cast, clock: Any) -> None:
    for _ in range(MOST_AN_HOUR):
        sent(cast)
    refused = send(cast["learner"], text="The twenty-first.")
    assert refused.status_code == 429
    assert "The twenty-first." in refused.text
    assert send(cast["colleague"]).status_code == 303
    clock.forward(hours=1, seconds=1)
    assert send(cast["learner"]).status_code == 303


def test_report_never_leads_to_another_site(cast: Cast) -> None:
    location = send(cast["learner"], back="//evil.example").headers["location"]
    assert location.endswith("?back=%2F")
    page = cast["learner"].get(f"/q/{QUESTION}/report?back=//evil.example").text
    assert 'name="back" value="/"' in page
    assert 'href="//evil' not in page


def test_unknown_question_takes_no_report(cast: Cast) -> None:
    assert cast["learner"].get("/q/no-such-question/report").status_code == 404
    assert cast["learner"].post("/q/no-such-question/report", data=said()).status_code == 404


def test_program_reports_by_json(cast: Cast) -> None:
    body = {"question_id": QUESTION, "about": "typo", "text": "teh", "seed": 3}
    response = cast["learner"].post("/api/reports", json=body)
    assert response.status_code == 201
    row = cast.rows(reports)[0]
    assert (response.json(), row["about"], row["question_hash"]) == (
        {"id": row["id"]}, "typo", entry_of(cast["stranger"]).hash,
    )  # fmt: skip
    assert cast["learner"].post("/api/reports", json=body | {"about": "x"}).status_code == 422
    assert cast["learner"].post("/api/reports", json=body | {"hash": "x"}).status_code == 422
    assert cast["stranger"].post("/api/reports", json=body).status_code == 401


def test_inbox_lists_newest_first_and_filters(cast: Cast, clock: Any) -> None:
    first = sent(cast, text="An old one.", about="typo")
    clock.forward(minutes=1)
    sent(cast, text="A new one.")
    page = cast["editor"].get("/admin/reports").text
    assert page.index("A new one.") < page.index("An old one.")
    assert "<td>2</td>" in page  # both are of one question
    closed(cast, first)
    assert "An old one." not in cast["editor"].get("/admin/reports").text
    assert "A new one." not in cast["editor"].get("/admin/reports?state=closed").text
    assert "A new one." not in cast["editor"].get("/admin/reports?about=typo").text
    topic = entry_of(cast["stranger"]).topic.id
    assert "A new one." in cast["editor"].get(f"/admin/reports?topic={topic}&about=key").text
    assert "A new one." not in cast["editor"].get("/admin/reports?topic=iou").text
    assert "A new one." in cast["editor"].get(f"/admin/reports?question={QUESTION}").text
    assert "A new one." in cast["editor"].get("/admin/reports?page=99").text


def test_editor_sees_the_question_as_the_learner_saw_it(cast: Cast) -> None:
    numeric = next(it for it in bank_of(cast["stranger"]).published if it.question.kind == "numeric")
    name = numeric.question.id
    assert cast["learner"].post(f"/q/{name}/report", data=said(lang="zh")).status_code == 303
    page = cast["editor"].get(f"/admin/reports/{cast.rows(reports)[0]['id']}").text
    assert f"/admin/questions/{name}/edit?report=" in page
    assert '<div class="inbox-seen" lang="zh-Hans">' in page
    shown = cast["learner"].get(f"/api/questions/{name}?seed=7", headers={"accept-language": "zh"}).json()
    assert shown["prompt_html"] in page


def test_version_that_was_kept_is_shown_after_an_edit(cast: Cast) -> None:
    report_id = sent(cast)
    with cast.database.write() as connection:  # as though the bank had moved on: only the kept copy has this hash
        body = dict(cast.rows(frozen)[0]["body"])
        body["prompt"] = {"en": "As it read before", "zh": "旧的写法"}
        connection.execute(frozen.insert().values(hash=OTHER_VERSION, body=body))
        connection.execute(reports.update().values(question_hash=OTHER_VERSION))
    page = cast["editor"].get(f"/admin/reports/{report_id}").text
    assert "As it read before" in page
    assert "changed since" in page


def test_version_that_was_not_kept_is_said_plainly(cast: Cast) -> None:
    report_id = sent(cast, hash=OTHER_VERSION)
    assert "was not kept" in cast["editor"].get(f"/admin/reports/{report_id}").text


def test_kept_version_of_another_question_is_not_shown(cast: Cast) -> None:
    """The hash is the learner's word."""
    other = bank_of(cast["stranger"]).questions["iou"]
    assert cast["learner"].post("/q/iou/report", data=said()).status_code == 303
    sent(cast, hash=other.hash)
    page = cast["editor"].get(f"/admin/reports/{cast.rows(reports)[-1]['id']}").text
    assert "was not kept" in page


@pytest.mark.parametrize(
    ("outcome", "told"), [("mended", "it was mended"), ("not-a-fault", "no fault"), ("duplicate", "known already")]
)
def test_closing_answers_the_learner_on_the_home_page(cast: Cast, outcome: str, told: str) -> None:
    report_id = sent(cast)
    assert closed(cast, report_id, outcome).headers["location"] == f"/admin/reports/{report_id}"
    home = cast["learner"].get("/").text
    assert told in home
    assert "B was marked wrong." in home
    assert f'href="/q/{QUESTION}"' in home
    assert told not in cast["colleague"].get("/").text
    params = cast.rows(notices.notices)[0]["params"]
    assert params == {"about": "key", "outcome": outcome, "reply": "B was marked wrong.", "report_id": report_id}


def test_notice_goes_once_it_is_seen_and_stays_on_its_page(cast: Cast) -> None:
    closed(cast, sent(cast))
    learner = cast["learner"]
    notice_id = cast.rows(notices.notices)[0]["id"]
    assert cast["colleague"].post(f"/notices/{notice_id}/seen").status_code == 404
    assert learner.post(f"/notices/{notice_id}/seen", data={"back": "/"}).headers["location"] == "/"
    assert "it was mended" not in learner.get("/").text
    assert "it was mended" in learner.get("/notices").text
    assert "it was mended" not in cast["colleague"].get("/notices").text


def test_all_notices_are_put_away_but_those_that_came_since(cast: Cast, clock: Any) -> None:
    for day in (1, 2, 3):
        cast.tell("learner", "regraded", clock(), was_correct=False, is_correct=True, answered_at=f"2026-01-0{day}")
    newest = cast.rows(notices.notices)[1]["id"]
    back = {"up_to": str(newest), "back": "https://evil.example/"}
    assert cast["learner"].post("/notices/seen", data=back).headers["location"] == "/"
    assert [row["seen_at"] is None for row in cast.rows(notices.notices)] == [False, False, True]


@pytest.mark.parametrize(
    ("was", "now", "interview", "en", "zh"),
    [
        (False, True, None, "Your answer of November 12, 2026 now counts as right.", "你 2026年11月12日的作答现在算对"),
        (True, False, 4, "Your answer in the mock interview of November 12, 2026 now counts as wrong.", "现在算错"),
        (True, True, None, "still counts as right", "仍然算对"),
        (None, True, None, "was scored anew", "已重新评分"),
    ],
)
def test_regraded_answer_is_told_in_both_languages(
    cast: Cast, clock: Any, was: Any, now: Any, interview: int | None, en: str, zh: str
) -> None:
    params = {"was_correct": was, "is_correct": now, "answered_at": "2026-11-12T09:00:00+00:00"}
    cast.tell("learner", "regraded", clock(), interview_id=interview, **params)
    assert en in cast["learner"].get("/", headers={"accept-language": "en"}).text
    assert zh in cast["learner"].get("/", headers={"accept-language": "zh"}).text


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("from-a-later-version", {}),
        ("regraded", {}),
        ("regraded", {"answered_at": "yesterday", "was_correct": "no", "is_correct": 7}),
        ("report-answered", {"outcome": ["odd"], "reply": 3}),
    ],
)
def test_notice_that_is_not_understood_breaks_no_page(
    cast: Cast, clock: Any, kind: str, params: dict[str, object]
) -> None:
    cast.tell("learner", kind, clock(), **params)
    assert cast["learner"].get("/").text.count('class="told-one') == 1
    assert cast["learner"].get("/notices").text.count('class="told-one') == 1


def test_home_lists_three_notices_and_counts_the_rest(cast: Cast, clock: Any) -> None:
    for _ in range(5):
        cast.tell("learner", "regraded", clock())
    home = cast["learner"].get("/").text
    assert home.count('class="told-one') == 3
    assert "2 more notices" in home


def test_refused_closing_keeps_the_reply(cast: Cast) -> None:
    report_id = sent(cast)
    refused = closed(cast, report_id, "", "A long reply.")
    assert refused.status_code == 422
    assert "A long reply.</textarea>" in refused.text
    silent = closed(cast, report_id, "not-a-fault", " ")
    assert "Say why it is no fault" in silent.text
    assert 'value="not-a-fault" required checked' in silent.text
    assert cast.rows(notices.notices) == []


def test_second_editor_is_told_that_the_report_was_closed(cast: Cast) -> None:
    report_id = sent(cast)
    closed(cast, report_id)
    late = cast["admin"].post(f"/admin/reports/{report_id}/close", data={"outcome": "duplicate", "reply": ""})
    assert late.status_code == 409
    assert "editor closed this report meanwhile." in late.text
    assert len(cast.rows(notices.notices)) == 1


def test_reopened_report_can_be_closed_again_and_all_is_audited(cast: Cast) -> None:
    report_id = sent(cast)
    closed(cast, report_id)
    reopened = cast["admin"].post(f"/admin/reports/{report_id}/reopen")
    assert reopened.status_code == 303
    assert cast["admin"].post(f"/admin/reports/{report_id}/reopen").status_code == 409
    assert "B was marked wrong.</textarea>" in cast["editor"].get(f"/admin/reports/{report_id}").text
    assert closed(cast, report_id).status_code == 303
    logged = [(row["actor"], row["action"], row["subject"], row["details"]) for row in audited(cast)]
    done = {"report": report_id, "outcome": "mended"}
    assert logged == [
        ("editor", "report.close", QUESTION, done),
        ("admin", "report.reopen", QUESTION, {"report": report_id}),
        ("editor", "report.close", QUESTION, done),
    ]


def test_report_of_a_deleted_account_can_be_closed(cast: Cast) -> None:
    report_id = sent(cast)
    with cast.database.write() as connection:
        connection.execute(delete(service.accounts).where(service.accounts.c.name == "learner"))
    assert "an account that is gone" in cast["editor"].get(f"/admin/reports/{report_id}").text
    assert closed(cast, report_id).status_code == 303
    assert cast.rows(notices.notices) == []


def test_what_a_learner_or_editor_writes_is_escaped_everywhere(cast: Cast) -> None:
    report_id = sent(cast, text=HOSTILE)
    closed(cast, report_id, reply=HOSTILE)
    pages = [cast["editor"].get(path).text for path in ("/admin/reports?state=closed", f"/admin/reports/{report_id}")]
    pages += [cast["learner"].get(path).text for path in ("/", "/notices")]
    for page in pages:
        assert HOSTILE not in page
        assert "&lt;script&gt;alert(1)" in page


ANYBODY = [
    ("get", f"/q/{QUESTION}/report"),
    ("post", f"/q/{QUESTION}/report"),
    ("get", f"/q/{QUESTION}/report/sent"),
    ("get", "/notices"),
    ("post", "/notices/seen"),
    ("post", "/notices/1/seen"),
]
KEEPERS = [
    ("get", "/admin/reports"),
    ("get", "/admin/reports/1"),
    ("post", "/admin/reports/1/close"),
    ("post", "/admin/reports/1/reopen"),
]


def ask(client: TestClient, method: str, path: str) -> int:
    data = said() | {"up_to": "0", "outcome": "mended", "reply": ""} if method == "post" else None
    return client.request(method, path, data=data).status_code


@pytest.mark.parametrize(("method", "path"), ANYBODY)
def test_pages_of_learners_are_for_whoever_has_an_account(cast: Cast, method: str, path: str) -> None:
    response = cast["stranger"].request(method, path, data=said() | {"up_to": "0"} if method == "post" else None)
    assert response.headers["location"].startswith("/login")
    for name in ROLES:
        cast.tell(name, "regraded", cast.rows(service.accounts)[0]["created_at"])
    assert ask(cast["learner"], method, path) in {200, 303}
    assert ask(cast["editor"], method, path.replace("1", "3")) in {200, 303}
    assert ask(cast["admin"], method, path.replace("1", "4")) in {200, 303}


@pytest.mark.parametrize(("method", "path"), KEEPERS)
def test_inbox_is_for_editors_and_admins(cast: Cast, method: str, path: str) -> None:
    sent(cast)
    assert cast["stranger"].request(method, path).headers["location"].startswith("/login")
    assert ask(cast["learner"], method, path) == 403
    assert audited(cast) == []
    for name in ("editor", "admin"):
        status = ask(cast[name], method, path)
        assert status in ({200} if method == "get" else {303, 409})
    assert cast["editor"].get("/admin/reports/99").status_code == 404
    assert ask(cast["editor"], "post", "/admin/reports/99/close") == 404
