"""Mail that is no issue, what was asked for at an address, and the links that prove whose it is."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from digest.model import DeliveryState, LinkPurpose, OutboxKind
from digest.store.columns import Json, Member, RowId, instant, one_of, string
from digest.store.schema.metadata import metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", Member(OutboxKind), nullable=False),
    Column("key", Text, nullable=False, unique=True),
    string("address"),
    Column("address_key", Text, nullable=False, index=True),
    string("sender"),
    string("message_id"),
    Column("data", LargeBinary, nullable=False),  # emptied when the row is closed: a link may stand in it
    Column("subscriber", RowId),  # of an issue: it leaves only while this subscription is confirmed
    string("digest"),
    instant("created_at", required=True),
    instant("expires_at", required=True),
    Column("state", Member(DeliveryState), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    instant("next_try_at"),
    string("owner", default=""),
    Column("fence", Integer, nullable=False, default=0),
    instant("lease_until"),
    string("reply", default=""),
    instant("settled_at"),
    one_of("kind", OutboxKind),
    one_of("state", DeliveryState),
    Index(None, "state", "next_try_at", "id"),  # in the order in which rows are claimed
    sqlite_autoincrement=True,
)

sign_ups = Table(
    "sign_ups",
    metadata,
    Column("subscriber", RowId, ForeignKey("subscribers.id"), primary_key=True),
    Column("digest", Text, primary_key=True),
    string("choice"),
    instant("asked_at", required=True),
    Index(None, "asked_at"),
)

reader_links = Table(
    "reader_links",
    metadata,
    Column("proof", Text, primary_key=True),
    Column("purpose", Member(LinkPurpose), nullable=False),
    Column("subscriber", RowId, ForeignKey("subscribers.id"), nullable=False),
    string("digest"),
    string("address"),
    instant("made_at", required=True),
    instant("expires_at", required=True),
    instant("used_at"),
    one_of("purpose", LinkPurpose),
    Index(None, "subscriber", "purpose", "made_at"),
    Index(None, "expires_at"),
)

networks = Table(  # from where people signed up within the last hour
    "networks",
    metadata,
    Column("network", Text, primary_key=True),
    Column("times", Json(tuple[datetime, ...]), nullable=False),
    instant("seen_at"),
)
