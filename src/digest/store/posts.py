"""Posts and their revisions.

What changes without the words changing (where a post is, its comments, when its feed says it was updated) is
kept with the post; what it says is kept with each revision, and a revision is never changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Select, and_, exists, literal_column, select, update

from digest.errors import NotFoundError
from digest.model import Comments, Post
from digest.store.columns import ColumnValue
from digest.store.schema import batches, columns_of, identities, insert_into, revisions, settlements, write
from digest.store.schema import posts as posts_table

_SAID = ("title", "html", "text", "summary", "authors", "labels", "language", "videos")
_NEWEST = and_(revisions.c.post == posts_table.c.key, revisions.c.number == posts_table.c.revision)
_IS_HELD = posts_table.c.held != literal_column("''")  # a literal, so that the partial index is used
_LONGEST_IDENTITY = 300  # characters; an index of PostgreSQL takes 2,700 bytes


@dataclass(frozen=True, slots=True)
class Known:
    """A stored post as collecting sees it: its key, and the hash of its newest revision."""

    key: str
    hash: str


# ── collecting ───────────────────────────────────────────────────────────────────────────────────


def known(connection: Connection, source: str, wanted: Collection[str]) -> Mapping[str, Known]:
    """Those of the identities that ``source`` has given before, and which post each of them is."""
    query = (
        select(identities.c.identity, posts_table.c.key, revisions.c.hash)
        .join(posts_table, identities.c.post == posts_table.c.key)
        .join(revisions, _NEWEST)
        .where(identities.c.source == source)
    )
    spelled = {_indexed(identity): identity for identity in wanted}
    return {
        spelled[row.identity]: Known(row.key, row.hash)
        for batch in batches(spelled)
        for row in connection.execute(query.where(identities.c.identity.in_(batch)))
    }


def add_post(connection: Connection, post: Post, identity: str, revision_hash: str, now: datetime) -> bool:
    """Store a new post with its first revision; False, and nothing is written, where its key is stored already."""
    row = {**_post_row(post), "revision": 1, "url_hash": _url_hash(post.url)}
    insert = insert_into(connection, posts_table).values(**row).on_conflict_do_nothing()
    if not write(connection, insert):
        return False
    add_identity(connection, post.source, identity, post.key)
    _insert_revision(connection, post, 1, revision_hash, now)
    return True


def add_identity(connection: Connection, source: str, identity: str, key: str) -> None:
    """Remember that ``source`` also gives this post under another identity; the first post of an identity stays."""
    row = {"source": source, "identity": _indexed(identity), "post": key}
    connection.execute(insert_into(connection, identities).values(**row).on_conflict_do_nothing())


def add_revision(connection: Connection, key: str, post: Post, revision_hash: str, now: datetime) -> int:
    """Store what a post says now as its next revision, and return its number.

    What is permanent (key, first seen, published, held) stays. Where the newest revision has this hash
    already, nothing is written.

    Raises:
        NotFoundError: no post has that key.
    """
    query = (
        select(posts_table.c.revision, revisions.c.hash)
        .join(revisions, _NEWEST)
        .where(posts_table.c.key == key)
    )
    newest = connection.execute(query.with_for_update(of=posts_table)).one_or_none()
    if newest is None:
        raise NotFoundError(f"There is no post {key}.")
    if newest.hash == revision_hash:
        return int(newest.revision)
    number = int(newest.revision) + 1
    moved = {"guid": post.guid, "url": post.url, "url_hash": _url_hash(post.url), "revision": number}
    _insert_revision(connection, post, number, revision_hash, now, key)
    connection.execute(update(posts_table).where(posts_table.c.key == key).values(**moved))
    touch(connection, key, post.updated, post.comments)
    return number


def touch(connection: Connection, key: str, updated: datetime | None, comments: Comments | None) -> None:
    """Keep what changed although the words did not."""
    values = {"updated": updated, "comments": comments}
    connection.execute(update(posts_table).where(posts_table.c.key == key).values(**values))


def _post_row(post: Post) -> dict[str, ColumnValue]:
    return columns_of(post, without=_SAID)


def _insert_revision(
    connection: Connection, post: Post, number: int, revision_hash: str, now: datetime, key: str = ""
) -> None:
    said = {name: getattr(post, name) for name in _SAID}
    row = {"post": key or post.key, "number": number, "hash": revision_hash, "seen_at": now, **said}
    connection.execute(revisions.insert().values(**row))


def _indexed(identity: str) -> str:
    if len(identity) <= _LONGEST_IDENTITY:
        return identity
    return f"sha256:{sha256(identity.encode()).hexdigest()}"


def _url_hash(url: str) -> str:
    return sha256(url.encode()).hexdigest()


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def post(connection: Connection, key: str) -> Post | None:
    """One post as of its newest revision."""
    row = connection.execute(_newest().where(posts_table.c.key == key)).one_or_none()
    return Post(**row._mapping) if row else None


def by_url(connection: Connection, url: str) -> Post | None:
    """The post at an address, exactly as stored; where several sources gave it, the one first seen."""
    query = _newest().where(posts_table.c.url_hash == _url_hash(url), posts_table.c.url == url)
    row = connection.execute(
        query.order_by(posts_table.c.first_seen, posts_table.c.key).limit(1)
    ).one_or_none()
    return Post(**row._mapping) if row else None


def revision_text(connection: Connection, key: str, number: int) -> str:
    """The plain text of one revision, into which the offsets of its quotes point.

    Raises:
        NotFoundError: there is no such revision.
    """
    query = select(revisions.c.text).where(revisions.c.post == key, revisions.c.number == number)
    text = connection.execute(query).scalar()
    if text is None:
        raise NotFoundError(f"There is no revision {number} of a post {key}.")
    return str(text)


def open_posts(
    connection: Connection, digest: str, sources: Collection[str] | None, since: datetime, until: datetime
) -> tuple[Post, ...]:
    """The posts that an issue of ``digest`` may take: first seen in [since, until], not held, not settled.

    ``sources`` are slugs, None means every source. In the order of first sight.
    """
    settled = exists().where(settlements.c.digest == digest, settlements.c.post == posts_table.c.key)
    query = _newest().where(posts_table.c.first_seen.between(since, until), ~_IS_HELD, ~settled)
    return _posts(connection, query.order_by(posts_table.c.first_seen, posts_table.c.key), sources)


def recent(
    connection: Connection, sources: Collection[str] | None, since: datetime | None, limit: int
) -> tuple[Post, ...]:
    """The newest posts published since a time, held ones too: what a post may be related to."""
    query = _newest()
    if since is not None:
        query = query.where(posts_table.c.published >= since)
    return _posts(
        connection, query.order_by(posts_table.c.published.desc(), posts_table.c.key).limit(limit), sources
    )


def held(
    connection: Connection, sources: Collection[str] | None = None, limit: int = 1000
) -> tuple[Post, ...]:
    """The newest of the posts that are back-fill, each with why."""
    query = _newest().where(_IS_HELD)
    return _posts(
        connection, query.order_by(posts_table.c.published.desc(), posts_table.c.key).limit(limit), sources
    )


def release(connection: Connection, keys: Collection[str]) -> int:
    """Let held posts into the next issue, and return how many there were."""
    return sum(
        write(connection, update(posts_table).where(posts_table.c.key.in_(batch), _IS_HELD).values(held=""))
        for batch in batches(keys)
    )


def _newest() -> Select[*tuple[ColumnValue, ...]]:
    kept = [column for column in posts_table.c if column.name != "url_hash"]
    return select(*kept, *(revisions.c[name] for name in _SAID)).join(revisions, _NEWEST)


def _posts(
    connection: Connection, query: Select[*tuple[ColumnValue, ...]], sources: Collection[str] | None
) -> tuple[Post, ...]:
    if sources is not None:
        query = query.where(posts_table.c.source.in_(sources))
    return tuple(Post(**row._mapping) for row in connection.execute(query))
