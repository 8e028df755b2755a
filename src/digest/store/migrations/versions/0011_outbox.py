"""Mail that is no issue, what readers have asked for, and who takes a rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = (
    "'queued', 'claimed', 'sending', 'in_doubt', 'accepted', 'rejected', 'suppressed', 'cancelled', 'expired', "
    "'nothing_for_them'"
)


def upgrade() -> None:
    """Nobody had signed up by a page, and nobody had paused."""
    op.add_column("subscriptions", sa.Column("paused_until", INSTANT))
    _outbox()
    _sign_ups()
    _reader_links()
    op.create_table(
        "networks",
        sa.Column("network", sa.Text, nullable=False),
        sa.Column("times", sa.Text, nullable=False),
        sa.Column("seen_at", INSTANT),
        sa.PrimaryKeyConstraint("network", name="pk_networks"),
    )


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("address_key", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("subscriber", ROW_ID),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_try_at", INSTANT),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("lease_until", INSTANT),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("settled_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sa.CheckConstraint(
            "kind IN ('confirmation', 'link', 'notice', 'issue', 'sign_in')", name=op.f("ck_outbox_kind")
        ),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_outbox_state")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_state_next_try_at_id"), "outbox", ["state", "next_try_at", "id"])
    op.create_index(op.f("ix_outbox_address_key"), "outbox", ["address_key"])


def _sign_ups() -> None:
    op.create_table(
        "sign_ups",
        sa.Column("subscriber", ROW_ID, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("choice", sa.Text, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("subscriber", "digest", name="pk_sign_ups"),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.id"], name=op.f("fk_sign_ups_subscriber")),
    )
    op.create_index(op.f("ix_sign_ups_asked_at"), "sign_ups", ["asked_at"])


def _reader_links() -> None:
    op.create_table(
        "reader_links",
        sa.Column("proof", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("subscriber", ROW_ID, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.PrimaryKeyConstraint("proof", name="pk_reader_links"),
        sa.ForeignKeyConstraint(["subscriber"], ["subscribers.id"], name=op.f("fk_reader_links_subscriber")),
        sa.CheckConstraint(
            "purpose IN ('confirm', 'address', 'move', 'export', 'erase')",
            name=op.f("ck_reader_links_purpose"),
        ),
    )
    op.create_index(
        op.f("ix_reader_links_subscriber_purpose_made_at"),
        "reader_links",
        ["subscriber", "purpose", "made_at"],
    )
    op.create_index(op.f("ix_reader_links_expires_at"), "reader_links", ["expires_at"])
