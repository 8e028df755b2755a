"""What came back, and who is therefore not written to for now."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text

from digest.model import BounceEffect, BounceKind
from digest.store.columns import Member, RowId, instant, one_of, string
from digest.store.schema.metadata import metadata

bounces = Table(
    "bounces",
    metadata,
    Column("id", RowId, primary_key=True),
    instant("at", required=True),
    Column("delivery", RowId, ForeignKey("deliveries.id")),  # NULL: it matches none
    Column("subscriber", RowId, ForeignKey("subscribers.id"), index=True),
    instant("sent_at"),  # when the mail went out that it speaks of
    string("domain"),
    Column("kind", Member(BounceKind), nullable=False),
    string("status"),
    string("words"),
    string("source"),
    Column("effect", Member(BounceEffect), nullable=False),
    string("why"),
    Column("fingerprint", Text, nullable=False, unique=True),  # the same bounce twice counts once
    one_of("kind", BounceKind),
    one_of("effect", BounceEffect),
    Index(None, "delivery"),
    Index(None, "at"),
    Index(None, "domain", "sent_at"),
    Index(None, "effect", "at"),
)

holds = Table(
    "holds",
    metadata,
    Column("address_key", Text, primary_key=True),
    string("address"),
    instant("since", required=True),
    instant("until", required=True),
    string("why"),
)

domain_pauses = Table(
    "domain_pauses",
    metadata,
    Column("id", RowId, primary_key=True),
    string("domain"),
    instant("since", required=True),
    instant("until", required=True),
    string("why"),
    Column("is_storm", Boolean, nullable=False),
    Index(None, "domain", "until"),
)
