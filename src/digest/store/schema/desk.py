"""Who works at the desk, their open sessions, and what was done."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from digest.model.desk import Errand, Preview, Role
from digest.store.columns import IssueKey, Json, Member, RowId, instant, one_of, string
from digest.store.schema.metadata import metadata

editors = Table(
    "editors",
    metadata,
    Column("id", RowId, primary_key=True),
    string("address"),
    Column("address_key", Text, nullable=False, unique=True),
    string("name"),
    Column("roles", Json(tuple[Role, ...]), nullable=False),
    instant("created_at", required=True),
    instant("left_at"),
    string("zone"),
    string("password"),
    string("totp"),
    Column("totp_step", Integer, nullable=False),  # of the last code that was taken: none is taken twice
    sqlite_autoincrement=True,  # the audit log names editors by their number
)

sessions = Table(
    "sessions",
    metadata,
    Column("key", Text, primary_key=True),
    Column("editor", RowId, ForeignKey("editors.id"), nullable=False, index=True),
    string("csrf"),
    instant("began_at", required=True),
    instant("seen_at", required=True),
    instant("proved_at", required=True),
)

errands = Table(  # links that let an editor in once; only their hashes
    "errands",
    metadata,
    Column("key", Text, primary_key=True),
    Column("editor", RowId, ForeignKey("editors.id"), nullable=False, index=True),
    Column("errand", Member(Errand), nullable=False),
    instant("expires_at", required=True),
    one_of("errand", Errand),
)

tries = Table(  # wrong passwords and codes, and by whom they were tried
    "tries",
    metadata,
    Column("id", RowId, primary_key=True),
    string("subject"),  # an address key or a network
    instant("at", required=True),
    Index(None, "subject", "at"),
    Index(None, "at"),
)

looks = Table(  # the newest preview of an issue that an editor was shown
    "looks",
    metadata,
    Column("editor", RowId, ForeignKey("editors.id"), primary_key=True),
    Column("issue", IssueKey, ForeignKey("issues.id"), primary_key=True),
    Column("edit", Integer, nullable=False),
    instant("at", required=True),
    Column("preview", Member(Preview), nullable=False),
    one_of("preview", Preview),
)

audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True),
    instant("at", required=True),
    Column("editor", RowId, ForeignKey("editors.id")),
    string("who"),
    string("action"),
    string("subject"),
    string("detail"),
    Index(None, "subject", "id"),
    sqlite_autoincrement=True,  # a gap would be seen
)
