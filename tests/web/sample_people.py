"""The pages of accounts, people and the audit log with everything on them, for the templates' tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from app.bank.schema import Lang
from app.web import account_views as a
from app.web import people_views as p
from app.web.views import Choice

AT = {"en": "2 Mar 2026, 09:00:00", "zh": "2026年3月2日 09:00:00"}
LEARNER = {"en": "learner", "zh": "学习者"}
REFUSED = {"en": "That is not right.", "zh": "这不对。"}


def _account(lang: Lang) -> Iterator[tuple[str, a.AccountView]]:
    at = AT[lang]
    browsers = [
        a.BrowserView("0" * 16, {"en": "Firefox, Linux", "zh": "Firefox，Linux"}[lang], "192.0.2.7", at, at, True),
        a.BrowserView("1" * 16, "x" * 200, "2001:db8::1", at, at, False),
    ]
    tokens = [a.TokenView(1, "notebook", at, at, at, False), a.TokenView(2, "<b>old</b>", at, at, at, True)]
    lives = [Choice("90", {"en": "90 days", "zh": "90 天"}[lang], True)]
    full = a.AccountView("ada", LEARNER[lang], True, browsers, tokens, lives, 10)
    yield "full", replace(full, fresh_token="wst_" + "A" * 43, done={"en": "Done.", "zh": "完成。"}[lang])
    errors = dict.fromkeys(("old", "new", "token_name"), REFUSED[lang])
    yield "refused", replace(full, errors=errors, token_name="notebook")
    yield "local", a.AccountView("local", LEARNER[lang], False, [], [], lives, 10)


def _people(lang: Lang) -> Iterator[tuple[str, p.PeopleView]]:
    state = {"en": "disabled", "zh": "已停用"}[lang]
    members = [p.MemberView(1, "ada", LEARNER[lang], AT[lang], AT[lang], state)]
    members.append(p.MemberView(2, "<b>" + "m" * 70, LEARNER[lang], AT[lang], AT[lang], ""))
    choice = [Choice("learner", LEARNER[lang], True)]
    invitations = [p.InvitationView("0" * 16, LEARNER[lang], "ada", AT[lang])]
    link = "http://127.0.0.1:8000/invite/" + "A" * 43
    yield "full", p.PeopleView(members, True, "a", choice, True, choice, invitations, link)
    yield "empty", p.PeopleView([], False, "zz", choice, False, choice, [], error=REFUSED[lang])


def pages(lang: Lang) -> Iterator[tuple[str, str, object, str]]:
    """(name, template, view, active tab) of each."""
    role = LEARNER[lang]
    for name, account in _account(lang):
        yield f"account-{name}", "accounts/page.html", account, "settings"
    for name, delete in (
        ("password", a.DeleteView("ada", True, False, REFUSED[lang])),
        ("local", a.DeleteView("local", False, True)),
    ):
        yield f"account-delete-{name}", "accounts/delete.html", delete, "settings"
    invited = a.JoinView("/invite/key", role, "ada", "bob", 10, REFUSED[lang])
    yield "join-invited", "accounts/join.html", invited, ""
    yield "join-closed", "accounts/join.html", a.JoinView(None, role, None, "", 10), ""
    yield "reset", "accounts/reset.html", a.ResetView("/reset/key", "ada", 10, REFUSED[lang]), ""
    for name, people in _people(lang):
        yield f"people-{name}", "admin/people/page.html", people, "admin"
        for member in people.members:
            link = "http://127.0.0.1:8000/reset/" + "A" * 43
            person = p.PersonView(member, people.roles, bool(member.state), not member.state, link, REFUSED[lang])
            yield f"person-{member.id}", "admin/people/person.html", person, "admin"
    details = [("before", "learner"), ("after", "<i>editor</i>"), ("questions", "iou-of-boxes " * 20)]
    event = p.EventView(AT[lang], "ada", "account.role", "bob", details, [("questions", 50, "<b>iou</b>")])
    audit = p.AuditView(
        [event], "ada", [Choice("account.role", "account.role", True)], "bob", False, "/admin/audit?before=1"
    )
    yield "audit", "admin/audit.html", audit, "admin"
    yield "audit-empty", "admin/audit.html", replace(audit, events=[], older_href=None), "admin"
