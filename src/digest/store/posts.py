"""Posts and their revisions.

What changes without the words changing (where a post is, its comments, when its feed says it was updated) is
kept with the post; what it says is kept with each revision, and a revision is never changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Select, and_, exists, func, literal_column, select, update

from digest.errors import NotFoundError
from digest.model import Comments, Post
from digest.store.columns import ColumnValue
from digest.store.database import exclusive
from digest.store.schema import identities, merges, redactions, revisions, settlements, withdrawals
from digest.store.schema import posts as posts_table
from digest.store.statements import batches, columns_of, insert_into, write
from digest.text.traces import link_trace, title_trace

_SAID = ("title", "html", "text", "summary", "authors", "labels", "language", "videos")
_ONLY_STORED = ("url_hash", "title_trace", "link_trace", "indexed")  # by which posts are found again
_NEWEST = and_(revisions.c.post == posts_table.c.key, revisions.c.number == posts_table.c.revision)
_IS_HELD = posts_table.c.held != literal_column("''")  # a literal, so that the partial index is used
_LONGEST_IDENTITY = 300  # characters; an index of PostgreSQL takes 2,700 bytes


@dataclass(frozen=True, slots=True)
class Known:
    """A stored post as collecting sees it: its key, the hash of its newest revision, and the source that revises it."""

    key: str
    hash: str
    source: str = ""
    published: datetime | None = None  # where its feed said so


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post to store for the first time, the identity under which its source gave it, and its first hash."""

    post: Post
    identity: str
    hash: str


# ── collecting ───────────────────────────────────────────────────────────────────────────────────


def known(connection: Connection, source: str, wanted: Collection[str]) -> Mapping[str, Known]:
    """Those of the identities that ``source`` has given before, and which post each of them is."""
    query = (
        select(
            identities.c.identity,
            posts_table.c.key,
            revisions.c.hash,
            posts_table.c.source,
            posts_table.c.published,
            posts_table.c.first_seen,
        )
        .join(posts_table, identities.c.post == posts_table.c.key)
        .join(revisions, _NEWEST)
        .where(identities.c.source == source)
    )
    spelled = _spelled(connection, wanted)
    return {
        spelled[row.identity]: Known(
            row.key, row.hash, row.source, row.published if row.published < row.first_seen else None
        )
        for batch in batches(spelled)
        for row in connection.execute(query.where(identities.c.identity.in_(batch)))
    }


def lengths(connection: Connection, keys: Collection[str]) -> Mapping[str, int]:
    """How many code points the newest revisions of these posts have."""
    query = select(posts_table.c.key, func.length(revisions.c.text)).join(revisions, _NEWEST)
    return {
        key: length
        for batch in batches(keys)
        for key, length in connection.execute(query.where(posts_table.c.key.in_(batch)))
    }


def given(connection: Connection, wanted: Collection[str]) -> frozenset[str]:
    """Those of the identities that any source has given."""
    spelled = _spelled(connection, wanted)
    query = select(identities.c.identity).distinct()
    return frozenset(
        spelled[found]
        for batch in batches(spelled)
        for found in connection.execute(query.where(identities.c.identity.in_(batch))).scalars()
    )


def add_post(connection: Connection, post: Post, identity: str, revision_hash: str, now: datetime) -> bool:
    """Store a new post with its first revision; False, and nothing is written, where its key is stored already."""
    return bool(add_posts(connection, [NewPost(post, identity, revision_hash)], now))


def add_posts(connection: Connection, new: Collection[NewPost], now: datetime) -> frozenset[str]:
    """Store new posts with their first revisions, and return the keys of those that were not stored already."""
    exclusive(connection, "digest: posts")  # two collectors may have found the same
    fresh = {each.post.key: each for each in new}
    for key in _stored(connection, fresh):
        del fresh[key]
    if fresh:
        added = fresh.values()
        posts = [{**_post_row(each.post), "revision": 1} for each in added]
        named = [_identity_row(each.post.source, each.identity, each.post.key) for each in added]
        said = [_revision_row(each.post, 1, each.hash, now) for each in added]
        connection.execute(posts_table.insert(), posts)
        connection.execute(insert_into(connection, identities).on_conflict_do_nothing(), named)
        connection.execute(revisions.insert(), said)
    return frozenset(fresh)


