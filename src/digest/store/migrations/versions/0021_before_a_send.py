"""What is known before a send: which edit of an issue each editor has seen, and what doctor found last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
works_from = "0020"  # code of before knows nothing of the two tables

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nobody has looked at anything yet."""
    op.create_table(
        "looks",
        sa.Column("editor", ROW_ID, nullable=False),
        sa.Column("issue", sa.Text, nullable=False),
        sa.Column("edit", sa.Integer, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("preview", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("editor", "issue", name="pk_looks"),
        sa.ForeignKeyConstraint(["editor"], ["editors.id"], name="fk_looks_editor"),
        sa.ForeignKeyConstraint(["issue"], ["issues.id"], name="fk_looks_issue"),
        sa.CheckConstraint("preview IN ('desk', 'mail', 'test')", name=op.f("ck_looks_preview")),
    )
    op.create_table(
        "checks",
        sa.Column("place", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", INSTANT, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("about", "level", "found", "todo")),
        sa.PrimaryKeyConstraint("place", name="pk_checks"),
        sa.CheckConstraint("level IN ('ok', 'warning', 'failed')", name=op.f("ck_checks_level")),
    )
