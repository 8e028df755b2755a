"""Which older code may work on the schema of a revision, so that machines can be upgraded one after the other."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Code of before does not ask."""
    op.create_table(
        "upgrades",
        sa.Column("revision", sa.Text, nullable=False),
        sa.Column("works_from", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_upgrades"),
    )
