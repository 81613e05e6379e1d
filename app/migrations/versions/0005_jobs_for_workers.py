"""PostgreSQL: the queue of submissions before the workers (procrastinate's tables and ours), and who works."""

from typing import Any

import procrastinate.schema
import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """On SQLite the server grades in its own process, from the submissions alone.

    procrastinate's schema is that of the release pinned in pyproject.toml. Whoever raises the pin adds a revision that
    runs those of its migrations that came after (`tests/grading/test_jobs.py` says when that is due).
    """
    if op.get_bind().dialect.name != "postgresql":
        return
    schema = procrastinate.schema.SchemaManager.get_schema()
    driver: Any = op.get_bind().connection.driver_connection
    driver.execute(schema)  # as it is: it has colons and per cent signs
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "grading_job",
        sa.Column("submission_id", sa.String(36), sa.ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True),
        sa.Column(
            "job_id",
            sa.BigInteger(),
            sa.ForeignKey("procrastinate_jobs.id", ondelete="CASCADE"),
            nullable=False,
            unique=True,
        ),
        sa.Column("owner", sa.String(20), nullable=False),
        sa.Column("lib", sa.String(10), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("begun_at", moment),
        sa.Column("times_begun", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("done", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("total", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_index("grading_job_line", "grading_job", ["turn", "job_id"], postgresql_where=sa.text("begun_at IS NULL"))
    op.create_index("grading_job_owner", "grading_job", ["owner", "turn"])
    op.create_table("grading_round", sa.Column("turn", sa.Integer(), nullable=False))
    op.execute("INSERT INTO grading_round (turn) VALUES (0)")
    op.create_table(
        "grading_worker",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("libs", sa.ARRAY(sa.String(10)), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("took_s", sa.Float()),
        sa.Column("began_at", moment, nullable=False, server_default=sa.func.now()),
        sa.Column("seen_at", moment, nullable=False, server_default=sa.func.now()),
    )


def downgrade() -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in ("grading_worker", "grading_round", "grading_job"):
        op.drop_table(table)
    for name in ("events", "periodic_defers", "jobs", "workers"):
        op.execute(f"DROP TABLE procrastinate_{name}")
    op.execute(
        "DO $drop$ DECLARE it text; BEGIN "
        "FOR it IN SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'procrastinate\\_%' "
        "AND pronamespace = current_schema()::regnamespace LOOP "
        "EXECUTE 'DROP FUNCTION ' || it || ' CASCADE'; END LOOP; END $drop$"
    )
    op.execute("DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_status, procrastinate_job_event_type")
