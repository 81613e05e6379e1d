"""Secrets that all processes of one instance must have alike: made by the first, found by the others.

The key that signs cookies may lie in the database: what it signs is a key whose hash stands there too, so who reads the
database gains nothing by forging signatures.
"""

from __future__ import annotations

from sqlalchemy import Connection, Table, insert, select

from app.accounts.models import SharedSecret

shared_secrets: Table = SharedSecret.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass adds it


def agreed(connection: Connection, name: str, proposed: str) -> str:
    """The secret of that name, which is the proposed one if there was none. In a transaction that excludes others."""
    known = connection.execute(select(shared_secrets.c.value).where(shared_secrets.c.name == name)).scalar()
    if known is not None:
        return str(known)
    connection.execute(insert(shared_secrets).values(name=name, value=proposed))
    return proposed
