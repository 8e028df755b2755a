"""Run by Alembic for each command: uses the connection, and so the transaction, of its caller."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from alembic import context
from alembic.migration import MigrationContext, MigrationInfo
from alembic.script import Script

from digest.store.schema import metadata, upgrades


def _say_who_may_work(
    ctx: MigrationContext,
    step: MigrationInfo,
    heads: Collection[Any],  # noqa: ARG001  # Alembic passes both by name
    run_args: Mapping[str, Any],  # noqa: ARG001
) -> None:
    """Keep of a revision what it says about older code, which does not know the revision itself."""
    script = step.up_revision
    if not isinstance(script, Script) or ctx.connection is None:
        return
    if works_from := getattr(script.module, "works_from", None):
        row = {"revision": script.revision, "works_from": works_from}
        ctx.connection.execute(upgrades.insert().values(row))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a column: Alembic rebuilds the table instead
    on_version_apply=_say_who_may_work,
)
context.run_migrations()
