"""Notices for a webhook, marks of what last happened, and sends whose addresses were forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Nothing was told, and nothing forgotten, before."""
    op.create_table(
        "marks",
        sa.Column("what", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("what", name="pk_marks"),
        sa.CheckConstraint("what IN ('tick', 'heartbeat', 'prune', 'backup')", name=op.f("ck_marks_what")),
    )
    _notices()
    op.add_column("sends", sa.Column("forgotten_at", INSTANT))
    op.create_index("ix_bounces_at", "bounces", ["at"])


def _notices() -> None:
    kinds = "kind IN ('doubt', 'stopped', 'machine', 'late', 'waiting', 'source', 'trial')"
    op.create_table(
        "notices",
        sa.Column("key", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("kind", "text", "url")),
        *(sa.Column(name, INSTANT, nullable=False) for name in ("created_at", "expires_at")),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        *(sa.Column(name, INSTANT) for name in ("next_try_at", "lease_until")),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("settled_at", INSTANT),
        sa.PrimaryKeyConstraint("key", name="pk_notices"),
        sa.CheckConstraint(kinds, name=op.f("ck_notices_kind")),
        sa.CheckConstraint("state IN ('queued', 'brought', 'told', 'failed')", name=op.f("ck_notices_state")),
    )
    op.create_index("ix_notices_state_next_try_at", "notices", ["state", "next_try_at"])
