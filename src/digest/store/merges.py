"""Posts that are known under more than one identity: found, joined with a reason, and taken apart again.

A merge adds an identity to a post and says why; undoing it makes the identity a post of its own, with the words it
came with, and gives the post back the words it had. Revisions are only ever added, so what was quoted stays.
"""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, and_, delete, or_, select, tuple_, update

from digest.collect.merging import is_global
from digest.errors import DigestError, NotFoundError
from digest.model import Entry, Post
from digest.store import posts
from digest.store.posts import Known
from digest.store.schema import identities, revisions
from digest.store.schema import merges as merges_table
from digest.store.schema import posts as posts_table
from digest.store.schema import sources as sources_table
from digest.store.statements import batches, insert_into
from digest.text.traces import link_trace, title_trace

_RETIRED = select(sources_table.c.slug).where(sources_table.c.retired)

# What may have stayed the same of a post whose id changed: a column, and what it would be of an entry.
_TRAITS: tuple[tuple[Column[Any], Callable[[Entry], Any]], ...] = (
    (posts_table.c.title_trace, lambda entry: title_trace(entry.title)),
    (posts_table.c.link_trace, lambda entry: link_trace(entry.url)),
    (posts_table.c.published, lambda entry: entry.published),
)

_MOST_SOURCES = 100  # in one statement, which SQLite then answers by an index for each of them
MOST_CANDIDATES = 500  # of one document; the newest


@dataclass(frozen=True, slots=True)
class Merge:
    """One identity that was found to be a post already known."""

    key: str  # that the identity's own post has once it is undone
    source: str  # that gave it
    identity: str
    url: str
    post: str  # the key of the post it was merged into
    reason: str
    merged_at: datetime
    undone_at: datetime | None


MergeRow = Row[Any]  # one of the table, with all its columns
_SHOWN = ("key", "source", "identity", "url", "post", "reason", "merged_at", "undone_at")


# ── collecting ───────────────────────────────────────────────────────────────────────────────────


def candidates(
    connection: Connection,
    source: str,
    entries: Sequence[Entry],
    present: Collection[str] = (),
    *,
    first: bool = False,
) -> tuple[Post, ...]:
    """Posts that unknown entries of a source may be, for ``collect.merging.matches``; by indexes only.

    Args:
        connection: of the transaction that stores the entries.
        source: the slug of the source that gave them.
        entries: with their identities as ids.
        present: keys of posts that other entries of the same document are.
        first: whether this is the first collection of the source. It has no posts yet; but those of a source that
            is followed no longer count as its own, for many a new source is an old one at another address.
    """
    found = _sharing(connection, source, entries, _RETIRED if first else [source])
    found |= _of_other_sources(connection, source, entries)
    return tuple(post for key, post in found.items() if key not in present)


def related(connection: Connection, new: Mapping[str, Sequence[Entry]]) -> frozenset[str]:
    """Those of the sources that have posts which share title, address or date with one of their new entries.

    In few statements for many sources: hardly any has, and the others need not be asked for candidates.

    Args:
        new: unknown entries by the slug of the source that gave them.
    """
    found: set[str] = set()
    for column, trait in _TRAITS:
        wanted = {
            slug: {value for each in entries if (value := trait(each))} for slug, entries in new.items()
        }
        for batch in batches(((slug, values) for slug, values in wanted.items() if values), _MOST_SOURCES):
            same = or_(*(and_(posts_table.c.source == slug, column.in_(values)) for slug, values in batch))
            found.update(connection.execute(select(posts_table.c.source).where(same)).scalars())
    return frozenset(found)


