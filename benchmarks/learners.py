"""Learners made straight in a database: logged in, each with a practice session of quick questions."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from itsdangerous import Signer
from sqlalchemy import Connection, Table, insert

from app import clock
from app.accounts import logins
from app.accounts import service as accounts
from app.accounts.models import Account, Role
from app.bank.catalog import Bank, Entry
from app.bank.loader import load_bank
from app.db import Database
from app.main import secret_key
from app.practice import sessions
from app.practice.models import PracticeItem
from app.scheduling import store
from app.scheduling.models import Card
from app.settings import ROOT
from benchmarks.crowd import KINDS, Learner

CARDS = 60  # of a session, as the plan of a busy day has


def bank() -> Bank:
    """The product's own."""
    return load_bank(ROOT / "questions", None)[0]


def make(url: str, data_dir: Path, people: int, cards: int = CARDS, prefix: str = "person") -> list[Learner]:
    """So many learners in the database at `url`, for servers whose folder is `data_dir`, with an admin of their own."""
    data_dir.mkdir(exist_ok=True)
    db = Database(url)
    db.migrate()
    signer = Signer(secret_key(data_dir), salt="login")
    asked = [entry for entry in bank().published if entry.question.kind in KINDS]
    rng, now = Random(1), clock.now()
    with db.write() as connection:
        ids = _accounts(connection, prefix, people, now)
        keys = [logins.log_in(connection, account_id, now) for account_id in ids]
        session_ids = _sessions(connection, ids, [rng.sample(asked, cards) for _ in ids], now, rng)
    learners = [Learner(signer.sign(key).decode(), it) for key, it in zip(keys, session_ids, strict=True)]
    if db.is_postgresql:
        with db.engine.begin() as connection:  # as autovacuum would in a while
            connection.exec_driver_sql("ANALYZE")
    db.close()
    return learners


def _accounts(connection: Connection, prefix: str, people: int, now: datetime) -> list[int]:
    nobodys = "-"  # it fits no password; but an address that others can reach wants an admin who has one
    admin = Account(name=f"{prefix}-keeper", role=Role.admin, created_at=now, password_hash=nobodys)
    connection.execute(insert(accounts.accounts), [admin.model_dump(exclude={"id"})])
    rows = [Account(name=f"{prefix}-{n:04d}", created_at=now).model_dump(exclude={"id"}) for n in range(people)]
    return _inserted(connection, accounts.accounts, rows)


def _sessions(
    connection: Connection, people: list[int], asked: list[list[Entry]], now: datetime, rng: Random
) -> list[int]:
    """A session each, over cards of their own, all at once."""
    blank_card = Card(account_id=0, question_id="", meaning_hash="", created_at=now).model_dump(exclude={"id"})
    cards = [
        blank_card | {"account_id": person, "question_id": entry.question.id, "meaning_hash": entry.meaning_hash}
        for person, entries in zip(people, asked, strict=True)
        for entry in entries
    ]
    begun = [{"account_id": person, "started_at": now, "finished_at": None} for person in people]
    session_ids = _inserted(connection, sessions.sessions, begun)
    card_ids = iter(_inserted(connection, store.cards, cards))
    blank = PracticeItem(session_id=0, position=0, card_id=0, seed=0).model_dump(exclude={"id"})
    items = [
        blank
        | {"session_id": session_id, "position": position, "card_id": next(card_ids)}
        | {"seed": rng.randrange(sessions.SEEDS), "question_hash": entry.hash}
        for session_id, entries in zip(session_ids, asked, strict=True)
        for position, entry in enumerate(entries, start=1)
    ]
    connection.execute(insert(sessions.items), items)
    return session_ids


def _inserted(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> list[int]:
    made = insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(connection.execute(made, rows).scalars())
