"""Where the database as a whole went, or came from."""

from __future__ import annotations

from sqlalchemy import Column, Table

from digest.model.moves import MoveKind
from digest.store.columns import Member, instant, one_of, string
from digest.store.schema.metadata import metadata

moves = Table(
    "moves",
    metadata,
    Column("kind", Member(MoveKind), primary_key=True),
    string("place"),
    instant("at", required=True),
    one_of("kind", MoveKind),
)
