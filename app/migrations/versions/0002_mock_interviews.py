"""Mock interviews."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

import app.db

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "frozen_question",
        sa.Column("hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("body", app.db.Json(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_table(
        "interview",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("plan", app.db.Json(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("multiplier", sa.Float(), nullable=False),
        sa.Column("realistic", sa.Boolean(), nullable=False),
        sa.Column("started_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("section", sa.Integer(), nullable=False),
        sa.Column("section_began_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("work_began_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("paused_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("pauses_used", sa.Integer(), nullable=False),
        sa.Column("paused_s", sa.Float(), nullable=False),
        sa.Column("section_paused_s", sa.Float(), nullable=False),
        sa.Column("ended_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("latest_end_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("known_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("current_slot", sa.Integer(), nullable=True),
        sa.Column("entered_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("practised_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("interview", schema=None) as batch_op:
        batch_op.create_index("interview_history", ["account_id", "started_at"], unique=False)
        batch_op.create_index("interview_open", ["ended_at", "latest_end_at"], unique=False)
    op.create_table(
        "interview_slot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("section", sa.Integer(), nullable=False),
        sa.Column("question_id", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("question_hash", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("topic_id", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("answer", app.db.Json(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("flagged", sa.Boolean(), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=True),
        sa.Column("locked_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("correct", sa.Boolean(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("submission_id", sqlmodel.sql.sqltypes.AutoString(length=36), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interview.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["question_hash"], ["frozen_question.hash"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("interview_id", "number"),
    )
    with op.batch_alter_table("interview_slot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interview_slot_question_id"), ["question_id"], unique=False)
    op.create_table(
        "interview_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("began_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("saved_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answer", app.db.Json(), nullable=False),
        sa.ForeignKeyConstraint(["slot_id"], ["interview_slot.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("interview_draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_interview_draft_slot_id"), ["slot_id"], unique=False)
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("interview_slot_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_submission_interview_slot_id"), ["interview_slot_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_interview_slot_id"))
        batch_op.drop_column("interview_slot_id")
    for table in ("interview_draft", "interview_slot", "interview", "frozen_question"):
        op.drop_table(table)
