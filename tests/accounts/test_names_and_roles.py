"""Names, the last admin, links and tokens, without a server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from databases import new_database
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import api_tokens, audit, links, logins, people, service, signup
from app.accounts.models import LinkPurpose, Role
from app.accounts.signup import SignUp
from app.db import Database
from app.errors import Conflict, Forbidden, Invalid, NotFound

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    database = Database(new_database(tmp_path))
    database.migrate()
    with database.write() as made:
        yield made
    database.close()


def add(connection: Connection, name: str, role: Role = Role.learner) -> int:
    return service.add_hashed(connection, name, f"hash of {name}", role, NOW)


@pytest.mark.parametrize(
    "name",
    ["", "   ", "x" * 81, "a\x00b", "a\u200bb", "\u202eadmin", "\ud800", "LOCAL", "server"],
)
def test_name_that_hides_something_or_is_reserved_is_refused(connection: Connection, name: str) -> None:
    with pytest.raises(Invalid):
        add(connection, name)


@pytest.mark.parametrize("same", ["ünal yıldız", "  ÜNAL   yıldız ", "Ｕ̈nal Yıldız"])
def test_one_name_however_it_is_typed(connection: Connection, same: str) -> None:
    made = add(connection, "Ünal Yıldız")
    assert service.id_of(connection, same) == made
    assert service.stored_hash(connection, same) == (made, "hash of Ünal Yıldız")
    with pytest.raises(Invalid, match="taken"):
        add(connection, same)


def test_name_is_kept_in_its_plain_form(connection: Connection) -> None:
    made = add(connection, "  Ａda \t Lovelace ")
    assert service.learner(connection, made).name == "Ada Lovelace"


def test_last_admin_stays_whatever_is_tried(connection: Connection) -> None:
    ada, bob = add(connection, "ada", Role.admin), add(connection, "bob")
    me = service.learner(connection, ada)
    for attempt in (
        lambda: people.set_role(connection, me, ada, Role.editor, NOW),
        lambda: people.disable(connection, me, ada, NOW),
        lambda: signup.leave(connection, me, NOW),
    ):
        with pytest.raises(Conflict):
            attempt()
    people.set_role(connection, me, bob, Role.admin, NOW)
    people.disable(connection, me, bob, NOW)
    with pytest.raises(Conflict):  # one who can't come in is none
        people.set_role(connection, me, ada, Role.learner, NOW)
    people.enable(connection, me, bob, NOW)
    people.set_role(connection, me, ada, Role.learner, NOW)
    assert service.has_admin(connection)


def test_admin_without_a_password_is_no_other_admin(connection: Connection) -> None:
    service.make_local(connection, NOW)
    ada = add(connection, "ada", Role.admin)
    with pytest.raises(Conflict):
        service.set_role(connection, ada, Role.learner)


def test_local_person_who_leaves_begins_anew(connection: Connection) -> None:
    service.make_local(connection, NOW)
    me = service.local_learner(connection)
    assert me is not None
    service.save_settings(connection, me.id, zone="Asia/Shanghai")
    signup.leave(connection, me, NOW)
    again = service.local_learner(connection)
    assert again is not None
    assert (again.role, again.zone) == (Role.admin, None)


def test_disabled_account_opens_with_nothing(connection: Connection) -> None:
    add(connection, "ada", Role.admin)
    bob = add(connection, "bob")
    key = logins.log_in(connection, bob, NOW)
    token = api_tokens.make(connection, bob, "notebook", None, NOW)
    link = links.make_reset(connection, bob, "ada", NOW)
    people.disable(connection, None, bob, NOW)
    assert logins.holder(connection, key, NOW) is None
    assert api_tokens.holder(connection, token, NOW) is None
    assert service.stored_hash(connection, "bob") is None
    with pytest.raises(NotFound):
        links.find(connection, LinkPurpose.reset, link, NOW)
    people.enable(connection, None, bob, NOW)
    assert service.stored_hash(connection, "bob") is not None
    assert logins.holder(connection, key, NOW) is None, "its browsers log in anew"
    assert api_tokens.holder(connection, token, NOW) is not None


def test_link_is_good_once_and_for_its_time_only(connection: Connection) -> None:
    for purpose, key in (
        (LinkPurpose.invitation, links.invite(connection, Role.editor, "ada", NOW)),
        (LinkPurpose.reset, links.make_reset(connection, add(connection, "bob"), "ada", NOW)),
    ):
        life = links.VALID_FOR[purpose]
        assert links.find(connection, purpose, key, NOW + life - timedelta(seconds=1)).made_by == "ada"
        for wrong in (
            lambda p=purpose, k=key, d=life: links.find(connection, p, k, NOW + d),
            lambda p=purpose, k=key: links.find(connection, p, k + "x", NOW),
            lambda p=purpose, k=key: links.find(connection, next(o for o in LinkPurpose if o != p), k, NOW),
        ):
            with pytest.raises(NotFound):
                wrong()
        links.use(connection, purpose, key, NOW)
        with pytest.raises(NotFound):
            links.use(connection, purpose, key, NOW)


def test_new_reset_link_ends_the_one_before(connection: Connection) -> None:
    bob = add(connection, "bob")
    first = links.make_reset(connection, bob, "ada", NOW)
    links.make_reset(connection, bob, "ada", NOW)
    with pytest.raises(NotFound):
        links.find(connection, LinkPurpose.reset, first, NOW)


def test_closed_sign_up_holds_for_invitations_made_before(connection: Connection) -> None:
    add(connection, "ada", Role.admin)
    with pytest.raises(Conflict):
        people.invite(connection, None, Role.learner, NOW)
    people.set_sign_up(connection, None, SignUp.invitation, NOW)
    key = people.invite(connection, None, Role.editor, NOW)
    with pytest.raises(Forbidden):
        signup.sign_up(connection, "bob", "hash", NOW)
    people.set_sign_up(connection, None, SignUp.closed, NOW)
    with pytest.raises(Forbidden):
        signup.accept(connection, key, "bob", "hash", NOW)
    people.set_sign_up(connection, None, SignUp.open, NOW)
    bob = signup.accept(connection, key, "bob", "hash", NOW)
    assert service.learner(connection, bob).role is Role.editor
    eve = signup.sign_up(connection, "eve", "hash", NOW)
    assert service.learner(connection, eve).role is Role.learner


def test_sign_up_is_not_opened_while_it_would_lock_the_local_person_out(connection: Connection) -> None:
    service.make_local(connection, NOW)
    with pytest.raises(Conflict, match="signs in"):
        people.set_sign_up(connection, service.local_learner(connection), SignUp.open, NOW)
    assert signup.mode(connection) is SignUp.closed


def test_token_ends_on_its_day_and_is_counted(connection: Connection) -> None:
    ada = add(connection, "ada")
    token = api_tokens.make(connection, ada, "notebook", 30, NOW)
    assert token.startswith("wst_")
    assert api_tokens.holder(connection, token, NOW + timedelta(days=30, seconds=-1)) is not None
    assert api_tokens.holder(connection, token, NOW + timedelta(days=30)) is None
    for number in range(api_tokens.MAX_TOKENS - 1):
        api_tokens.make(connection, ada, f"t{number}", None, NOW)
    with pytest.raises(Conflict):
        api_tokens.make(connection, ada, "one more", None, NOW)


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\x1bb"])
def test_token_needs_a_name_that_can_be_shown(connection: Connection, name: str) -> None:
    ada = add(connection, "ada")
    with pytest.raises(Invalid):
        api_tokens.make(connection, ada, name, None, NOW)


def test_only_one_s_own_browsers_and_tokens_are_ended(connection: Connection) -> None:
    ada, bob = add(connection, "ada"), add(connection, "bob")
    key = logins.log_in(connection, bob, NOW)
    token = api_tokens.make(connection, bob, "notebook", None, NOW)
    logins.end(connection, ada, logins.browsers(connection, bob, NOW)[0].handle)
    logins.end_others(connection, ada, None)
    api_tokens.revoke(connection, ada, api_tokens.tokens(connection, bob)[0].id)
    assert logins.holder(connection, key, NOW) is not None
    assert api_tokens.holder(connection, token, NOW) is not None


def test_database_keeps_no_key_itself(connection: Connection) -> None:
    ada = add(connection, "ada")
    keys = [
        logins.log_in(connection, ada, NOW),
        api_tokens.make(connection, ada, "notebook", None, NOW),
        links.make_reset(connection, ada, "ada", NOW),
    ]
    tables = (service.logins, api_tokens.api_tokens, links.account_links)
    stored = "".join(str(connection.execute(select(table)).all()) for table in tables)
    assert not [key for key in keys if key in stored or key[-20:] in stored]


@pytest.mark.parametrize("change", [update(audit.events).values(actor="eve"), delete(audit.events)])
def test_database_refuses_to_change_the_audit_log(connection: Connection, change: object) -> None:
    audit.record(connection, None, NOW, "account.role", "ada")
    with pytest.raises(IntegrityError, match="only grows"), connection.begin_nested():
        connection.execute(change)  # type: ignore[call-overload]
    assert [event.actor for event in audit.page(connection, before=None, most=9)] == ["server"]


def test_audit_log_is_filtered_and_paged_by_id(connection: Connection) -> None:
    ada = service.learner(connection, add(connection, "Ada"))
    for number in range(5):
        audit.record(connection, ada if number % 2 else None, NOW, f"a.{number % 2}", f"question-{number}")
    newest = audit.page(connection, before=None, most=2)
    assert [event.subject for event in newest] == ["question-4", "question-3"]
    assert [event.subject for event in audit.page(connection, before=newest[-1].id, most=2)] == [
        "question-2",
        "question-1",
    ]
    assert [event.subject for event in audit.page(connection, actor="ada", before=None, most=9)] == [
        "question-3",
        "question-1",
    ]
    assert [event.actor for event in audit.page(connection, action="a.0", subject="N-2", before=None, most=9)] == [
        "server"
    ]
    assert audit.page(connection, subject="question_", before=None, most=9) == [], "a part, not a pattern"
    assert audit.actions(connection) == ["a.0", "a.1"]
