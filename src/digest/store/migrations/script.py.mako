"""${message}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}
works_from = ${repr(down_revision)}  # the oldest code whose statements work on this schema (docs/machines.md)


def upgrade() -> None:
    """${message}."""
    ${upgrades if upgrades else "pass"}
