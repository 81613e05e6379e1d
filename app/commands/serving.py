"""`whetstone serve`."""

from __future__ import annotations

import argparse
import os
import socket

import uvicorn

from app.accounts.service import has_admin
from app.commands import OK
from app.db import Database
from app.main import create_app
from app.settings import Settings, SettingsError, from_env


def serve(options: argparse.Namespace) -> int:
    """Serve until stopped. Refuses an address that others can reach while nobody could log in."""
    env = dict(os.environ)
    env |= {name: value for name, value in (("WHETSTONE_HOST", options.host), ("PORT", options.port)) if value}
    settings = from_env(env)
    if options.workers != 1:
        raise SettingsError("--workers: it takes 1; on PostgreSQL, start `whetstone serve` several times")
    _prepare_database(settings)
    listener = _listen(settings)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    print(f"Whetstone: http://{host}:{settings.port}  (Ctrl+C stops it)", flush=True)
    config = uvicorn.Config(
        create_app(settings, watches=True),
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=75,  # who saves every few seconds keeps the connection
    )
    uvicorn.Server(config).run(sockets=[listener])
    return OK


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


def _prepare_database(settings: Settings) -> None:
    """Bring its schema up to date before anything listens, so that what is wrong with it is one line."""
    database = Database(settings.database_url)
    database.migrate()
    with database.read() as connection:
        lets_nobody_in = not settings.is_loopback and not has_admin(connection)
    database.close()
    if lets_nobody_in:
        raise SettingsError(
            f"WHETSTONE_HOST={settings.host}: others can reach this address, so somebody must be able to log in first; "
            "make an admin with: whetstone user add NAME --role admin"
        )
