"""The web app's factory. The process that serves never imports torch and never runs anybody's code."""

from __future__ import annotations

import secrets
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Response
from itsdangerous import Signer
from sqlalchemy import Connection
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from app import clock, logs
from app.accounts import service as accounts
from app.accounts import shared_secrets
from app.authoring.folder import Folder
from app.authoring.listing import Listing
from app.bank.shelf import Shelf
from app.db import Database
from app.interview.common_clock import CommonClock, server_time
from app.interview.store import newest_known_at
from app.meters import Meters
from app.news import Listener
from app.settings import Settings, from_env
from app.web import failures
from app.web.allowances import InDatabase, InMemory
from app.web.attendance import Attendance
from app.web.gate_desk import GateDesk
from app.web.gauges import Gauges
from app.web.grading import Grading
from app.web.grading_desk import GradingDesk
from app.web.render import DIST
from app.web.routes import (
    account,
    admin_audit,
    admin_people,
    admin_questions,
    admin_reports,
    admin_statistics,
    api,
    api_admin,
    api_interviews,
    browse,
    bulk,
    code,
    conflicts,
    docs,
    editor,
    editor_preview,
    gate,
    health,
    history,
    home,
    imports,
    interview_reports,
    interviews,
    join,
    login,
    metrics,
    new_question,
    notices,
    practice,
    publish,
    questions,
    reports,
    settings,
    topics,
)
from app.web.security import Guard
from app.web.services import Services
from app.web.survey_desk import SurveyDesk
from app.web.sweeper import Sweeper
from app.web.watcher import BankSync
from app.web.workers_desk import WorkersDesk

KEY_FILE = "secret.key"
PAGES = (
    home,
    practice,
    publish,
    questions,
    code,
    interviews,
    interview_reports,
    browse,
    topics,
    settings,
    login,
    health,
    metrics,
    docs,
    conflicts,
    admin_questions,
    bulk,
    history,
    imports,
    editor,
    editor_preview,
    new_question,
    gate,
    account,
    join,
    admin_people,
    admin_audit,
    reports,
    notices,
    admin_reports,
    admin_statistics,
)
ROUTERS = (
    api.router,
    api_interviews.router,
    gate.api,
    api_admin.router,
    reports.api,
    admin_statistics.api,
    *(pages.router for pages in PAGES),
)


def create_app(
    settings_: Settings,
    now: Callable[[], datetime] = clock.now,
    elapsed_s: Callable[[], float] = clock.elapsed_s,
    *,
    watches: bool = False,
    common_time: Callable[[Connection], datetime] | None = None,
) -> FastAPI:
    """The app over one data folder. Everything slow or shared starts with the server and ends with it.

    `watches`: follow the bank's folder and write to it what is published; else it is read once and left alone.
    `common_time`: on PostgreSQL, the clock that all processes go by in interviews; else it is `now`, made steady.
    """
    logs.configure(settings_.log)
    meters, stopping = Meters(), threading.Event()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = _start(settings_, now, elapsed_s, meters, stopping, watches=watches, common_time=common_time)
        app.state.services = services
        gauges = Gauges(services)
        meters.registry.register(gauges)
        try:
            yield
        finally:
            meters.registry.unregister(gauges)
            services.bank_sync.close()
            services.surveys.close()
            services.sweeper.close()
            services.gate.close()
            services.grading.close()
            if services.news is not None:
                services.news.close()
            services.db.close()

    app = _App(
        meters,
        title="Whetstone",
        version="0.1.0",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    failures.install(app)
    app.state.stopping = stopping
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # as they are: include_router would make each anew for every app
    app.mount("/static/dist", _Built(directory=DIST, check_dir=False))
    return app


def from_environment() -> FastAPI:
    """What uvicorn calls."""
    return create_app(from_env(), watches=True, common_time=server_time)


def _start(
    settings_: Settings,
    now: Callable[[], datetime],
    elapsed_s: Callable[[], float],
    meters: Meters,
    stopping: threading.Event,
    *,
    watches: bool,
    common_time: Callable[[Connection], datetime] | None,
) -> Services:
    db = Database(settings_.database_url)
    db.migrate()
    if settings_.is_loopback:
        with db.write() as connection:
            accounts.make_local(connection, now())
    cache_dir = settings_.data_dir / "cache"
    bank_sync = BankSync(db, Folder(settings_.questions_dir, cache_dir), now, cache_dir=cache_dir, writes=watches)
    shelf = bank_sync.shelf
    news = Listener(settings_.database_url) if db.is_postgresql else None
    grading = _grading(settings_, db, shelf, now, news, meters)
    grading.start()
    gate_desk = GateDesk(db, shelf, settings_.questions_dir, now, lambda: grading.is_busy)
    gate_desk.start()
    common = CommonClock(db, common_time, elapsed_s) if common_time and db.is_postgresql else None
    steady = common or _steady_clock(db, now(), elapsed_s)
    sweeper = Sweeper(db, shelf, grading, steady, common.look if common else None)
    sweeper.start()
    if watches:
        bank_sync.start(news)
    if news is not None:
        news.start()
    return Services(
        settings=settings_,
        db=db,
        shelf=shelf,
        grading=grading,
        gate=gate_desk,
        signer=Signer(_cookie_key(db, settings_.data_dir), salt="login"),
        allowances=InDatabase(db) if db.is_postgresql else InMemory(),
        clock=now,
        steady_clock=steady,
        sweeper=sweeper,
        listing=Listing(),
        bank_sync=bank_sync,
        surveys=SurveyDesk(db, shelf, now),
        news=news,
        meters=meters,
        stopping=stopping,
    )


def _grading(
    settings_: Settings,
    db: Database,
    shelf: Shelf,
    now: Callable[[], datetime],
    news: Listener | None,
    meters: Meters,
) -> Grading:
    if settings_.graders == "workers" and news is not None:
        return WorkersDesk(db, shelf, now, news, meters)
    return GradingDesk(db, shelf, now, meters)


def _steady_clock(db: Database, now: datetime, elapsed_s: Callable[[], float]) -> clock.SteadyClock:
    """From now on, or from what a sitting under way has seen already, should the machine's clock have been set back."""
    with db.read() as connection:
        seen = newest_known_at(connection)
    return clock.SteadyClock(max(now, seen or now), elapsed_s)


def _cookie_key(db: Database, data_dir: Path) -> str:
    """The key that signs cookies: this machine's or, on PostgreSQL, the one of all processes.

    The first of them brings it: its machine's own, if it served before from SQLite, so that nobody is logged out.
    """
    if not db.is_postgresql:
        return secret_key(data_dir)
    path = data_dir / KEY_FILE
    with db.write() as connection:
        return shared_secrets.agreed(connection, "cookies", path.read_text() if path.exists() else _fresh_key())


def secret_key(data_dir: Path) -> str:
    """The key that signs cookies, made on first use and readable by this user alone."""
    path = data_dir / KEY_FILE
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(_fresh_key())
        fresh.replace(path)
    return path.read_text()


def _fresh_key() -> str:
    return secrets.token_urlsafe(48)


class _App(FastAPI):
    """The framework's app, with what attends and guards every request outside of what turns failures into pages."""

    def __init__(self, meters: Meters, **options: Any) -> None:
        super().__init__(**options)
        self._meters = meters

    def build_middleware_stack(self) -> ASGIApp:
        return Attendance(Guard(super().build_middleware_stack()), self._meters)


class _Built(StaticFiles):
    """Built files carry a hash of their content in their names, so browsers may keep them for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code in (200, 304):
            response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response