def merge(connection: Connection, post: Post, key: str, reason: str, now: datetime) -> Known:
    """Remember that an entry is the post ``key``, and return that post as collecting sees it.

    The post is at the address of the entry from now on, unless another source has it; where that source is followed
    no longer, the post goes over to the source of the entry.

    Args:
        connection: of the transaction that stores the entry.
        post: the entry as it would be stored on its own; ``guid`` is its identity.
        key: of the post that it is.
        reason: one sentence.
        now: this poll.

    Raises:
        NotFoundError: no post has that key.
    """
    known = posts.post(connection, key)
    if known is None:
        raise NotFoundError(f"There is no post {key}.")
    row = {
        "key": post.key if post.key != key else _another_key(post),
        "source": post.source,
        "identity": post.guid,
        "post": key,
        "reason": reason,
        "merged_at": now,
        "undone_at": None,
        "url": post.url,
        "published": post.published,
        "revision": known.revision,
        "was_source": known.source,
        "was_guid": known.guid,
        "was_url": known.url,
    }
    connection.execute(insert_into(connection, merges_table).values(**row).on_conflict_do_nothing())
    posts.add_identity(connection, post.source, post.guid, key)
    _take_over(connection, post, key)
    return posts.known(connection, post.source, [post.guid])[post.guid]


def _another_key(post: Post) -> str:
    """A key for an entry whose own is taken by the post that it is: its source has the address which that one had."""
    digest = sha256(f"{post.source}\n{post.key}".encode()).digest()
    return b32encode(digest)[:16].decode().lower()


def _sharing(
    connection: Connection, source: str, entries: Sequence[Entry], among: Select[tuple[str]] | list[str]
) -> dict[str, Post]:
    """By what may have stayed the same (title, address or date), each as a post of this source."""
    if among is _RETIRED and connection.execute(_RETIRED.limit(1)).first() is None:
        return {}
    found: dict[str, Post] = {}
    for column, trait in _TRAITS:
        for batch in batches({value for entry in entries if (value := trait(entry))}):
            query = posts.newest().where(posts_table.c.source.in_(among), column.in_(batch))
            query = query.order_by(posts_table.c.published.desc(), posts_table.c.key).limit(MOST_CANDIDATES)
            found |= {
                row.key: replace(Post(**row._mapping), source=source) for row in connection.execute(query)
            }
    return found


def _of_other_sources(connection: Connection, source: str, entries: Sequence[Entry]) -> dict[str, Post]:
    """By the identity itself, where it is unique in the world."""
    spelled = {posts.indexed(entry.id): entry.id for entry in entries if is_global(entry.id)}
    given = posts.newest().add_columns(identities.c.identity.label("given_as"))
    given = given.join(identities, identities.c.post == posts_table.c.key)
    found: dict[str, Post] = {}
    for batch in batches(spelled):
        query = given.where(identities.c.identity.in_(batch), identities.c.source != source)
        for row in connection.execute(query):
            values = dict(row._mapping)
            values["guid"] = spelled[values.pop("given_as")]
            found[row.key] = Post(**values)
    return found


def _take_over(connection: Connection, post: Post, key: str) -> None:
    """The post is where its source says now; and it is this source's where the other is followed no longer."""
    here = posts_table.c.key == key
    left = and_(here, posts_table.c.source.in_(_RETIRED))
    connection.execute(update(posts_table).where(left).values(source=post.source))
    ours = and_(here, posts_table.c.source == post.source)
    moved = {"guid": post.guid, "url": post.url}
    moved |= {name: value for name, value in posts.found_by(post).items() if name != "title_trace"}
    connection.execute(update(posts_table).where(ours).values(**moved))


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────


def merges(connection: Connection, limit: int = 1000) -> tuple[Merge, ...]:
    """The merges that stand, newest first."""
    query = (
        select(*(merges_table.c[name] for name in _SHOWN))
        .where(merges_table.c.undone_at.is_(None))
        .order_by(merges_table.c.merged_at.desc(), merges_table.c.key)
        .limit(limit)
    )
    return tuple(Merge(**row._mapping) for row in connection.execute(query))


