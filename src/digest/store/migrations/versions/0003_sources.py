"""Labels of sources, and what the last document of each of them held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A source that was collected before has no labels, and its next document is read whole."""
    op.add_column("sources", sa.Column("labels", sa.Text, nullable=False, server_default="[]"))
    op.create_table(
        "source_items",
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("items", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_source_items"),
        sa.ForeignKeyConstraint(
            ["source"], ["sources.slug"], name="fk_source_items_source", onupdate="CASCADE"
        ),
    )
