"""Every stored word that a redaction means, overwritten.

Rows stay, because others refer to them; their words go. Posts are as long as before, so that quotes stand where they
stood. ``redactions.scrub`` then makes the database write its files anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from sqlalchemy import Column, Connection, Row, Table, delete, select, tuple_, update

from digest import codec
from digest.model import IssueDocument, IssueId, Version
from digest.store import posts as posts_store
from digest.store.columns import ColumnValue
from digest.store.schema import (
    audit,
    edits,
    identities,
    issues,
    meanings,
    merges,
    posts,
    renderings,
    revisions,
    rules,
    source_items,
    sources,
    telling,
    term_counts,
    themes,
    versions,
    withdrawals,
)
from digest.store.statements import batches, columns_of
from digest.text.blackout import Blackout

REMOVED = "removed on request"  # why a post without words is in no issue

# Columns with words of others or of editors, in rows that stay; posts, revisions and documents are apart.
_WORDS: Mapping[Table, Sequence[Column[ColumnValue]]] = {
    sources: (sources.c.title, sources.c.site_url, sources.c.status, sources.c.labels),
    themes: (themes.c.title, themes.c.description, themes.c.terms, themes.c.not_terms),
    merges: (merges.c.identity, merges.c.reason, merges.c.url, merges.c.was_guid, merges.c.was_url),
    withdrawals: (withdrawals.c.why,),
    issues: (issues.c.held, issues.c.skipped_why),
    versions: (versions.c.correction,),
    edits: (edits.c.changes,),
    audit: (audit.c.subject, audit.c.detail),
}
_EMPTY = {"title": "", "html": "", "text": "", "summary": "", "authors": (), "labels": (), "videos": ()}
_BATCH = 200  # rows held at a time

Rewrite = Callable[[IssueDocument], IssueDocument]


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found: keys of posts that lost all or some of their words, and the versions that changed."""

    removed: frozenset[str]
    touched: frozenset[str]
    versions: tuple[tuple[IssueId, int], ...] = ()


# ── the words ────────────────────────────────────────────────────────────────────────────────────


def sweep(connection: Connection, ink: Blackout) -> Swept:
    """Overwrite all that the rules mean in posts and around them; documents of issues are for ``rewrite``."""
    removed = _removed(connection, ink)
    touched = _sweep_revisions(connection, ink, removed)
    touched |= _sweep_posts(connection, ink, removed)
    _trace_anew(connection, touched | removed)
    for table, columns in _WORDS.items():
        _change(connection, table, columns, ink.walk)
    _sweep_identities(connection, ink)
    _sweep_sources(connection, ink)
    if touched or removed:
        _forget_index(connection)
    return Swept(removed, touched - removed)


def rewrite(connection: Connection, change: Rewrite) -> tuple[tuple[IssueId, int], ...]:
    """Change the document of every issue, of every version and before every edit in its place; which versions are others now.

    Their renderings go: no mail is made of them any more.
    """
    changed = []
    for row in _rows(connection, versions, [versions.c.data]):
        before = codec.load(IssueDocument, row.data)
        if (after := change(before)) != before:
            data = codec.dump(IssueDocument, after)
            values = {"data": data, "sha256": sha256(data).hexdigest()}
            _write(connection, versions, row, values)
            of_it = (renderings.c.issue == row.issue, renderings.c.version == row.number)
            connection.execute(delete(renderings).where(*of_it))
            changed.append((row.issue, row.number))
    _change(connection, issues, [issues.c.document], change)
    _change(connection, edits, [edits.c.before], lambda was: replace(was, document=change(was.document)))
    return tuple(changed)


def documents(connection: Connection) -> Iterator[tuple[IssueId, int, IssueDocument]]:
    """The document of every frozen version."""
    for row in _rows(connection, versions, [versions.c.data]):
        yield row.issue, row.number, codec.load(IssueDocument, row.data)


def add_version(connection: Connection, version: Version) -> None:
    """Make a version the newest of its issue, which is published."""
    connection.execute(versions.insert().values(**columns_of(version)))
    document = codec.load(IssueDocument, version.data)
    values = {"document": document, "version": version.number, "updated_at": version.frozen_at}
    connection.execute(update(issues).where(issues.c.id == version.issue).values(**values))


def _removed(connection: Connection, ink: Blackout) -> frozenset[str]:
    """The keys of the posts that are to go whole, or whose source is."""
    known = [sources.c.slug, sources.c.url, sources.c.old_url]
    gone = {row.slug for row in connection.execute(select(*known)) if ink.is_removed(*row)}
    columns = [posts.c.source, posts.c.url, posts.c.guid]
    return frozenset(
        row.key
        for row in _rows(connection, posts, columns)
        if row.source in gone or ink.is_removed(row.key, row.url, row.guid)
    )


