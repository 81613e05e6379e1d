"""What routes may use, made once at the start, and one visit: a request with its learner, language and transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from itsdangerous import BadSignature, Signer
from limits.strategies import RateLimiter
from sqlalchemy import Connection

from app.accounts import service as accounts
from app.accounts.models import Role
from app.accounts.service import Learner
from app.bank.catalog import Bank, Entry
from app.bank.schema import Lang
from app.bank.schema.blueprint import Blueprint
from app.bank.shelf import Shelf
from app.db import Database
from app.errors import N_, Forbidden, Unauthorised
from app.practice.today import Person
from app.scheduling.days import UnknownZoneError, zone_info
from app.settings import Settings, is_loopback
from app.web.grading_desk import GradingDesk
from app.web.i18n import Words, choose, words
from app.web.survey_desk import SurveyDesk
from app.web.sweeper import Sweeper

LOGIN_COOKIE = "whetstone_login"
LANG_COOKIE = "whetstone_lang"
ZONE_COOKIE = "whetstone_zone"  # the browser's own zone, told by the page's script until the learner chooses one


@dataclass(frozen=True)
class Services:
    """The process's parts. `grading` owns the sandbox; `blueprints` by id, shortest first."""

    settings: Settings
    db: Database
    shelf: Shelf
    grading: GradingDesk
    signer: Signer
    limiter: RateLimiter
    clock: Callable[[], datetime]
    steady_clock: Callable[[], datetime]
    blueprints: Mapping[str, Blueprint]
    sweeper: Sweeper
    surveys: SurveyDesk

    @property
    def bank(self) -> Bank:
        return self.shelf.bank

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
            self._identify(connection)
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self.services.db.write() as connection:
            self._identify(connection)
            yield connection

    def _identify(self, connection: Connection) -> None:
        if self.learner is not None:
            return
        if token := self.login_token():
            self.learner = accounts.by_token(connection, token, self.now)
        elif self._is_local:
            self.learner = accounts.local_learner(connection)
        if self.learner is None:
            raise Unauthorised(N_("This page needs an account."))
        self._lang = None  # the learner's own choice goes before the browser's

    @property
    def _is_local(self) -> bool:
        """Whether the browser runs on this machine and means it.

        Another site whose name was pointed at 127.0.0.1 (DNS rebinding) reaches us too, but under its own name.
        """
        return self.services.settings.is_loopback and _names_this_machine(self.request.headers.get("host", ""))

    def require_learner(self) -> None:
        """Find out who it is before anything is shown, or raise Unauthorised."""
        if self.learner is None:
            with self.read():
                pass

    def login_token(self) -> str | None:
        """The token of this browser's login cookie, if its signature is ours."""
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

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a part of the page."""
        return self.request.headers.get("hx-request") == "true"


@lru_cache(maxsize=256)
def _names_this_machine(host_header: str) -> bool:
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
