"""The desk: editors, their sessions and links, the audit log, and edits that can be taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nobody signed in before."""
    _editors()
    _sessions()
    _errands()
    _tries()
    _audit()
    _edits()


def _editors() -> None:
    op.create_table(
        "editors",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("address_key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("left_at", INSTANT),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("totp", sa.Text, nullable=False),
        sa.Column("totp_step", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_editors"),
        sa.UniqueConstraint("address_key", name=op.f("uq_editors_address_key")),
        sqlite_autoincrement=True,
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("editor", ROW_ID, nullable=False),
        sa.Column("csrf", sa.Text, nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("proved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sessions"),
        sa.ForeignKeyConstraint(["editor"], ["editors.id"], name=op.f("fk_sessions_editor")),
    )
    op.create_index(op.f("ix_sessions_editor"), "sessions", ["editor"])


def _errands() -> None:
    op.create_table(
        "errands",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("editor", ROW_ID, nullable=False),
        sa.Column("errand", sa.Text, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_errands"),
        sa.ForeignKeyConstraint(["editor"], ["editors.id"], name=op.f("fk_errands_editor")),
        sa.CheckConstraint("errand IN ('choose', 'demo')", name=op.f("ck_errands_errand")),
    )
    op.create_index(op.f("ix_errands_editor"), "errands", ["editor"])


def _tries() -> None:
    op.create_table(
        "tries",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tries"),
    )
    op.create_index(op.f("ix_tries_subject_at"), "tries", ["subject", "at"])
    op.create_index(op.f("ix_tries_at"), "tries", ["at"])


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("editor", ROW_ID),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sa.ForeignKeyConstraint(["editor"], ["editors.id"], name=op.f("fk_audit_editor")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_subject_id"), "audit", ["subject", "id"])


def _edits() -> None:
    with op.batch_alter_table("edits") as edits:
        edits.add_column(sa.Column("by", sa.Text, nullable=False, server_default=""))
        edits.add_column(sa.Column("undoes", sa.Integer, nullable=False, server_default="0"))
        edits.add_column(sa.Column("before", sa.Text))
