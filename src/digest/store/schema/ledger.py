"""Sends and their deliveries."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    text,
)

from digest.model import DeliveryState, SendState
from digest.store.columns import IssueKey, Member, RowId, instant, one_of, string
from digest.store.schema.metadata import metadata

sends = Table(
    "sends",
    metadata,
    Column("issue", IssueKey, ForeignKey("issues.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", Member(SendState), nullable=False),
    instant("requested_at", required=True),
    instant("expires_at", required=True),
    string("why"),
    instant("finished_at"),
    instant("forgotten_at"),  # when the addresses in its rows were; ``store.pruning``
    Column("first_until", BigInteger, nullable=False, default=0),  # the last row of the first part, or 0
    one_of("state", SendState),
    ForeignKeyConstraint(["issue", "version"], ["versions.issue", "versions.number"]),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("issue", IssueKey, ForeignKey("sends.issue"), nullable=False),
    Column("subscriber", RowId, ForeignKey("subscribers.id"), nullable=False),
    string("address"),
    string("choice"),
    Column("state", Member(DeliveryState), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    instant("next_try_at"),
    string("owner", default=""),
    Column("fence", Integer, nullable=False, default=0),
    instant("lease_until"),
    string("reply", default=""),
    instant("settled_at"),
    instant("bounced_at"),
    Column("version", Integer, nullable=False, default=0),
    one_of("state", DeliveryState),
    UniqueConstraint(
        "subscriber", "issue", "version"
    ),  # in this order it also finds what is open for one person
    Index(None, "issue", "state", "next_try_at", "id"),  # in the order in which rows are claimed
    Index(
        "ix_deliveries_leased",
        "lease_until",
        sqlite_where=text("lease_until IS NOT NULL"),
        postgresql_where=text("lease_until IS NOT NULL"),
    ),
    sqlite_autoincrement=True,  # Message-IDs are made from the id: it is never given twice
)
