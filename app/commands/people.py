"""`whetstone user …`."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import sys
from collections.abc import Callable

from sqlalchemy import Connection

from app import clock
from app.accounts import service
from app.accounts.models import Role
from app.commands import OK
from app.db import Database
from app.settings import SettingsError, from_env


def add(options: argparse.Namespace) -> int:
    password = _password(options)
    _run(lambda connection: service.add(connection, options.name, password, Role(options.role), clock.now()))
    print(f"Made {options.name}, {options.role}.")
    return OK


def passwd(options: argparse.Namespace) -> int:
    password = _password(options)
    _run(lambda connection: service.set_password(connection, options.name, password))
    print(f"Changed the password of {options.name} and logged out all their browsers.")
    return OK


def promote(options: argparse.Namespace) -> int:
    _run(lambda connection: service.set_role(connection, options.name, Role(options.role)))
    print(f"{options.name} is now {options.role}.")
    return OK


def _password(options: argparse.Namespace) -> str:
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    if sys.stdin.isatty():
        with contextlib.suppress(EOFError):
            return getpass.getpass("Password: ")
    raise SettingsError("no password was given; --password-stdin reads one from standard input")


def _run(work: Callable[[Connection], object]) -> None:
    database = Database(from_env().database_url)
    database.migrate()
    with database.write() as connection:
        work(connection)
    database.close()
