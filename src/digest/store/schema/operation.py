"""What whoever runs an installation is told by webhook, and when something last happened."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from digest.model import Mark, NoticeKind, NoticeState
from digest.store.columns import Member, instant, one_of, string
from digest.store.schema.metadata import metadata

marks = Table(
    "marks",
    metadata,
    Column("what", Member(Mark), primary_key=True),
    instant("at", required=True),
    one_of("what", Mark),
)

notices = Table(
    "notices",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Member(NoticeKind), nullable=False),
    string("text"),
    string("url"),
    instant("created_at", required=True),
    instant("expires_at", required=True),
    Column("state", Member(NoticeState), nullable=False),
    Column("attempts", Integer, nullable=False),
    instant("next_try_at"),
    instant("lease_until"),
    string("reply"),
    instant("settled_at"),
    one_of("kind", NoticeKind),
    one_of("state", NoticeState),
    Index(None, "state", "next_try_at"),
)
