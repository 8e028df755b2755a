"""Who wants what, and whom we must not write to."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, text

from digest.model import ConsentStep, SubscriptionState, SuppressionCause
from digest.store.columns import Member, RowId, instant, one_of, string
from digest.store.schema.metadata import metadata

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", RowId, primary_key=True),
    string("address"),
    Column("address_key", Text, nullable=False, unique=True),  # casefolded: one mailbox, one subscriber
    instant("created_at", required=True),
    Index(  # by the beginning of an address; SQLite's unique index finds it as well, so that this one is empty there
        "ix_subscribers_begins",
        "address_key",
        postgresql_ops={"address_key": "text_pattern_ops"},
        sqlite_where=text("address_key IS NULL"),
    ),
    sqlite_autoincrement=True,  # unsubscribe links are made from the id: it is never given twice
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("subscriber", RowId, ForeignKey("subscribers.id"), primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("state", Member(SubscriptionState), nullable=False),
    string("choice"),  # as in Rendering: "" for all themes
    instant("consent_at"),
    string("consent_source"),
    instant("unsubscribed_at"),
    instant("paused_until"),  # a rest that the reader takes; null: none
    one_of("state", SubscriptionState),
    Index(None, "digest", "state", "choice"),
    Index(None, "digest", "state", "subscriber"),  # in the order in which the desk shows them
)

consents = Table(  # what each person agreed to, step by step
    "consents",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("subscriber", RowId, ForeignKey("subscribers.id"), nullable=False),
    string("digest"),
    instant("at", required=True),
    Column("step", Member(ConsentStep), nullable=False),
    string("source"),
    string("wording"),
    one_of("step", ConsentStep),
    Index(None, "subscriber", "id"),
    sqlite_autoincrement=True,  # a gap would be seen
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_key", Text, primary_key=True),
    string("address"),
    string("reason"),
    Column("cause", Member(SuppressionCause), nullable=False, server_default=SuppressionCause.PERSON),
    instant("at", required=True),
    one_of("cause", SuppressionCause),
)

erasures = Table(  # people who asked to be forgotten, by keyed hashes of their addresses
    "erasures",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    instant("at", required=True),
)
