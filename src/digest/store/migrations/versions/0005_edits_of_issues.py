"""What editors changed in issues, what corrections correct, what authors took back; how a name is spelt as a rule."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
_EMPTY = sa.text("''")
_KINDS = "kind IN ('source-theme', 'never-video', 'spelling')"


def upgrade() -> None:
    """No version of before is a correction: there was no way to make one."""
    op.add_column("versions", sa.Column("correction", sa.Text, nullable=False, server_default=_EMPTY))
    op.add_column("issues", sa.Column("later", sa.Text, nullable=False, server_default="[]"))
    op.create_table(
        "edits",
        sa.Column("issue", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("issue", "number", name="pk_edits"),
        sa.ForeignKeyConstraint(["issue"], ["issues.id"], name="fk_edits_issue"),
    )
    op.create_table(
        "withdrawals",
        sa.Column("post", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("post", name="pk_withdrawals"),
        sa.ForeignKeyConstraint(["post"], ["posts.key"], name="fk_withdrawals_post"),
    )
    _rules()


def _rules() -> None:
    """Another kind of rule; SQLite changes a constraint by copying its table, which nothing refers to."""
    with op.batch_alter_table("rules") as rules:
        rules.add_column(sa.Column("spelling", sa.Text, nullable=False, server_default=_EMPTY))
        rules.drop_constraint(op.f("ck_rules_kind"), type_="check")
        rules.create_check_constraint(op.f("ck_rules_kind"), _KINDS)
