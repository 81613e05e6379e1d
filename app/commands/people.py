"""`whetstone user …`. What is done here stands in the audit log as done by the server."""

from __future__ import annotations

import argparse
import contextlib
import getpass
import sys
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from app import clock
from app.accounts import people
from app.accounts.models import Role
from app.accounts.service import id_of
from app.commands import OK
from app.db import Database
from app.settings import SettingsError, from_env

Result = TypeVar("Result")


def add(options: argparse.Namespace) -> int:
    password = _password(options)
    _run(lambda connection: people.add(connection, None, options.name, password, Role(options.role), clock.now()))
    print(f"Made {options.name}, {options.role}.")
    return OK


def passwd(options: argparse.Namespace) -> int:
    password = _password(options)
    _run(
        lambda connection: people.set_password(connection, None, id_of(connection, options.name), password, clock.now())
    )
    print(f"Changed the password of {options.name} and logged out all their browsers.")
    return OK


def promote(options: argparse.Namespace) -> int:
    role = Role(options.role)
    _run(lambda connection: people.set_role(connection, None, id_of(connection, options.name), role, clock.now()))
    print(f"{options.name} is now {options.role}.")
    return OK


def disable(options: argparse.Namespace) -> int:
    _run(lambda connection: people.disable(connection, None, id_of(connection, options.name), clock.now()))
    print(f"{options.name} can't log in any more, and no browser or token of theirs works.")
    return OK


def enable(options: argparse.Namespace) -> int:
    _run(lambda connection: people.enable(connection, None, id_of(connection, options.name), clock.now()))
    print(f"{options.name} can log in again.")
    return OK


def reset_link(options: argparse.Namespace) -> int:
    key = _run(lambda connection: people.reset_link(connection, None, id_of(connection, options.name), clock.now()))
    print(f"Good once, for a day, on this server's address: /reset/{key}")
    return OK


def invite(options: argparse.Namespace) -> int:
    key = _run(lambda connection: people.invite(connection, None, Role(options.role), clock.now()))
    print(f"Good once, for seven days, on this server's address: /invite/{key}")
    return OK


def list_(options: argparse.Namespace) -> int:  # noqa: ARG001  (every command takes them)
    """A line each: name, role, since when, last seen, and whether they are let in."""
    for member in _run(lambda connection: people.members(connection, most=sys.maxsize)):
        seen = member.seen_at.isoformat(timespec="minutes") if member.seen_at else "-"
        state = "disabled" if member.disabled_at else "active" if member.has_password else "no password"
        print(member.name, member.role, member.created_at.isoformat(timespec="minutes"), seen, state, sep="\t")
    return OK


def _password(options: argparse.Namespace) -> str:
    if options.password_stdin:
        return sys.stdin.readline().rstrip("\n")
    if sys.stdin.isatty():
        with contextlib.suppress(EOFError):
            return getpass.getpass("Password: ")
    raise SettingsError("no password was given; --password-stdin reads one from standard input")


def _run(work: Callable[[Connection], Result]) -> Result:
    database = Database(from_env().database_url)
    database.migrate()
    with database.write() as connection:
        result = work(connection)
    database.close()
    return result
