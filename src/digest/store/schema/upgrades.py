"""What revisions of the schema say about the code that may work on them."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from digest.store.schema.metadata import metadata

upgrades = Table(
    "upgrades",
    metadata,
    Column("revision", Text, primary_key=True),
    Column("works_from", Text, nullable=False),  # the oldest code, by the newest revision that it knows
)
