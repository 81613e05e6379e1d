"""What several processes share: counted tries, a key, a clock, added topics, the folders' texts; the bank's news."""

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = app.db.UtcDateTime(timezone=True)
    op.create_table(
        "counted_try",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key_hash", sa.String(64), nullable=False),
        sa.Column("tried_at", moment, nullable=False),
        sa.Column("lapses_at", moment, nullable=False),
    )
    op.create_index("counted_try_key", "counted_try", ["key_hash", "tried_at"])
    op.create_index("ix_counted_try_lapses_at", "counted_try", ["lapses_at"])
    op.create_table(
        "shared_secret",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("value", sa.String(200), nullable=False),
    )
    op.create_table(
        "shared_clock",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("ahead_s", sa.Float(), nullable=False),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.Column("seen_at", moment, nullable=False),
    )
    op.create_table(
        "added_topic",
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("body", app.db.Json(), nullable=False),
        sa.Column("added_at", moment, nullable=False),
    )
    op.create_table(
        "known_text",
        sa.Column("question_id", sa.String(80), primary_key=True),
        sa.Column("hash", sa.String(64), primary_key=True),
    )
    op.execute(
        "INSERT INTO known_text (question_id, hash) "
        "SELECT question_id, folder_hash FROM bank_question WHERE folder_hash IS NOT NULL"
    )
    if op.get_bind().dialect.name == "postgresql":
        # Whoever adds a revision, in whatever way: the processes that serve hear of it when that is committed.
        op.execute(
            "CREATE FUNCTION tell_of_bank() RETURNS trigger LANGUAGE plpgsql AS "
            "$tell$ BEGIN PERFORM pg_notify('whetstone_bank', ''); RETURN NULL; END $tell$"
        )
        for table in ("revision", "added_topic"):
            op.execute(
                f"CREATE TRIGGER {table}_is_news AFTER INSERT ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION tell_of_bank()"
            )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in ("revision", "added_topic"):
            op.execute(f"DROP TRIGGER {table}_is_news ON {table}")
        op.execute("DROP FUNCTION tell_of_bank()")
    op.drop_table("known_text")
    op.drop_table("added_topic")
    op.drop_table("shared_clock")
    op.drop_table("shared_secret")
    op.drop_table("counted_try")
