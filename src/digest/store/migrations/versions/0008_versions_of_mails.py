"""Which version of its issue each mail is; somebody may get a corrected one beside the one of before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BEFORE = sa.text(
    "UPDATE deliveries SET version = (SELECT version FROM sends WHERE sends.issue = deliveries.issue) "
    "WHERE state <> 'queued'"
)


def upgrade() -> None:
    """SQLite changes a constraint by copying the table, which nothing refers to; its counter of ids goes along."""
    with op.batch_alter_table("deliveries", table_kwargs={"sqlite_autoincrement": True}) as deliveries:
        deliveries.add_column(sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("0")))
        deliveries.drop_constraint("uq_deliveries_subscriber_issue", type_="unique")
        deliveries.create_unique_constraint(
            "uq_deliveries_subscriber_issue_version", ["subscriber", "issue", "version"]
        )
    op.execute(_BEFORE)
