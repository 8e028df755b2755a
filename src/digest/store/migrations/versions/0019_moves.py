"""Where a database went or came from, and what holds its mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Every database was where it is."""
    op.create_table(
        "moves",
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("kind", name="pk_moves"),
        sa.CheckConstraint("kind IN ('departed', 'arriving', 'held')", name=op.f("ck_moves_kind")),
    )
