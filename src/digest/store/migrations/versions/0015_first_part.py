"""An issue may go to a small part of its audience first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Sends that were asked for before go to everybody."""
    op.add_column(
        "sends", sa.Column("first_until", sa.BigInteger, nullable=False, server_default=sa.text("0"))
    )
