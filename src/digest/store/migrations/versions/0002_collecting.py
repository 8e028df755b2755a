"""What collecting remembers: settings of a source, its moves and its pace, and the merges of posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
_EMPTY = sa.text("''")


def upgrade() -> None:
    """Add columns with what they mean for the rows that are there, and the table of merges."""
    _settings_of_sources()
    _memory_of_polling()
    _posts()
    _merges()


def _settings_of_sources() -> None:
    for name in ("shorts", "live", "premieres"):
        op.add_column("sources", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("sources", sa.Column("quotes", sa.Integer))
    op.add_column("sources", sa.Column("excerpt_words", sa.Integer))
    op.execute(  # with its constraint in place, which SQLite cannot add afterwards without rebuilding the table
        "ALTER TABLE sources ADD COLUMN fulltext TEXT DEFAULT 'auto' NOT NULL "
        "CONSTRAINT ck_sources_fulltext CHECK (fulltext IN ('auto', 'always', 'never'))"
    )


def _memory_of_polling() -> None:
    op.add_column("sources", sa.Column("old_url", sa.Text, nullable=False, server_default=_EMPTY))
    op.add_column("sources", sa.Column("moved_to", sa.Text, nullable=False, server_default=_EMPTY))
    op.add_column("sources", sa.Column("moved_since", INSTANT))
    op.add_column("sources", sa.Column("moved_times", sa.Integer, nullable=False, server_default="0"))
    op.add_column("sources", sa.Column("ttl_minutes", sa.Integer))
    op.add_column("sources", sa.Column("skip_hours", sa.Text, nullable=False, server_default="[]"))
    op.add_column("sources", sa.Column("pace_minutes", sa.Integer))
    op.add_column("sources", sa.Column("newest_at", INSTANT))
    op.create_index("ix_sources_old_url", "sources", ["old_url"])


def _posts() -> None:
    """Posts of before have no traces: where their ids change, their dates still tell which they are."""
    for name in ("title_trace", "link_trace"):
        op.add_column("posts", sa.Column(name, sa.Text, nullable=False, server_default=_EMPTY))
        op.create_index(f"ix_posts_source_{name}", "posts", ["source", name])
    op.create_index("ix_identities_identity", "identities", ["identity"])


def _merges() -> None:
    op.create_table(
        "merges",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("identity", sa.Text, nullable=False),
        sa.Column("post", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("merged_at", INSTANT, nullable=False),
        sa.Column("undone_at", INSTANT),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("published", INSTANT, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("was_source", sa.Text, nullable=False),
        sa.Column("was_guid", sa.Text, nullable=False),
        sa.Column("was_url", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_merges"),
        sa.ForeignKeyConstraint(["source"], ["sources.slug"], name="fk_merges_source", onupdate="CASCADE"),
        sa.ForeignKeyConstraint(
            ["was_source"], ["sources.slug"], name="fk_merges_was_source", onupdate="CASCADE"
        ),
        sa.ForeignKeyConstraint(["post"], ["posts.key"], name="fk_merges_post"),
    )
    op.create_index("ix_merges_post", "merges", ["post"])
    op.create_index("ix_merges_source", "merges", ["source"])
