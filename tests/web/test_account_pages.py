"""One's own account: browsers, password, tokens for programs, everything as JSON, deletion; the ways to an account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from cast import PASSWORD, Cast, school
from fastapi.testclient import TestClient
from sqlalchemy import event, select

from app.accounts import api_tokens, links, people, service, signup
from app.accounts.models import Role
from app.accounts.signup import SignUp
from app.interop.learner_data import import_data

NEW = "another long password"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def cast(settings: Any, clock: Any) -> Iterator[Cast]:
    with school(settings, clock) as made:
        yield made


def token_of(client: TestClient, **form: str) -> str:
    page = client.post("/account/tokens", data={"name": "notebook", **form})
    assert page.status_code == 200
    found = re.search(r'value="(wst_[\w-]+)"', page.text)
    assert found
    return found[1]


def invitation(cast: Cast, role: Role = Role.learner, mode: SignUp = SignUp.invitation) -> str:
    with cast.services.db.write() as connection:
        people.set_sign_up(connection, None, mode, cast.services.clock())
        return f"/invite/{people.invite(connection, None, role, cast.services.clock())}"


def reset_link(cast: Cast, name: str) -> str:
    with cast.services.db.write() as connection:
        return f"/reset/{links.make_reset(connection, cast.ids[name], 'ada', cast.services.clock())}"


# --- browsers ---


def test_page_lists_one_s_browsers_and_says_which_this_is(cast: Cast) -> None:
    cast.browser("bob", FIREFOX)
    here = cast.browser("bob", "x" * 300)
    cast.browser("eve", "Eve/1.0")
    page = here.get("/account").text
    assert "Firefox, Linux" in page
    assert "x" * 200 in page
    assert "x" * 201 not in page
    assert "Eve/1.0" not in page
    assert page.count("this browser") == 1
    assert page.count('name="handle"') == 1, "this one is not signed out from here"


def test_what_a_browser_calls_itself_is_only_text(cast: Cast) -> None:
    page = cast.browser("bob", "<script>alert(1)</script>").get("/account").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_one_browser_or_all_others_are_signed_out(cast: Cast) -> None:
    one, two, here = (cast.browser("bob", FIREFOX) for _ in range(3))
    handle = re.search(r'name="handle" value="(\w+)"', here.get("/account").text)
    assert handle
    assert here.post("/account/browsers/end", data={"handle": handle[1]}).status_code == 303
    assert sorted([one.get("/").status_code, two.get("/").status_code]) == [200, 303]
    assert here.post("/account/browsers/end-others").status_code == 303
    assert [it.get("/").status_code for it in (one, two, here)] == [303, 303, 200]


def test_nobody_signs_another_s_browser_out(cast: Cast) -> None:
    bob, eve = cast.browser("bob"), cast.browser("eve")
    with cast.services.db.read() as connection:
        hashes = connection.execute(
            select(service.logins.c.token_hash).where(service.logins.c.account_id == cast.ids["bob"])
        )
        handle = hashes.scalar_one()[:16]
    eve.post("/account/browsers/end", data={"handle": handle})
    assert bob.get("/").status_code == 200


def test_looking_at_pages_writes_once_in_ten_minutes(cast: Cast, clock: Any) -> None:
    bob = cast.browser("bob")
    written: list[str] = []
    event.listen(cast.services.db.engine, "before_cursor_execute", lambda *it: written.append(it[2]))

    def noted() -> int:
        changes = [it for it in written if it.startswith("UPDATE login")]
        written.clear()
        return len(changes)

    clock.forward(minutes=9)
    bob.get("/browse")
    assert noted() == 0
    clock.forward(minutes=1)
    for _ in range(3):
        bob.get("/browse")
    assert noted() == 1
    assert "9:10:00" in bob.get("/account").text


def test_logging_in_again_takes_the_place_of_the_session_before(cast: Cast) -> None:
    bob = cast.browser("bob")
    bob.post("/login", data={"name": "bob", "password": PASSWORD})
    assert 'name="handle"' not in bob.get("/account").text


# --- password ---


def test_new_password_asks_for_the_old_one_and_signs_others_out(cast: Cast) -> None:
    other, here = cast.browser("bob"), cast.browser("bob")
    refused = here.post("/account/password", data={"old": "not it at all", "new": NEW})
    assert refused.status_code == 422
    assert "That is not your password." in refused.text
    short = here.post("/account/password", data={"old": PASSWORD, "new": "short"})
    assert short.status_code == 422
    assert "at least 10" in short.text
    assert other.get("/").status_code == 200, "nothing was changed"
    assert here.post("/account/password", data={"old": PASSWORD, "new": NEW}).status_code == 303
    assert here.get("/").status_code == 200
    assert other.get("/").status_code == 303
    cast.browser("bob", password=NEW)
    assert cast.browser().post("/login", data={"name": "bob", "password": PASSWORD}).status_code == 401


@pytest.mark.parametrize("path", ["/account/password", "/account/delete"])
def test_sixth_wrong_password_waits_on_every_page_that_asks_for_one(cast: Cast, path: str) -> None:
    bob = cast.browser("bob")
    form = {"old": "wrong", "new": NEW, "password": "wrong"}
    assert [bob.post(path, data=form).status_code for _ in range(6)] == [422] * 5 + [429]
    right = {"old": PASSWORD, "new": NEW, "password": PASSWORD}
    assert bob.post(path, data=right).status_code == 429
    assert cast.browser().post("/login", data={"name": "BOB", "password": PASSWORD}).status_code == 429


def test_local_person_sets_a_password_and_is_signed_in_with_it(client: TestClient) -> None:
    page = client.get("/account").text
    assert "There is none" in page
    assert 'name="old"' not in page
    assert client.post("/account/password", data={"new": PASSWORD}).status_code == 303
    assert client.get("/admin/people").status_code == 200
    client.cookies.clear()
    assert client.get("/").status_code == 303
    assert client.post("/login", data={"name": "local", "password": PASSWORD}).status_code == 303
    assert "Sign out" in client.get("/settings").text


# --- reset links ---


def test_reset_link_sets_the_password_once_and_signs_every_browser_out(cast: Cast) -> None:
    before, link = cast.browser("bob"), reset_link(cast, "bob")
    guest = cast.browser()
    assert "bob" in guest.get(link).text
    assert guest.post(link, data={"password": "short"}).status_code == 422
    assert before.get("/").status_code == 200
    assert guest.post(link, data={"password": NEW}).headers["location"] == "/"
    assert guest.get("/").status_code == 200
    assert before.get("/").status_code == 303
    assert cast.browser().post(link, data={"password": "one more password"}).status_code == 404
    assert cast.browser().get(link).status_code == 404
    cast.browser("bob", password=NEW)


def test_reset_link_is_too_old_after_a_day(cast: Cast, clock: Any) -> None:
    link = reset_link(cast, "bob")
    clock.forward(hours=24)
    assert cast.browser().get(link).status_code == 404
    assert cast.browser().post(link, data={"password": NEW}).status_code == 404


@pytest.mark.parametrize("path", ["/reset/", "/invite/"])
def test_too_many_wrong_links_wait(cast: Cast, path: str) -> None:
    guest = cast.browser()
    assert [guest.get(f"{path}{number}").status_code for number in range(21)] == [404] * 20 + [429]
    assert guest.get(reset_link(cast, "bob")).status_code == 200, "a right one passes"


# --- sign-up ---


def test_sign_up_is_closed_until_an_admin_opens_it(cast: Cast) -> None:
    guest = cast.browser()
    assert "You need an invitation" in guest.get("/signup").text
    assert "/signup" not in guest.get("/login").text
    assert guest.post("/signup", data={"name": "dan", "password": NEW}).status_code == 403
    cast.browser("ada").post("/admin/people/sign-up", data={"mode": "open"})
    assert "/signup" in guest.get("/login").text
    taken = guest.post("/signup", data={"name": " BOB ", "password": NEW})
    assert taken.status_code == 422
    assert "taken" in taken.text
    assert guest.post("/signup", data={"name": "dan", "password": NEW}).headers["location"] == "/"
    assert "learner" in guest.get("/account").text
    assert guest.get("/admin/people").status_code == 403


def test_sign_ups_from_one_address_are_counted(cast: Cast) -> None:
    guest = cast.browser()
    statuses = [guest.post("/signup", data={"name": "dan", "password": NEW}).status_code for _ in range(61)]
    assert statuses == [403] * 60 + [429]


def test_invitation_makes_one_account_of_its_role(cast: Cast, clock: Any) -> None:
    link = invitation(cast, Role.editor)
    guest = cast.browser()
    assert "as editor" in guest.get(link).text
    assert guest.post(link, data={"name": "bob", "password": NEW}).status_code == 422
    assert guest.post(link, data={"name": "dan", "password": NEW}).status_code == 303
    assert "editor" in guest.get("/account").text
    assert cast.browser().post(link, data={"name": "fay", "password": NEW}).status_code == 404
    old = invitation(cast)
    clock.forward(days=7)
    assert cast.browser().get(old).status_code == 404


# --- tokens ---


def test_token_speaks_for_its_owner_at_the_api_alone(cast: Cast) -> None:
    token = token_of(cast.browser("bob"))
    program = cast.browser()
    program.headers["authorization"] = f"Bearer {token}"
    assert program.get("/api/questions").status_code == 200
    assert program.post("/api/practice/sessions", json={"mode": "more", "limit": 1}).status_code == 201
    assert program.get("/browse").status_code == 303
    assert program.get("/account").status_code == 303


def test_token_is_shown_once_and_listed_by_name_and_use(cast: Cast, clock: Any) -> None:
    bob = cast.browser("bob")
    token = token_of(bob, days="30")
    page = bob.get("/account").text
    assert token not in page
    assert "notebook" in page
    assert "last used: never" in page
    clock.forward(minutes=5)
    cast.browser().get("/api/questions", headers={"authorization": f"bearer {token}"})
    assert "9:05" in bob.get("/account").text


def test_token_works_no_more_once_revoked_ended_or_its_owner_disabled(cast: Cast, clock: Any) -> None:
    bob = cast.browser("bob")
    revoked, ending, kept = token_of(bob), token_of(bob, days="30"), token_of(bob)

    def status(token: str) -> int:
        return cast.browser().get("/api/questions", headers={"authorization": f"Bearer {token}"}).status_code

    with cast.services.db.read() as connection:
        first = api_tokens.tokens(connection, cast.ids["bob"])[-1].id
    cast.browser("eve").post(f"/account/tokens/{first}/revoke")
    assert status(revoked) == 200, "nobody revokes another's"
    bob.post(f"/account/tokens/{first}/revoke")
    assert [status(it) for it in (revoked, ending, kept)] == [401, 200, 200]
    clock.forward(days=30)
    assert [status(it) for it in (ending, kept)] == [401, 200]
    cast.browser("ada").post(f"/admin/people/{cast.ids['bob']}/disable")
    assert status(kept) == 401


BAD = pytest.mark.parametrize("header", ["Bearer wst_wrong", "Bearer", "bearer ", "Bearer \x7f", "Bearer a b"])


@BAD
def test_bad_token_is_nobody_even_beside_an_admin_s_cookie(cast: Cast, header: str) -> None:
    assert_refused(cast.browser("ada"), header)


@BAD
def test_bad_token_is_nobody_even_from_the_local_person_s_machine(client: TestClient, header: str) -> None:
    assert client.get("/api/questions").status_code == 200
    assert_refused(client, header)


def assert_refused(browser: TestClient, header: str) -> None:
    refused = browser.get("/api/questions", headers={"authorization": header})
    assert refused.status_code == 401
    assert refused.headers["content-type"] == "application/problem+json"


def test_other_schemes_of_authorization_are_not_ours(cast: Cast) -> None:
    proxied = {"authorization": "Basic YWRhOmFkYQ=="}
    assert cast.browser("bob").get("/api/questions", headers=proxied).status_code == 200
    assert cast.browser().get("/api/questions", headers=proxied).status_code == 401


def test_too_many_bad_tokens_wait_and_a_good_one_passes(cast: Cast) -> None:
    token = token_of(cast.browser("bob"))
    bad = {"authorization": "Bearer wst_wrong"}
    guest = cast.browser()
    assert [guest.get("/api/questions", headers=bad).status_code for _ in range(21)] == [401] * 20 + [429]
    assert guest.get("/api/questions", headers={"authorization": f"Bearer {token}"}).status_code == 200


def test_program_with_a_token_is_no_other_site(cast: Cast) -> None:
    token = token_of(cast.browser("bob"))
    elsewhere = {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
    body = {"mode": "more", "limit": 1}
    guest, ada = cast.browser(), cast.browser("ada")
    with_token = elsewhere | {"authorization": f"Bearer {token}"}
    assert guest.post("/api/practice/sessions", json=body, headers=with_token).status_code == 201
    assert ada.post("/api/practice/sessions", json=body, headers=elsewhere).status_code == 403
    form = {"role": "admin"}
    path = f"/admin/people/{cast.ids['bob']}/role"
    assert ada.post(path, data=form, headers=with_token).status_code == 403, "the cookie counts there"


def test_refused_token_is_said_beside_its_field(cast: Cast) -> None:
    refused = cast.browser("bob").post("/account/tokens", data={"name": "  ", "days": "30"})
    assert refused.status_code == 422
    assert 'id="token_name-error"' in refused.text
    assert cast.browser("bob").post("/account/tokens", data={"name": "a", "days": "31"}).status_code == 422


# --- leaving ---


def test_export_is_one_s_own_and_can_be_taken_over(cast: Cast) -> None:
    bob = cast.browser("bob")
    bob.put("/code/iou/draft", content="# only bob's")
    export = bob.get("/account/export.json")
    assert "attachment" in export.headers["content-disposition"]
    assert export.headers["cache-control"] == "no-store"
    assert import_data(export.text).drafts[0].code == "# only bob's"
    assert "only bob's" not in cast.browser("eve").get("/account/export.json").text


def test_deletion_is_confirmed_by_the_password_and_is_whole(cast: Cast) -> None:
    other, bob = cast.browser("bob"), cast.browser("bob")
    token = token_of(bob)
    assert bob.post("/account/delete", data={"password": "wrong", "name": "bob"}).status_code == 422
    assert other.get("/").status_code == 200
    gone = bob.post("/account/delete", data={"password": PASSWORD})
    assert gone.status_code == 303
    assert [it.get("/").status_code for it in (bob, other)] == [303, 303]
    assert cast.browser().get("/api/questions", headers={"authorization": f"Bearer {token}"}).status_code == 401
    assert cast.browser().post("/login", data={"name": "bob", "password": PASSWORD}).status_code == 401
    assert "account.delete" in cast.browser("ada").get("/admin/audit").text


def test_last_admin_cannot_delete_themselves(cast: Cast) -> None:
    ada = cast.browser("ada")
    refused = ada.post("/account/delete", data={"password": PASSWORD})
    assert refused.status_code == 409
    assert "only admin" in refused.text
    assert ada.get("/").status_code == 200


def test_local_person_types_their_name_and_begins_anew(client: TestClient) -> None:
    client.put("/code/iou/draft", content="# mine")
    assert client.post("/account/delete", data={"name": "somebody"}).status_code == 422
    assert "mine" in client.get("/code/iou").text
    assert client.post("/account/delete", data={"name": "local"}).status_code == 303
    assert client.get("/").status_code == 200
    assert "mine" not in client.get("/code/iou").text.partition("<textarea")[2].partition("</textarea")[0]


def test_closed_account_pages_speak_chinese_too(cast: Cast) -> None:
    guest = cast.browser()
    guest.headers["accept-language"] = "zh"
    assert "在这里注册需要邀请" in guest.get("/signup").text
    assert "此链接已失效" in guest.get("/reset/nothing").text


# --- what is never told ---


def test_no_secret_is_in_a_log(cast: Cast, monkeypatch: Any, capsys: Any) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken on purpose")

    bob = cast.browser("bob")
    token, reset, invite = token_of(bob), reset_link(cast, "bob"), invitation(cast)
    secrets = [PASSWORD, NEW, token, reset.rpartition("/")[2], invite.rpartition("/")[2]]
    secrets += [bob.cookies["whetstone_login"], bob.cookies["whetstone_login"].partition(".")[0]]
    for module, name in ((links, "find"), (service, "own_hash"), (api_tokens, "holder"), (signup, "mode")):
        monkeypatch.setattr(module, name, broken)
    statuses = [
        bob.get(reset).status_code,
        bob.post(reset, data={"password": NEW}).status_code,
        bob.get(invite).status_code,
        bob.post(invite, data={"name": "dan", "password": NEW}).status_code,
        bob.post("/account/password", data={"old": PASSWORD, "new": NEW}).status_code,
        bob.post("/account/delete", data={"password": PASSWORD}).status_code,
        bob.post("/signup", data={"name": "dan", "password": NEW}).status_code,
        bob.get("/api/questions", headers={"authorization": f"Bearer {token}"}).status_code,
    ]
    assert statuses == [500] * len(statuses)
    logged = "".join(capsys.readouterr())
    assert logged.count("broken on purpose") >= len(statuses)
    assert "/reset/..." in logged
    assert [secret for secret in secrets if secret in logged] == []


@pytest.mark.parametrize("path", ["/account", "/account/delete", "/signup", "/reset/nothing", "/invite/nothing"])
def test_pages_carry_the_security_headers_and_are_not_kept(cast: Cast, path: str) -> None:
    headers = cast.browser("bob").get(path).headers
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
