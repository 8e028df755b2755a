"""What whoever runs an installation is told by webhook, when something last happened, and what doctor found then."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from digest.doctor.check import Level
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

checks = Table(  # of one time: the newest
    "checks",
    metadata,
    Column("place", Integer, primary_key=True, autoincrement=False),
    instant("at", required=True),
    string("about"),
    Column("level", Member(Level), nullable=False),
    string("found"),
    string("todo"),
    one_of("level", Level),
)
