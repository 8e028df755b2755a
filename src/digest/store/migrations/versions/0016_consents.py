"""What each person agreed to, step by step; the order in which the desk lists subscribers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STEPS = "step IN ('confirmed', 'added', 'themes', 'paused', 'resumed', 'left', 'returned', 'moved')"


def upgrade() -> None:
    """Of what was agreed to before, a subscription has its newest state."""
    op.create_table(
        "consents",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("subscriber", ROW_ID, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("step", "source", "wording")),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.CheckConstraint(STEPS, name=op.f("ck_consents_step")),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.id"], name="fk_consents_subscriber"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_consents_subscriber_id", "consents", ["subscriber", "id"])
    op.create_index(
        "ix_subscriptions_digest_state_subscriber", "subscriptions", ["digest", "state", "subscriber"]
    )
    op.create_index(
        "ix_subscribers_begins",
        "subscribers",
        ["address_key"],
        postgresql_ops={"address_key": "text_pattern_ops"},
        sqlite_where=sa.text("address_key IS NULL"),
    )
