"""Tokens of the API, and what was answered to requests that must not be done twice."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table, Text

from digest.model.desk import Role
from digest.store.columns import Instant, Json, RowId, instant, string
from digest.store.schema.metadata import metadata

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("editor", RowId, ForeignKey("editors.id"), nullable=False, index=True),
    string("name"),
    Column("key", Text, nullable=False, unique=True),  # a keyed hash: nobody can use what is stored
    Column("roles", Json(tuple[Role, ...]), nullable=False),
    instant("created_at", required=True),
    instant("expires_at"),
    instant("used_at"),
    instant("revoked_at"),
    sqlite_autoincrement=True,  # the audit log names tokens by their number
)

keyed_requests = Table(
    "keyed_requests",
    metadata,
    Column("editor", RowId, ForeignKey("editors.id"), primary_key=True),
    Column("key", Text, primary_key=True),  # a hash of the Idempotency-Key
    string("fingerprint"),
    Column("begun_at", Instant, nullable=False, index=True),
    Column("status", Integer),  # of the answer; NULL: not answered yet
    string("body"),  # of the answer, JSON
)
