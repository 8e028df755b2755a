"""Sources, themes and the rules of editors."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, Table, Text

from digest.model import FullText, PostKind, RuleKind, SourceOwner
from digest.store.columns import Json, Member, Words, instant, one_of, string
from digest.store.schema.metadata import metadata

sources = Table(
    "sources",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    string("title"),
    Column("own", Boolean, nullable=False),
    Column("weight", Float, nullable=False),
    Column("owner", Member(SourceOwner), nullable=False),
    Column("retired", Boolean, nullable=False),
    string("site_url"),
    string("language"),
    Column("kind", Member(PostKind), nullable=False),
    instant("added_at"),
    string("etag"),
    string("last_modified"),
    string("body_hash"),
    instant("first_collected_at"),
    instant("last_polled_at"),
    instant("last_good_at"),
    instant("next_poll_at"),
    Column("failures", Integer, nullable=False),
    string("status"),
    Column("shorts", Boolean, nullable=False),
    Column("live", Boolean, nullable=False),
    Column("premieres", Boolean, nullable=False),
    Column("quotes", Integer),
    Column("excerpt_words", Integer),
    Column("fulltext", Member(FullText), nullable=False),
    Column("labels", Words, nullable=False),
    string("old_url"),
    string("moved_to"),
    instant("moved_since"),
    Column("moved_times", Integer, nullable=False),
    Column("ttl_minutes", Integer),
    Column("skip_hours", Json(tuple[int, ...]), nullable=False),
    Column("pace_minutes", Integer),
    instant("newest_at"),
    one_of("owner", SourceOwner),
    one_of("kind", PostKind),
    one_of("fulltext", FullText),
    Index(None, "next_poll_at"),
    Index(None, "old_url"),
)

source_items = (
    Table(  # what the last document of a source held: hashes of its items, and whose identities they are
        "source_items",
        metadata,
        Column("source", Text, ForeignKey("sources.slug", onupdate="CASCADE"), primary_key=True),
        Column("items", Json(tuple[tuple[str, str], ...]), nullable=False),
    )
)

themes = Table(
    "themes",
    metadata,
    Column("slug", Text, primary_key=True),
    string("title"),
    Column("terms", Words, nullable=False),
    Column("not_terms", Words, nullable=False),
    Column("terms_by_language", Json(tuple[tuple[str, tuple[str, ...]], ...]), nullable=False),
    string("description"),
    Column("weight", Float, nullable=False),
    Column("owner", Member(SourceOwner), nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("position", Integer, nullable=False),
    one_of("owner", SourceOwner),
)

rules = Table(
    "rules",
    metadata,
    Column("kind", Member(RuleKind), primary_key=True),
    Column("subject", Text, primary_key=True),
    string("theme"),
    string("spelling"),
    Column("owner", Member(SourceOwner), nullable=False),
    Column("retired", Boolean, nullable=False),
    one_of("kind", RuleKind),
    one_of("owner", SourceOwner),
)
