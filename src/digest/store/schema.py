"""The tables, their constraints and indexes; the same on SQLite and PostgreSQL.

Closed sets of states are CHECK constraints made from the enums of ``digest.model``. Columns hold model
values: an ``IssueId``, a member of an enum, an aware time, a tuple of videos.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    UpdateBase,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite

from digest.model import (
    Comments,
    DeliveryState,
    FullText,
    IssueDocument,
    IssueState,
    PostKind,
    RedactionKind,
    RuleKind,
    SendState,
    Settlement,
    SourceOwner,
    SubscriptionState,
    Video,
)
from digest.store.columns import ColumnValue, IssueKey, Json, Member, RowId, Words, instant, one_of, string

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# ── sources, themes, rules ───────────────────────────────────────────────────────────────────────

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

# ── posts ────────────────────────────────────────────────────────────────────────────────────────

posts = Table(
    "posts",
    metadata,
    Column("key", Text, primary_key=True),
    Column("source", Text, ForeignKey("sources.slug", onupdate="CASCADE"), nullable=False),
    Column("kind", Member(PostKind), nullable=False),
    string("guid"),
    string("url"),
    string("url_hash"),  # of a URL as long as its author likes, which no index would take
    string("title_trace", default=""),  # ``text.traces``: what stays when a blog moves
    string("link_trace", default=""),
    instant("first_seen", required=True),
    instant("published", required=True),
    instant("updated"),
    Column("revision", Integer, nullable=False),
    Column("comments", Json(Comments)),
    string("held"),
    # The revision whose words are in ``telling``; 0 where none is, and below 0 where there is a newer one since.
    Column("indexed", Integer, nullable=False, default=0),
    one_of("kind", PostKind),
    Index(None, "first_seen"),
    Index(None, "published"),
    Index(None, "source", "published"),
    Index(None, "url_hash"),
    Index(None, "source", "title_trace"),
    Index(None, "source", "link_trace"),
    Index("ix_posts_held", "published", sqlite_where=text("held <> ''"), postgresql_where=text("held <> ''")),
    Index(
        "ix_posts_not_indexed",
        "source",
        sqlite_where=text("indexed <= 0"),
        postgresql_where=text("indexed <= 0"),
    ),
)

withdrawals = Table(  # posts that their authors have taken back
    "withdrawals",
    metadata,
    Column("post", Text, ForeignKey("posts.key"), primary_key=True),
    string("why"),
    instant("at", required=True),
)

telling = Table(  # the most telling words of posts of ours, by which older ones are found again
    "telling",
    metadata,
    Column("post", Text, ForeignKey("posts.key"), primary_key=True),
    Column("term", Text, primary_key=True),
    instant(
        "published", required=True
    ),  # that of the post, so that the newest of a term are found by the index
    Column("weight", Float, nullable=False),
    Index(None, "term", "published", "post"),
)

term_counts = Table(  # in how many posts a term occurs; under the empty term, how many posts there are
    "term_counts",
    metadata,
    Column("term", Text, primary_key=True),
    Column("posts", Integer, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("source", Text, ForeignKey("sources.slug", onupdate="CASCADE"), primary_key=True),
    Column("identity", Text, primary_key=True),
    Column("post", Text, ForeignKey("posts.key"), nullable=False),
    Index(None, "identity"),  # the same entry in several sources
)

merges = Table(
    "merges",
    metadata,
    Column("key", Text, primary_key=True),  # that the entry's own post has, or would have
    Column("source", Text, ForeignKey("sources.slug", onupdate="CASCADE"), nullable=False),
    string("identity"),
    Column("post", Text, ForeignKey("posts.key"), nullable=False, index=True),
    string("reason"),
    instant("merged_at", required=True),
    instant("undone_at"),
    string("url"),  # of the entry
    instant("published", required=True),  # the entry
    Column("revision", Integer, nullable=False),  # of the post before it was merged
    Column("was_source", Text, ForeignKey("sources.slug", onupdate="CASCADE"), nullable=False),
    string("was_guid"),  # of the post before
    string("was_url"),
    Index(None, "source"),
)

revisions = Table(
    "revisions",
    metadata,
    Column("post", Text, ForeignKey("posts.key"), primary_key=True),
    Column("number", Integer, primary_key=True),
    string("hash"),
    string("title"),
    string("html"),
    string("text"),
    string("summary"),
    Column("authors", Words, nullable=False),
    Column("labels", Words, nullable=False),
    string("language"),
    Column("videos", Json(tuple[Video, ...]), nullable=False),
    instant("seen_at", required=True),
)

redactions = Table(  # what was removed on request, by fingerprints only
    "redactions",
    metadata,
    Column("fingerprint", Text, primary_key=True),
    Column("kind", Member(RedactionKind), nullable=False),
    Column("words", Integer, nullable=False),
    string("salt"),
    instant("at", required=True),
    one_of("kind", RedactionKind),
)

# ── issues ───────────────────────────────────────────────────────────────────────────────────────

digests = Table(
    "digests",
    metadata,
    Column("slug", Text, primary_key=True),
    instant("started_at", required=True),
)

issues = Table(
    "issues",
    metadata,
    Column("id", IssueKey, primary_key=True),
    Column("digest", Text, ForeignKey("digests.slug"), nullable=False),
    Column("slot", Date, nullable=False),
    string("name"),
    Column("number", Integer),
    Column("state", Member(IssueState), nullable=False),
    Column("document", Json(IssueDocument), nullable=False),
    Column("edit", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    instant("created_at", required=True),
    instant("updated_at", required=True),
    instant("approved_at"),
    instant("published_at"),
    string("skipped_why"),
    instant("goes_out_at"),
    instant("drafted_at"),
    string("held"),
    Column("dropped", Words, nullable=False),
    Column("later", Words, nullable=False),
    one_of("state", IssueState),
    UniqueConstraint("digest", "slot", "name"),
    UniqueConstraint("digest", "number"),
)

versions = Table(
    "versions",
    metadata,
    Column("issue", IssueKey, ForeignKey("issues.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
    string("sha256"),
    instant("frozen_at", required=True),
    string("correction"),
)

edits = Table(
    "edits",
    metadata,
    Column("issue", IssueKey, ForeignKey("issues.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    instant("at", required=True),
    Column("changes", Words, nullable=False),
)

settlements = Table(
    "settlements",
    metadata,
    Column("digest", Text, ForeignKey("digests.slug"), primary_key=True),
    Column("post", Text, ForeignKey("posts.key"), primary_key=True),
    Column("issue", IssueKey, ForeignKey("issues.id"), nullable=False, index=True),
    Column("settlement", Member(Settlement), nullable=False),
    instant("at", required=True),
    one_of("settlement", Settlement),
)

renderings = Table(
    "renderings",
    metadata,
    Column("issue", IssueKey, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("choice", Text, primary_key=True),
    string("subject"),
    string("html"),
    string("text"),
    string("sha256"),
    ForeignKeyConstraint(["issue", "version"], ["versions.issue", "versions.number"]),
)

# ── what is told of our feeds ────────────────────────────────────────────────────────────────────

pings = Table(
    "pings",
    metadata,
    Column("feed", Text, primary_key=True),  # its address
    string("hub"),
    string("sha256"),
    Column("attempts", Integer, nullable=False),
    instant("next_try_at"),
    instant("told_at"),
    string("reply"),
)

# ── audience ─────────────────────────────────────────────────────────────────────────────────────

subscribers = Table(
    "subscribers",
    metadata,
    Column("id", RowId, primary_key=True),
    string("address"),
    Column("address_key", Text, nullable=False, unique=True),  # casefolded: one mailbox, one subscriber
    instant("created_at", required=True),
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
    one_of("state", SubscriptionState),
    Index(None, "digest", "state", "choice"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("address_key", Text, primary_key=True),
    string("address"),
    string("reason"),
    instant("at", required=True),
)

# ── the ledger ───────────────────────────────────────────────────────────────────────────────────

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

# ── statements ───────────────────────────────────────────────────────────────────────────────────


def address_key(address: str) -> str:
    """What two spellings of one mailbox have in common."""
    return address.strip().casefold()


def insert_into(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, in the dialect of this connection."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


def write(connection: Connection, statement: UpdateBase) -> int:
    """Execute an INSERT, UPDATE or DELETE, and return how many rows it wrote."""
    options = {"preserve_rowcount": True}  # else it is not known for an INSERT on PostgreSQL
    return connection.execute(statement, execution_options=options).rowcount


def columns_of(value: DataclassInstance, without: Collection[str] = ()) -> dict[str, ColumnValue]:
    """The fields of a model value as the columns of its row."""
    return {name: getattr(value, name) for name in _field_names(type(value)) if name not in without}


@cache
def _field_names(kind: type[DataclassInstance]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def batches(values: Iterable[T], size: int = 500) -> Iterator[list[T]]:
    """The values in lists short enough for the parameters of one statement."""
    remaining = iter(values)
    while batch := list(islice(remaining, size)):
        yield batch