def _stored(connection: Connection, keys: Collection[str]) -> frozenset[str]:
    """Those of the keys that are in use."""
    query = select(posts_table.c.key)
    return frozenset(
        key
        for batch in batches(keys)
        for key in connection.execute(query.where(posts_table.c.key.in_(batch))).scalars()
    )


def add_identity(connection: Connection, source: str, identity: str, key: str) -> None:
    """Remember that ``source`` also gives this post under another identity; the first post of an identity stays."""
    row = _identity_row(source, identity, key)
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
    moved = {"guid": post.guid, "url": post.url, "revision": number, **found_by(post)}
    moved |= {"indexed": -func.abs(posts_table.c.indexed)}  # the words of before, until the new ones are
    _insert_revision(connection, post, number, revision_hash, now, key)
    connection.execute(update(posts_table).where(posts_table.c.key == key).values(**moved))
    touch(connection, key, post.updated, post.comments)
    return number


def touch(
    connection: Connection, key: str, updated: datetime | None, comments: Comments | None, url: str = ""
) -> None:
    """Keep what changed although the words did not; without a ``url`` the post stays where it is."""
    values: dict[str, ColumnValue] = {"updated": updated, "comments": comments}
    if url:
        values |= {"url": url, "url_hash": _url_hash(url), "link_trace": link_trace(url)}
    connection.execute(update(posts_table).where(posts_table.c.key == key).values(**values))


def _post_row(post: Post) -> dict[str, ColumnValue]:
    return {**columns_of(post, without=_SAID), **found_by(post)}


def found_by(post: Post) -> dict[str, ColumnValue]:
    """The columns by which a post is found again, beside its key."""
    traces = {"title_trace": title_trace(post.title), "link_trace": link_trace(post.url)}
    return {"url_hash": _url_hash(post.url), **traces}


def _identity_row(source: str, identity: str, key: str) -> dict[str, ColumnValue]:
    return {"source": source, "identity": indexed(identity), "post": key}


def _insert_revision(
    connection: Connection, post: Post, number: int, revision_hash: str, now: datetime, key: str = ""
) -> None:
    connection.execute(revisions.insert().values(**_revision_row(post, number, revision_hash, now, key)))


def _revision_row(
    post: Post, number: int, revision_hash: str, now: datetime, key: str = ""
) -> dict[str, ColumnValue]:
    said = {name: getattr(post, name) for name in _SAID}
    return {"post": key or post.key, "number": number, "hash": revision_hash, "seen_at": now, **said}


def indexed(identity: str) -> str:
    """An identity as it is stored: one that no index would take is hashed."""
    return identity if len(identity) <= _LONGEST_IDENTITY else hashed(identity)


def _spelled(connection: Connection, wanted: Collection[str]) -> dict[str, str]:
    """The identities by all that may be stored of them: their hashes, too, once anything was removed on request."""
    spelled = {indexed(identity): identity for identity in wanted}
    if connection.execute(select(redactions.c.fingerprint).limit(1)).first():
        spelled |= {hashed(identity): identity for identity in wanted}
    return spelled


def hashed(identity: str) -> str:
    """An identity as it is stored where it is too long, or tells what was removed on request."""
    return f"sha256:{sha256(identity.encode()).hexdigest()}"


def _url_hash(url: str) -> str:
    return sha256(url.encode()).hexdigest()


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def post(connection: Connection, key: str, revision: int | None = None) -> Post | None:
    """One post as of its newest revision, or as of another one."""
    said = newest() if revision is None else as_of(revision)
    row = connection.execute(said.where(posts_table.c.key == key)).one_or_none()
    return Post(**row._mapping) if row else None


def by_keys(connection: Connection, keys: Collection[str]) -> tuple[Post, ...]:
    """Those of the posts that are stored, as of their newest revisions, in the order of their keys."""
    found = [
        Post(**row._mapping)
        for batch in batches(sorted(keys))
        for row in connection.execute(newest().where(posts_table.c.key.in_(batch)))
    ]
    return tuple(sorted(found, key=lambda post: post.key))