def _sweep_revisions(connection: Connection, ink: Blackout, removed: Collection[str]) -> frozenset[str]:
    touched = set()
    for row in _rows(connection, revisions, [revisions.c[name] for name in _EMPTY]):
        after = _EMPTY if row.post in removed else _said(row, ink)
        if any(getattr(row, name) != value for name, value in after.items()):
            _write(connection, revisions, row, after)
            touched.add(row.post)
    return frozenset(touched)


def _said(row: Row[ColumnValue], ink: Blackout) -> dict[str, ColumnValue]:
    """What a revision says without what is to go."""
    told = _as_is(row)
    return {name: ink.html(value) if name == "html" else ink.walk(value) for name, value in told.items()}


def _as_is(row: Row[ColumnValue]) -> dict[str, ColumnValue]:
    return {name: getattr(row, name) for name in _EMPTY}


def _sweep_posts(connection: Connection, ink: Blackout, removed: Collection[str]) -> frozenset[str]:
    touched = set()
    blank = {"guid": "", "url": "", "comments": None, "held": REMOVED}
    columns = [posts.c.guid, posts.c.url, posts.c.comments, posts.c.held]
    for row in _rows(connection, posts, columns):
        before = {column.name: getattr(row, column.name) for column in columns}
        after = blank if row.key in removed else {name: ink.walk(value) for name, value in before.items()}
        if after != before:
            _write(connection, posts, row, after)
            touched.add(row.key)
    for batch in batches(sorted(removed)):
        connection.execute(delete(identities).where(identities.c.post.in_(batch)))
    return frozenset(touched)


def _trace_anew(connection: Connection, keys: Iterable[str]) -> None:
    """By what such posts are found again: the traces of before have their words."""
    for key in sorted(keys):
        if post := posts_store.post(connection, key):
            values = posts_store.found_by(post)
            connection.execute(update(posts).where(posts.c.key == key).values(**values))


def _sweep_identities(connection: Connection, ink: Blackout) -> None:
    """An identity that tells what is to go is kept as its hash, by which its post is known again."""
    for row in _rows(connection, identities, []):
        if ink.hits(row.identity):
            _write(connection, identities, row, {"identity": posts_store.hashed(row.identity)})
    for row in _rows(connection, source_items, [source_items.c["items"]]):
        if any(ink.hits(identity) or ink.is_removed(identity) for _, identity in row.items):
            connection.execute(delete(source_items).where(source_items.c.source == row.source))


def _sweep_sources(connection: Connection, ink: Blackout) -> None:
    """A source that is to go is polled and listed no more; a rule on a name that is to go has no object left."""
    for row in _rows(connection, sources, [sources.c.url, sources.c.old_url]):
        if ink.is_removed(row.slug, row.url, row.old_url):
            blank = {"title": "", "site_url": "", "status": REMOVED, "old_url": "", "moved_to": ""}
            address = f"removed:{sha256(row.url.encode()).hexdigest()}"
            _write(connection, sources, row, {**blank, "retired": True, "url": address})
            connection.execute(delete(source_items).where(source_items.c.source == row.slug))
    for row in _rows(connection, rules, [rules.c.spelling]):
        if ink.hits(row.subject) or ink.hits(row.spelling):
            connection.execute(delete(rules).where(*_is(rules, row)))


def _forget_index(connection: Connection) -> None:
    """The archive's index holds single words, and points what texts meant: both are made anew from what is left."""
    connection.execute(delete(telling))
    connection.execute(delete(term_counts))
    connection.execute(delete(meanings))
    connection.execute(update(posts).values(indexed=0))


def _change(
    connection: Connection,
    table: Table,
    columns: Sequence[Column[ColumnValue]],
    change: Callable[[ColumnValue], ColumnValue],
) -> None:
    for row in _rows(connection, table, columns):
        before = {column.name: getattr(row, column.name) for column in columns}
        after = {name: value if value is None else change(value) for name, value in before.items()}
        if after != before:
            _write(connection, table, row, after)


def _rows(
    connection: Connection, table: Table, columns: Sequence[Column[ColumnValue]]
) -> Iterator[Row[ColumnValue]]:
    """Every row of a table, some at a time; each may be changed once it was given."""
    key = list(table.primary_key.columns)
    keys = [tuple(row) for row in connection.execute(select(*key).order_by(*key))]
    for batch in batches(keys, _BATCH):
        wanted = select(*key, *(column for column in columns if column not in set(key)))
        yield from connection.execute(wanted.where(tuple_(*key).in_(batch)).order_by(*key)).all()


def _write(
    connection: Connection, table: Table, row: Row[ColumnValue], values: Mapping[str, ColumnValue]
) -> None:
    connection.execute(update(table).where(*_is(table, row)).values(**values))


def _is(table: Table, row: Row[ColumnValue]) -> list[ColumnValue]:
    return [column == getattr(row, column.name) for column in table.primary_key.columns]
