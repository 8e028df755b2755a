"""Bounces and complaints, holds, paused domains; who caused a suppression."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Whoever was suppressed before was so by a person."""
    _bounces()
    _holds()
    _domain_pauses()
    with op.batch_alter_table("suppressions") as suppressions:
        suppressions.add_column(sa.Column("cause", sa.Text, nullable=False, server_default="person"))
        suppressions.create_check_constraint(
            op.f("ck_suppressions_cause"), "cause IN ('bounce', 'complaint', 'person')"
        )


def _bounces() -> None:
    kinds = "kind IN ('address', 'soft', 'policy', 'message', 'complaint')"
    effects = "effect IN ('nothing', 'held', 'suppressed', 'paused', 'spared', 'undone', 'unmatched')"
    op.create_table(
        "bounces",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("delivery", ROW_ID),
        sa.Column("subscriber", ROW_ID),
        sa.Column("sent_at", INSTANT),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("domain", "kind", "status", "words")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("source", "effect", "why", "fingerprint")),
        sa.PrimaryKeyConstraint("id", name="pk_bounces"),
        sa.UniqueConstraint("fingerprint", name="uq_bounces_fingerprint"),
        sa.CheckConstraint(kinds, name=op.f("ck_bounces_kind")),
        sa.CheckConstraint(effects, name=op.f("ck_bounces_effect")),
        sa.ForeignKeyConstraint(["delivery"], ["deliveries.id"], name="fk_bounces_delivery"),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.id"], name="fk_bounces_subscriber"),
    )
    op.create_index("ix_bounces_subscriber", "bounces", ["subscriber"])
    op.create_index("ix_bounces_delivery", "bounces", ["delivery"])
    op.create_index("ix_bounces_domain_sent_at", "bounces", ["domain", "sent_at"])
    op.create_index("ix_bounces_effect_at", "bounces", ["effect", "at"])


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column("address_key", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("address_key", name="pk_holds"),
    )


def _domain_pauses() -> None:
    op.create_table(
        "domain_pauses",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("is_storm", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_domain_pauses"),
    )
    op.create_index("ix_domain_pauses_domain_until", "domain_pauses", ["domain", "until"])
