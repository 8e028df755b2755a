"""Posts, how they are known again, and what they say."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from digest.model import Comments, PostKind, RedactionKind, Video
from digest.store.columns import Json, Member, Words, instant, one_of, string
from digest.store.schema.metadata import metadata

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

meanings = Table(  # what texts mean, as an encoder said it; a cache, each row as good as asking it again
    "meanings",
    metadata,
    Column("model", Text, primary_key=True),
    Column("text_hash", LargeBinary, primary_key=True),
    Column("point", LargeBinary, nullable=False),
    instant("at", required=True),
    Index(None, "at"),
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