def unmerge(connection: Connection, key: str, now: datetime) -> Post:
    """Take a merge back for good, and return the post that its entry now is on its own.

    It counts as first seen now, so that the next issue may take it. The other post says again, in a new revision,
    what it said before, unless another entry was merged into it since.

    Args:
        connection: of a transaction of its own.
        key: of the merge, or of the post where only one merge into it stands.
        now: when a person decided so.

    Raises:
        NotFoundError: no merge that stands has that key.
        DigestError: several entries were merged into that post; the sentence names their keys.
    """
    merged = _standing(connection, key)
    later = _next_into(connection, merged)
    last_own = later.revision if later else _newest_number(connection, merged.post)
    own, own_hash = _as_of(connection, merged.post, last_own)
    own = replace(own, key=merged.key, source=merged.source, guid=merged.identity, url=merged.url)
    own = replace(own, first_seen=now, published=merged.published, revision=1, held="")
    connection.execute(
        delete(identities).where(
            identities.c.source == merged.source, identities.c.identity == posts.indexed(merged.identity)
        )
    )
    posts.add_post(connection, own, merged.identity, own_hash, now)
    if later is None:
        _give_back(connection, merged, now)
    else:
        _hand_on(connection, merged, later)
    connection.execute(update(merges_table).where(merges_table.c.key == merged.key).values(undone_at=now))
    return own


def _standing(connection: Connection, key: str) -> MergeRow:
    query = select(merges_table).where(merges_table.c.undone_at.is_(None))
    query = query.order_by(merges_table.c.merged_at, merges_table.c.key)
    own = connection.execute(query.where(merges_table.c.key == key)).one_or_none()
    found = [own] if own else connection.execute(query.where(merges_table.c.post == key)).all()
    if not found:
        raise NotFoundError(f"Nothing was merged as {key}; digest posts merged lists the merges.")
    if len(found) > 1:
        keys = ", ".join(row.key for row in found)
        raise DigestError(f"Several entries were merged into {key}; name one of them: {keys}.")
    return found[0]


def _next_into(connection: Connection, merged: MergeRow) -> MergeRow | None:
    """The next merge into the same post that stands."""
    query = select(merges_table).where(
        merges_table.c.post == merged.post,
        merges_table.c.undone_at.is_(None),
        tuple_(merges_table.c.merged_at, merges_table.c.key) > (merged.merged_at, merged.key),
    )
    return connection.execute(
        query.order_by(merges_table.c.merged_at, merges_table.c.key).limit(1)
    ).one_or_none()


def _newest_number(connection: Connection, key: str) -> int:
    return int(
        connection.execute(select(posts_table.c.revision).where(posts_table.c.key == key)).scalar_one()
    )


def _as_of(connection: Connection, key: str, number: int) -> tuple[Post, str]:
    """A post as of one of its revisions, and that revision's hash."""
    query = posts.as_of(number).add_columns(revisions.c.hash.label("hash")).where(posts_table.c.key == key)
    values = dict(connection.execute(query).one()._mapping)
    hashed = str(values.pop("hash"))
    return Post(**values), hashed


def _give_back(connection: Connection, merged: MergeRow, now: datetime) -> None:
    """The post as it was before the merge: its source, its address, and its words as a new revision."""
    was, was_hash = _as_of(connection, merged.post, merged.revision)
    was = replace(was, guid=merged.was_guid, url=merged.was_url)
    posts.add_revision(connection, merged.post, was, was_hash, now)
    values = {"source": merged.was_source, "guid": was.guid, "url": was.url, **posts.found_by(was)}
    connection.execute(update(posts_table).where(posts_table.c.key == merged.post).values(**values))


def _hand_on(connection: Connection, merged: MergeRow, later: MergeRow) -> None:
    """What the post was before the merge that is undone is what it was before the next one."""
    names = ("revision", "was_source", "was_guid", "was_url")
    before = {name: getattr(merged, name) for name in names}
    connection.execute(update(merges_table).where(merges_table.c.key == later.key).values(**before))