def by_url(connection: Connection, url: str) -> Post | None:
    """The post at an address, exactly as stored; where several sources gave it, the one first seen."""
    query = newest().where(posts_table.c.url_hash == _url_hash(url), posts_table.c.url == url)
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
    """The posts that an issue of ``digest`` may take: first seen in [since, until], not held, settled or withdrawn.

    ``sources`` are slugs, None means every source. In the order of first sight. A post that two sources give is its
    first source's, or, where only the other one is asked for, the other one's.
    """
    settled = exists().where(settlements.c.digest == digest, settlements.c.post == posts_table.c.key)
    taken_back = exists().where(withdrawals.c.post == posts_table.c.key)
    query = newest().where(posts_table.c.first_seen.between(since, until), ~_IS_HELD, ~settled, ~taken_back)
    query = query.order_by(posts_table.c.first_seen, posts_table.c.key)
    found = _given_by(connection, query, sources)
    return tuple(sorted(found, key=lambda post: (post.first_seen, post.key)))


def recent(
    connection: Connection, sources: Collection[str] | None, since: datetime | None, limit: int
) -> tuple[Post, ...]:
    """The newest posts published since a time, held ones too: what a post may be related to."""
    query = newest()
    if since is not None:
        query = query.where(posts_table.c.published >= since)
    return _last_published(connection, query, sources, limit)


def held(
    connection: Connection, sources: Collection[str] | None = None, limit: int = 1000
) -> tuple[Post, ...]:
    """The newest of the posts that are back-fill, each with why."""
    return _last_published(connection, newest().where(_IS_HELD), sources, limit)


def release(connection: Connection, keys: Collection[str]) -> int:
    """Let held posts into the next issue, and return how many there were."""
    return sum(
        write(connection, update(posts_table).where(posts_table.c.key.in_(batch), _IS_HELD).values(held=""))
        for batch in batches(keys)
    )


def newest() -> Select[*tuple[ColumnValue, ...]]:
    """Posts as of their newest revisions: the fields of a ``Post``."""
    return _fields().join(revisions, _NEWEST)


def as_of(number: int) -> Select[*tuple[ColumnValue, ...]]:
    """Posts as of one of their revisions: the fields of a ``Post``, of which ``revision`` is the newest."""
    return _fields().join(
        revisions, and_(revisions.c.post == posts_table.c.key, revisions.c.number == number)
    )


def _fields() -> Select[*tuple[ColumnValue, ...]]:
    kept = [column for column in posts_table.c if column.name not in _ONLY_STORED]
    return select(*kept, *(revisions.c[name] for name in _SAID))


def _last_published(
    connection: Connection,
    query: Select[*tuple[ColumnValue, ...]],
    sources: Collection[str] | None,
    limit: int,
) -> tuple[Post, ...]:
    query = query.order_by(posts_table.c.published.desc(), posts_table.c.key).limit(limit)
    found = sorted(_given_by(connection, query, sources), key=lambda post: post.key)
    return tuple(sorted(found, key=lambda post: post.published, reverse=True)[:limit])


def _given_by(
    connection: Connection, query: Select[*tuple[ColumnValue, ...]], sources: Collection[str] | None
) -> list[Post]:
    """The posts of a query that any of the sources gave, each with one of these as its source."""
    if sources is None:
        return [Post(**row._mapping) for row in connection.execute(query)]
    own = query.where(posts_table.c.source.in_(sources))
    given_too = _given_too(connection, sources)
    others = (query.where(posts_table.c.key.in_(batch)) for batch in batches(given_too))
    found = [Post(**row._mapping) for each in (own, *others) for row in connection.execute(each)]
    return [replace(post, source=given_too.get(post.key, post.source)) for post in found]


def _given_too(connection: Connection, sources: Collection[str]) -> Mapping[str, str]:
    """The keys of posts that none of these sources had first, with one of them that gave it too."""
    query = (
        select(merges.c.post, merges.c.source)
        .join(posts_table, merges.c.post == posts_table.c.key)
        .where(
            merges.c.source.in_(sources),
            merges.c.source != merges.c.was_source,
            merges.c.undone_at.is_(None),
            posts_table.c.source.not_in(sources),
        )
        .order_by(merges.c.merged_at.desc())  # the first of several is taken
    )
    return {row.post: row.source for row in connection.execute(query)}
