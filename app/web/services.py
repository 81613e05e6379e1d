"""What routes may use, made once at the start, and one visit: a request with its learner, language and transactions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from itsdangerous import BadSignature, Signer
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from app.accounts import api_tokens, logins
from app.accounts.models import Role
from app.accounts.service import Learner, local_learner
from app.authoring.listing import Listing
from app.bank.catalog import Bank, Entry
from app.bank.schema import Lang
from app.bank.schema.blueprint import Blueprint
from app.bank.shelf import Shelf
from app.db import Database
from app.errors import N_, Forbidden, Unauthorised, Unavailable
from app.meters import Meters
from app.news import Listener
from app.practice.today import Person
from app.scheduling.days import UnknownZoneError, zone_info
from app.settings import Settings, is_loopback
from app.web import guesses
from app.web.allowances import Allowances
from app.web.attendance import identified
from app.web.gate_desk import GateDesk
from app.web.grading import Grading
from app.web.i18n import Words, choose, words
from app.web.security import bearer
from app.web.survey_desk import SurveyDesk
from app.web.sweeper import Sweeper
from app.web.watcher import BankSync

_KEEPERS = ("/admin", "/api/admin")  # what they change is everybody's
Note = Callable[[Connection], None]
LOGIN_COOKIE = "whetstone_login"
LANG_COOKIE = "whetstone_lang"
ZONE_COOKIE = "whetstone_zone"  # the browser's own zone, told by the page's script until the learner chooses one


@dataclass(frozen=True)
class Services:
    """The process's parts. `grading` owns the sandbox, `bank_sync` what is on the shelf, `news` what others tell.

    docs/operations/several-processes.md says of each what it means where several processes serve one database.
    """

    settings: Settings
    db: Database
    shelf: Shelf
    grading: Grading
    gate: GateDesk
    signer: Signer
    allowances: Allowances
    clock: Callable[[], datetime]
    steady_clock: Callable[[], datetime]
    sweeper: Sweeper
    listing: Listing
    bank_sync: BankSync
    surveys: SurveyDesk
    news: Listener | None  # of the database, where several processes share it
    meters: Meters
    stopping: threading.Event

    @property
    def bank(self) -> Bank:
        return self.shelf.bank

    @property
    def blueprints(self) -> Mapping[str, Blueprint]:
        """By id, shortest first."""
        return self.shelf.blueprints

    def available(self, entry: Entry) -> bool:
        """Whether the question can be asked here: code needs its library and a sandbox whose walls stand."""
        return entry.question.kind != "code" or self.grading.available(entry.question.lib)


class Visit:
    """One request. `read()` and `write()` open its transaction and find out who it is, or raise Unauthorised.

    Routes are plain functions in a worker thread; a transaction is a `with` block inside one of them, so that the
    writer's lock is never held across threads, and what the block did is committed before the response is made.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.services: Services = request.app.state.services
        self.learner: Learner | None = None
        self.now = self.services.clock()
        self._lang: Lang | None = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.services.db.read() as connection:
            note = self._identify(connection)
            yield connection
        if note is not None:  # once in ten minutes, and never worth a failure
            with suppress(Unavailable, OperationalError), self.services.db.write(self.me.id) as connection:
                note(connection)

    @contextmanager
    def write(self, *, everybody: bool = False) -> Iterator[Connection]:
        """For what is one's own; on the keepers' pages, and for `everybody`, for whatever it is.

        On PostgreSQL, one's own is written beside what others write: it must be known first who it is.
        """
        if everybody or self.request.url.path.startswith(_KEEPERS) or not self.services.db.is_postgresql:
            person = None
        else:
            self.require_learner()
            person = self.me.id
        with self.services.db.write(person) as connection:
            if (note := self._identify(connection)) is not None:
                note(connection)
            yield connection

    def _identify(self, connection: Connection) -> Note | None:
        """Find out who it is, or raise Unauthorised; how to note that they were here, if that is due.

        A program's token speaks for itself: one that is wrong is nobody, whatever cookie or machine it comes from.
        """
        if self.learner is not None:
            return None
        note: Note | None = None
        if (token := bearer(self.request.headers, self.request.url.path)) is not None:
            self.learner, note = self._token_holder(connection, token)
        elif key := self.login_key():
            if found := logins.holder(connection, key, self.now):
                self.learner = found[0]
                note = (lambda to: logins.note_seen(to, key, self.now)) if found[1] else None
        elif self._is_local:
            self.learner = local_learner(connection)
        if self.learner is None:
            raise Unauthorised(N_("This page needs an account."))
        identified(self.request, self.learner.id)
        self._lang = None  # the learner's own choice goes before the browser's
        return note

    def _token_holder(self, connection: Connection, token: str) -> tuple[Learner, Note | None]:
        def check() -> tuple[Learner, bool]:
            found = api_tokens.holder(connection, token, self.now)
            if found is None:
                raise Unauthorised(N_("This token is not valid."), N_("It was revoked, has ended, or is mistyped."))
            return found

        learner, note_is_due = guesses.check_key(self.services.allowances, self.request, check)
        return learner, (lambda to: api_tokens.note_used(to, token, self.now)) if note_is_due else None

    @property
    def _is_local(self) -> bool:
        """Whether the browser runs on this machine and means it.

        Another site whose name was pointed at 127.0.0.1 (DNS rebinding) reaches us too, but under its own name.
        """
        return self.services.settings.is_loopback and names_this_machine(self.request.headers.get("host", ""))

    def require_learner(self) -> None:
        """Find out who it is before anything is shown, or raise Unauthorised."""
        if self.learner is None:
            with self.read():
                pass

    def login_key(self) -> str | None:
        """The key in this browser's login cookie, if its signature is ours."""
        cookie = self.request.cookies.get(LOGIN_COOKIE)
        if not cookie:
            return None
        try:
            return self.services.signer.unsign(cookie).decode()
        except (BadSignature, UnicodeDecodeError):
            return None

    @property
    def me(self) -> Learner:
        """The learner, once a transaction has found them."""
        if self.learner is None:
            raise Unauthorised(N_("This page needs an account."))
        return self.learner

    def require(self, role: Role) -> Learner:
        """The learner, if their role may do what `role` may; else Unauthorised or Forbidden. For the bank's keepers."""
        self.require_learner()
        if not self.me.role.reaches(role):
            raise Forbidden(N_("This page is for those who keep the question bank."))
        return self.me

    @property
    def steady_now(self) -> datetime:
        """The time of interviews: it goes on evenly however the machine's clock is set."""
        return self.services.steady_clock()

    @property
    def person(self) -> Person:
        me = self.me
        return Person(me.id, self.zone, me.new_per_day, me.reviews_per_day)

    @property
    def zone(self) -> str:
        """The learner's time zone: chosen, else the browser's, else UTC."""
        chosen = self.learner.zone if self.learner else None
        return chosen or known_zone(self.request.cookies.get(ZONE_COOKIE)) or "UTC"

    @property
    def lang(self) -> Lang:
        if self._lang is None:
            chosen = self.learner.language if self.learner else None
            cookie = self.request.cookies.get(LANG_COOKIE)
            self._lang = choose(chosen, cookie, self.request.headers.get("accept-language", ""))
        return self._lang

    @property
    def words(self) -> Words:
        return words(self.lang)

    def speaking(self, lang: Lang) -> Visit:
        """The same visit in another language, once it is known who it is: for showing how something reads in it."""
        other = copy(self)
        other._lang = lang
        return other

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a part of the page."""
        return self.request.headers.get("hx-request") == "true"


@lru_cache(maxsize=256)
def names_this_machine(host_header: str) -> bool:
    """Whether a Host header means this machine, by whatever name."""
    try:
        return is_loopback(urlsplit(f"//{host_header}").hostname or "")
    except ValueError:
        return False


def known_zone(name: str | None) -> str | None:
    """The name if it is an IANA zone."""
    if not name:
        return None
    try:
        zone_info(name)
    except UnknownZoneError:
        return None
    return name


async def visit(request: Request) -> Visit:
    """The dependency that every route takes. It touches nothing yet."""
    return Visit(request)


Here = Annotated[Visit, Depends(visit)]
