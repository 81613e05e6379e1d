"""`whetstone serve`."""

from __future__ import annotations

import argparse
import os
import signal
import socket
import threading
from collections.abc import Mapping
from types import FrameType

import uvicorn
from fastapi import FastAPI

from app import clock, logs
from app.accounts import people
from app.accounts.models import Role
from app.accounts.service import has_admin
from app.commands import OK
from app.db import Database
from app.main import create_app
from app.settings import Settings, SettingsError, from_env, secret

FINISH_S = 5  # what requests in flight get once nobody is let in any more


def serve(options: argparse.Namespace) -> int:
    """Serve until stopped. Refuses an address that others can reach while nobody could log in."""
    env = dict(os.environ)
    env |= {name: value for name, value in (("WHETSTONE_HOST", options.host), ("PORT", options.port)) if value}
    settings = from_env(env)
    if options.workers != 1:
        raise SettingsError("--workers: it takes 1; on PostgreSQL, start `whetstone serve` several times")
    logs.configure(settings.log)
    prepare_database(settings, first_admin(env))
    listener = _listen(settings)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"Whetstone: http://{host}:{settings.port}  (Ctrl+C stops it)", flush=True)
    app = create_app(settings, watches=True)
    config = uvicorn.Config(
        app,
        log_config=None,  # ours
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=list(settings.trusted_proxies),
        timeout_graceful_shutdown=FINISH_S,
        timeout_keep_alive=75,  # who saves every few seconds keeps the connection
    )
    _Server(config, app, settings.drain_s).run(sockets=[listener])
    return OK


class _Server(uvicorn.Server):
    """On SIGTERM it goes on for `drain_s` while /readyz says "stopping", so that a proxy sends new requests elsewhere.

    A second signal, or Ctrl+C, ends that at once.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI, drain_s: float) -> None:
        super().__init__(config)
        self._app = app
        self._stopping: threading.Event = app.state.stopping
        self._drain_s = drain_s

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGTERM and self._drain_s and not self._stopping.is_set():
            self._stopping.set()
            timer = threading.Timer(self._drain_s, super().handle_exit, (sig, frame))
            timer.daemon = True
            timer.start()
            return
        self._stopping.set()
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Have streams end by themselves: whoever listens comes back, to another process or the next start."""
        self._app.state.services.grading.wake_all()
        await super().shutdown(sockets)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(2048)  # or an impatient browser is refused while the first page is made
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            f"cannot listen on {settings.host} port {settings.port}: {getattr(error, 'strerror', None) or error}; "
            "set PORT or WHETSTONE_HOST to another"
        ) from None
    return listener


def first_admin(env: Mapping[str, str]) -> tuple[str, str] | None:
    """Name and password of the admin to make where there is none."""
    name, password = env.get("WHETSTONE_ADMIN"), secret(env, "WHETSTONE_ADMIN_PASSWORD")
    if password and not name:
        raise SettingsError("WHETSTONE_ADMIN_PASSWORD: set WHETSTONE_ADMIN to the name that it is for")
    return (name, password) if name and password else None


def prepare_database(settings: Settings, first: tuple[str, str] | None) -> None:
    """Bring its schema up to date before anything listens, so that what is wrong with it is one line; see that somebody
    can log in as admin. Accounts that are there are never changed by the environment."""
    database = Database(settings.database_url)
    try:
        database.migrate()
        if settings.is_loopback:
            return
        with database.read() as connection:
            if has_admin(connection):
                return
        if first is None:
            raise SettingsError(
                f"WHETSTONE_HOST={settings.host}: others can reach this address, so somebody must be able to log in "
                "first; make an admin with: whetstone user add NAME --role admin "
                "(or set WHETSTONE_ADMIN and WHETSTONE_ADMIN_PASSWORD_FILE)"
            )
        with database.write() as connection:
            if not has_admin(connection):  # another process of this instance may have been faster
                people.add(connection, None, *first, Role.admin, clock.now())
    finally:
        database.close()
