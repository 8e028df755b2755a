"""What texts mean, as an encoder said it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """A cache: nothing is known yet."""
    op.create_table(
        "meanings",
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("text_hash", sa.LargeBinary, nullable=False),
        sa.Column("point", sa.LargeBinary, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("model", "text_hash", name="pk_meanings"),
    )
    op.create_index("ix_meanings_at", "meanings", ["at"])
