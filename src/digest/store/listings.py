"""Long lists as they are looked through: page by page, by an index, the newest first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlalchemy import JSON, ColumnElement, Connection, Text, cast, func, select, tuple_, type_coerce

from digest.model import Issue, IssueId, IssueState, Post, SendState
from digest.store.posts import newest
from digest.store.schema import issues as issues_table
from digest.store.schema import posts as posts_table
from digest.store.schema import sends

_MOST_READ = 100  # issues
_ISSUE_COLUMNS = tuple(issues_table.c[field.name] for field in fields(Issue))


def issues(
    connection: Connection,
    limit: int,
    *,
    digest: str | None = None,
    state: IssueState | None = None,
    before: IssueId | None = None,
) -> tuple[Issue, ...]:
    """Issues by slot, the latest first: of one digest or all, in one state or any, behind one of them."""
    key = (issues_table.c.slot, issues_table.c.name, issues_table.c.digest)
    query = select(*_ISSUE_COLUMNS).order_by(*(column.desc() for column in key)).limit(limit)
    if digest is not None:
        query = query.where(issues_table.c.digest == digest)
    if state is not None:
        query = query.where(issues_table.c.state == state)
    if before is not None:
        query = query.where(tuple_(*key) < (before.slot, before.name, before.digest))
    return tuple(Issue(**row._mapping) for row in connection.execute(query))


@dataclass(frozen=True, slots=True)
class Heading:
    """An issue as a line of a list, without its document; ``requested_at`` is when its send was asked for."""

    id: IssueId
    number: int | None
    state: IssueState
    title: str
    published_at: datetime | None
    send: SendState | None
    requested_at: datetime | None


def headings(
    connection: Connection, limit: int, *, before: IssueId | None = None, sent: bool = False
) -> tuple[Heading, ...]:
    """Issues of all digests by slot, the latest first, behind one of them; ``sent``: only those with a send."""
    key = (issues_table.c.slot, issues_table.c.name, issues_table.c.digest)
    columns = (issues_table.c.id, issues_table.c.number, issues_table.c.state, _title(connection))
    dated = (issues_table.c.published_at, sends.c.state.label("send"), sends.c.requested_at)
    joined = issues_table.join(sends, sends.c.issue == issues_table.c.id, isouter=not sent)
    query = select(*columns, *dated).select_from(joined)
    query = query.order_by(*(column.desc() for column in key)).limit(limit)
    if before is not None:
        query = query.where(tuple_(*key) < (before.slot, before.name, before.digest))
    return tuple(Heading(*row) for row in connection.execute(query))


def _title(connection: Connection) -> ColumnElement[str]:
    """The title in an issue's document, without reading the rest of it."""
    document = type_coerce(issues_table.c.document, Text)
    if connection.dialect.name == "sqlite":
        return func.json_extract(document, "$.title", type_=Text).label("title")
    return func.json_extract_path_text(cast(document, JSON), "title", type_=Text).label("title")


@dataclass(frozen=True, slots=True)
class Placed:
    """A post as it stands under a theme (its slug, or "") in an issue, and why."""

    issue: IssueId
    theme: str
    url: str
    title: str
    source_title: str
    why: str


def placed(connection: Connection, slot: date) -> Iterator[Placed]:
    """What stands in the issues from a slot on that were not skipped, the latest issue first; of the latest 100."""
    # As JSON: to make values of whole documents takes ten times as long.
    document = type_coerce(issues_table.c.document, Text)
    query = select(issues_table.c.id, document.label("document")).where(
        issues_table.c.slot >= slot, issues_table.c.state != IssueState.SKIPPED
    )
    latest = query.order_by(issues_table.c.slot.desc(), issues_table.c.name.desc(), issues_table.c.digest)
    for row in connection.execute(latest.limit(_MOST_READ)):
        for group in json.loads(row.document)["groups"]:
            for pick in group["picks"]:
                said = (pick[name] for name in ("url", "title", "source_title", "why"))
                yield Placed(row.id, group["slug"], *said)


def posts(
    connection: Connection,
    limit: int,
    *,
    source: str | None = None,
    since: datetime | None = None,
    before: tuple[datetime, str] | None = None,
) -> tuple[Post, ...]:
    """Posts by when they were published, the newest first: of one source or all, behind one of them."""
    key = (posts_table.c.published, posts_table.c.key)
    query = newest().order_by(*(column.desc() for column in key)).limit(limit)
    if source is not None:
        query = query.where(posts_table.c.source == source)
    if since is not None:
        query = query.where(posts_table.c.published >= since)
    if before is not None:
        query = query.where(posts_table.c.published <= before[0], tuple_(*key) < before)
    return tuple(Post(**row._mapping) for row in connection.execute(query))
