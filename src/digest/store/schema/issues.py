"""Issues, their versions and renderings, and what hubs were told of them."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from digest.model import Before, IssueDocument, IssueState, Settlement
from digest.store.columns import IssueKey, Json, Member, Words, instant, one_of, string
from digest.store.schema.metadata import metadata

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
    string("by", default=""),
    Column("undoes", Integer, nullable=False, default=0),
    Column("before", Json(Before)),
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
