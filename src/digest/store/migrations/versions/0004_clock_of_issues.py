"""When an issue goes out, when its posts were taken, why it waits, and what an editor took out of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """The posts of an issue of before were taken when it last changed, at the latest."""
    op.add_column("issues", sa.Column("goes_out_at", INSTANT))
    op.add_column("issues", sa.Column("drafted_at", INSTANT))
    op.add_column("issues", sa.Column("held", sa.Text, nullable=False, server_default=sa.text("''")))
    op.add_column("issues", sa.Column("dropped", sa.Text, nullable=False, server_default="[]"))
    op.execute("UPDATE issues SET drafted_at = updated_at")
