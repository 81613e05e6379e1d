"""PostgreSQL: moves everything out of the way into a schema of its own, whichever release made it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.schema import CreateSchema

# Functions first: their names have the types of what they take. What belongs to an extension stays; indexes, and
# sequences that a column owns, go with their table.
_STATEMENTS = (
    "SELECT 'ALTER ROUTINE ' || p.oid::regprocedure FROM pg_proc p WHERE pronamespace = current_schema()::regnamespace "
    "AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')",
    "SELECT 'ALTER TABLE ' || c.oid::regclass FROM pg_class c WHERE relnamespace = current_schema()::regnamespace "
    "AND relkind IN ('r', 'p', 'v', 'm') "
    "AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype = 'e')",
    "SELECT 'ALTER SEQUENCE ' || c.oid::regclass FROM pg_class c WHERE relnamespace = current_schema()::regnamespace "
    "AND relkind = 'S' AND NOT EXISTS "
    "(SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype IN ('a', 'i', 'e'))",
    "SELECT 'ALTER TYPE ' || t.oid::regtype FROM pg_type t LEFT JOIN pg_class c ON c.oid = typrelid "
    "WHERE typnamespace = current_schema()::regnamespace "
    "AND (typtype IN ('e', 'd') OR (typtype = 'c' AND c.relkind = 'c')) "
    "AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e')",
)


def schema_aside(folder: Path) -> str:
    """What the schema is called, beside a folder of that name for what lies on disk."""
    return folder.name.replace("-", "_").lower()


def set_aside(connection: Connection, schema: str) -> None:
    """Leave the current schema empty. The role must own what is in it, and may make schemas."""
    listed = [list(connection.scalars(text(statement))) for statement in _STATEMENTS]
    if not any(listed):
        return
    connection.execute(CreateSchema(schema))
    for statements in listed:
        for statement in statements:
            connection.exec_driver_sql(f"{statement} SET SCHEMA {schema}".replace("%", "%%"))
