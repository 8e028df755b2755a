"""Run by Alembic for each command: uses the connection, and so the transaction, of its caller."""

from __future__ import annotations

from alembic import context

from digest.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite cannot alter a column: Alembic rebuilds the table instead
)
context.run_migrations()
