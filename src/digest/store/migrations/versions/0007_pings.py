"""What a WebSub hub was told of our feeds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Nothing was told to anybody before."""
    op.create_table(
        "pings",
        sa.Column("feed", sa.Text, nullable=False),
        sa.Column("hub", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", INSTANT),
        sa.Column("told_at", INSTANT),
        sa.Column("reply", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("feed", name="pk_pings"),
    )
