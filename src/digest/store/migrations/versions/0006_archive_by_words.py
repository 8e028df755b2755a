"""The words by which older posts are found again, and in how many posts each word occurs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
_NOT_INDEXED = sa.text("indexed <= 0")


def upgrade() -> None:
    """No post of before is indexed yet; the next draft does that, some at a time, in transactions of its own."""
    op.add_column("posts", sa.Column("indexed", sa.Integer, nullable=False, server_default="0"))
    op.create_index(
        "ix_posts_not_indexed",
        "posts",
        ["source"],
        sqlite_where=_NOT_INDEXED,
        postgresql_where=_NOT_INDEXED,
    )
    op.create_table(
        "telling",
        sa.Column("post", sa.Text, nullable=False),
        sa.Column("term", sa.Text, nullable=False),
        sa.Column("published", INSTANT, nullable=False),
        sa.Column("weight", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("post", "term", name="pk_telling"),
        sa.ForeignKeyConstraint(["post"], ["posts.key"], name="fk_telling_post"),
    )
    op.create_index("ix_telling_term_published_post", "telling", ["term", "published", "post"])
    op.create_table(
        "term_counts",
        sa.Column("term", sa.Text, nullable=False),
        sa.Column("posts", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("term", name="pk_term_counts"),
    )
