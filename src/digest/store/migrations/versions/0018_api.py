"""The API: tokens of editors, and requests that came with an idempotency key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nobody had a token before."""
    op.create_table(
        "api_tokens",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("editor", ROW_ID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT),
        sa.Column("used_at", INSTANT),
        sa.Column("revoked_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("key", name=op.f("uq_api_tokens_key")),
        sa.ForeignKeyConstraint(["editor"], ["editors.id"], name=op.f("fk_api_tokens_editor")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_api_tokens_editor"), "api_tokens", ["editor"])
    op.create_table(
        "keyed_requests",
        sa.Column("editor", ROW_ID, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("begun_at", INSTANT, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("editor", "key", name="pk_keyed_requests"),
        sa.ForeignKeyConstraint(["editor"], ["editors.id"], name=op.f("fk_keyed_requests_editor")),
    )
    op.create_index(op.f("ix_keyed_requests_begun_at"), "keyed_requests", ["begun_at"])
