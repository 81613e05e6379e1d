"""What an admin does about people, what stands in the audit log of it, and who sees neither."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from cast import NAMES, PASSWORD, Cast, school
from fastapi.testclient import TestClient

from app.accounts import audit
from app.accounts.models import Role


@pytest.fixture
def cast(settings: Any, clock: Any) -> Iterator[Cast]:
    with school(settings, clock) as made:
        yield made


def log(cast: Cast) -> list[tuple[str, str, str, dict[str, Any]]]:
    """What people did; the server writes down its own acts too, when it takes the bank over at its start."""
    with cast.services.db.read() as connection:
        found = audit.page(connection, before=None, most=50)
    return [(it.actor, it.action, it.subject, it.details) for it in reversed(found) if it.actor_id is not None]


def link_in(page: str) -> str:
    found = re.search(r'id="fresh-link"[^>]*value="http://testserver(/[^"]+)"', page, flags=re.DOTALL)
    assert found
    return found[1]


@pytest.mark.parametrize("name", [None, "bob", "eve"])
def test_people_and_the_log_are_for_admins_alone(cast: Cast, name: str | None) -> None:
    browser = cast.browser(name)
    bob = cast.ids["bob"]
    for path in ("/admin/people", f"/admin/people/{bob}", "/admin/audit"):
        assert browser.get(path).status_code == (303 if name is None else 403)
    forms = {
        "role": {"role": "admin"}, "disable": {}, "enable": {}, "reset-link": {},
        "../invitations": {"role": "admin"}, "../invitations/withdraw": {"handle": "0"}, "../sign-up": {"mode": "open"},
    }  # fmt: skip
    for step, form in forms.items():
        path = f"/admin/people/{bob}/{step}" if not step.startswith("..") else f"/admin/people/{step[3:]}"
        assert browser.post(path, data=form).status_code == (303 if name is None else 403), path
    assert log(cast) == []


def test_list_shows_everybody_with_role_and_when_they_were_last_here(cast: Cast, clock: Any) -> None:
    cast.browser("bob")
    clock.forward(hours=3)
    page = cast.browser("ada").get("/admin/people").text
    rows = re.findall(r"<tr>.*?</tr>", page.partition("<tbody>")[2].partition("</tbody>")[0], flags=re.DOTALL)
    assert [next(name for name in NAMES if f">{name}<" in row) for row in rows] == ["ada", "bob", "eve"]
    assert "12:00:00" in rows[0]
    assert "not signed in" in rows[2]
    assert "learner" in rows[1]
    found = cast.browser("ada").get("/admin/people?q=BO").text
    assert ">bob<" in found
    assert ">eve<" not in found


def test_role_is_changed_at_once_and_written_down(cast: Cast) -> None:
    ada, bob = cast.browser("ada"), cast.browser("bob")
    path = f"/admin/people/{cast.ids['bob']}"
    assert bob.get("/admin/people").status_code == 403
    assert ada.post(f"{path}/role", data={"role": "admin"}).headers["location"] == path
    assert bob.get("/admin/people").status_code == 200
    ada.post(f"{path}/role", data={"role": "admin"})
    assert ada.post(f"{path}/role", data={"role": "king"}).status_code == 422
    assert log(cast) == [("ada", "account.role", "bob", {"before": "learner", "after": "admin"})]


@pytest.mark.parametrize(("step", "form"), [("role", {"role": "editor"}), ("disable", {})])
def test_last_admin_can_neither_demote_nor_disable_themselves(cast: Cast, step: str, form: dict[str, str]) -> None:
    ada = cast.browser("ada")
    refused = ada.post(f"/admin/people/{cast.ids['ada']}/{step}", data=form)
    assert refused.status_code == 409
    assert "only admin" in refused.text
    assert ada.get("/admin/people").status_code == 200
    assert log(cast) == []


def test_disabled_person_is_out_at_once_and_enabled_again_with_everything(cast: Cast) -> None:
    ada, bob = cast.browser("ada"), cast.browser("bob")
    bob.put("/code/iou/draft", content="# kept")
    path = f"/admin/people/{cast.ids['bob']}"
    assert ada.post(f"{path}/disable").status_code == 303
    assert bob.get("/").status_code == 303
    assert cast.browser().post("/login", data={"name": "bob", "password": PASSWORD}).status_code == 401
    page = ada.get(path).text
    assert "disabled" in page
    assert "Make a reset link" not in page
    assert ada.post(f"{path}/reset-link").status_code == 409
    assert ada.post(f"{path}/enable").status_code == 303
    assert "# kept" in cast.browser("bob").get("/code/iou").text
    assert [action for _, action, *_ in log(cast)] == ["account.disable", "account.enable"]


def test_reset_link_is_shown_once_and_used_by_whose_it_is(cast: Cast) -> None:
    ada = cast.browser("ada")
    path = f"/admin/people/{cast.ids['bob']}"
    link = link_in(ada.post(f"{path}/reset-link").text)
    assert link not in ada.get(path).text
    assert cast.browser().post(link, data={"password": "another long password"}).status_code == 303
    written = log(cast)
    assert written == [
        ("ada", "account.reset-link", "bob", {}),
        ("bob", "account.reset", "bob", {"link_by": "ada"}),
    ]
    assert link.rpartition("/")[2] not in str(written)


def test_invitations_are_made_listed_used_and_taken_back(cast: Cast) -> None:
    ada = cast.browser("ada")
    assert ada.post("/admin/people/invitations", data={"role": "editor"}).status_code == 409, "sign-up is closed"
    ada.post("/admin/people/sign-up", data={"mode": "invitation"})
    used = link_in(ada.post("/admin/people/invitations", data={"role": "editor"}).text)
    made = ada.post("/admin/people/invitations", data={"role": "learner"}).text
    taken_back = link_in(made)
    handles = re.findall(r'name="handle" value="(\w+)"', made)
    assert len(handles) == 2
    assert cast.browser().post(used, data={"name": "dan", "password": PASSWORD}).status_code == 303
    page = ada.get("/admin/people").text
    assert used not in page
    (handle,) = re.findall(r'name="handle" value="(\w+)"', page)
    ada.post("/admin/people/invitations/withdraw", data={"handle": handle})
    assert cast.browser().get(taken_back).status_code == 404
    assert log(cast) == [
        ("ada", "site.signup", "", {"before": "closed", "after": "invitation"}),
        ("ada", "invitation.make", "", {"role": "editor"}),
        ("ada", "invitation.make", "", {"role": "learner"}),
        ("dan", "account.signup", "dan", {"role": "editor", "invited_by": "ada"}),
        ("ada", "invitation.withdraw", "", {"role": "learner"}),
    ]


def test_local_person_sets_a_password_before_others_may_come(client: TestClient) -> None:
    refused = client.post("/admin/people/sign-up", data={"mode": "open"})
    assert refused.status_code == 409
    assert "Set a password" in refused.text
    client.post("/account/password", data={"new": PASSWORD})
    assert client.post("/admin/people/sign-up", data={"mode": "open"}).status_code == 303


@pytest.mark.parametrize("account", ["0", "99999", "9" * 30, "x"])
def test_person_who_is_not_there_is_not_found(cast: Cast, account: str) -> None:
    ada = cast.browser("ada")
    assert ada.get(f"/admin/people/{account}").status_code == 404
    assert ada.post(f"/admin/people/{account}/disable").status_code == 404


def test_name_of_a_person_is_only_text(cast: Cast, clock: Any) -> None:
    ada = cast.browser("ada")
    ada.post("/admin/people/sign-up", data={"mode": "open"})
    name = "<img src=x onerror=alert(1)>"
    assert cast.browser().post("/signup", data={"name": name, "password": PASSWORD}).status_code == 303
    for path in ("/admin/people", "/admin/audit"):
        page = ada.get(path).text
        assert "<img" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;" in page


def test_audit_line_of_many_questions_shows_their_number_and_folds_their_names(cast: Cast, clock: Any) -> None:
    ada, names = cast.browser("ada"), [f"fresh-{number}" for number in range(50)]
    with cast.services.db.write() as connection:
        audit.record(connection, None, clock(), "bank.pull", "", count=80, questions=names)
    line = ada.get("/admin/audit?action=bank.pull").text.partition("people-log")[2]
    assert "count: 80" in line
    shown, _, folded = line.partition("<details>")
    assert '<summary>questions: <span class="num">50</span></summary>' in folded
    assert ", ".join(names) in folded
    assert "fresh-1" not in shown


def test_audit_page_filters_and_leads_on_to_older_lines(cast: Cast, clock: Any) -> None:
    with cast.services.db.write() as connection:
        for number in range(120):
            audit.record(connection, None, clock(), "question.publish", f"q-{number}", note="<b>why</b>")
    ada = cast.browser("ada")
    page = ada.get("/admin/audit").text
    assert page.count("<code>question.publish</code>") == 50
    assert page.index("q-119<") < page.index("q-70<")
    assert "&lt;b&gt;why&lt;/b&gt;" in page
    assert "the server" in page
    seen = []
    path: str | None = "/admin/audit?subject=q-"
    while path:
        page = ada.get(path).text
        seen += re.findall(r"</code> (q-\d+)<", page)
        older = re.search(r'href="(/admin/audit\?[^"]+)"', page)
        path = older[1].replace("&amp;", "&") if older else None
    assert seen == [f"q-{number}" for number in range(119, -1, -1)]
    assert "Nothing of the kind" in ada.get("/admin/audit?actor=nobody").text
    assert ada.get("/admin/audit?before=0").status_code == 422


def test_long_detail_is_folded_and_there(cast: Cast, clock: Any) -> None:
    with cast.services.db.write() as connection:
        audit.record(connection, None, clock(), "question.publish", note="iou of boxes, " * 20)
    page = cast.browser("ada").get("/admin/audit").text
    folded = re.search(r"<details>.*?<summary>note</summary>(.*?)</details>", page, flags=re.DOTALL)
    assert folded
    assert folded[1].count("iou of boxes") == 20


def test_audit_log_takes_no_writing_request(cast: Cast) -> None:
    ada = cast.browser("ada")
    assert {ada.request(method, "/admin/audit").status_code for method in ("POST", "PUT", "PATCH", "DELETE")} == {405}


def test_pages_of_people_carry_the_guard_and_the_headers(cast: Cast) -> None:
    ada = cast.browser("ada")
    path = f"/admin/people/{cast.ids['bob']}/role"
    foreign = {"sec-fetch-site": "cross-site"}
    assert ada.post(path, data={"role": Role.admin.value}, headers=foreign).status_code == 403
    assert "unsafe-inline" not in ada.get("/admin/people").headers["content-security-policy"]
    assert log(cast) == []
