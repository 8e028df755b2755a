"""Older posts by their most telling words: an index that is looked up, and never read through.

What is indexed is asked for in the order of work: posts whose words are not in yet, counts of words, the posts that
share them. ``assemble.telling`` says which words tell.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    select,
    union_all,
    update,
)

from digest.model import PostKind
from digest.store.schema import posts as posts_table
from digest.store.schema import revisions, term_counts
from digest.store.schema import telling as telling_table
from digest.store.statements import batches, insert_into

EVERYTHING = ""  # the term under which the posts themselves are counted
NEWEST = 50  # posts of one term that are looked at: a rare term has fewer
MOST_TERMS = 40  # of one look-up
LONGEST_TERM = 60  # characters: an index takes no more of what its author likes

_NOT_INDEXED = posts_table.c.indexed <= literal_column("0")  # a literal, so that the partial index is used


@dataclass(frozen=True, slots=True)
class Unindexed:
    """A post whose words are not in the index, or not those of its newest revision."""

    key: str
    revision: int
    is_new: bool  # nothing of it is in the index yet
    kind: PostKind
    title: str
    text: str  # the beginning
    language: str
    published: datetime


def unindexed(
    connection: Connection, sources: Collection[str], characters: int, limit: int
) -> tuple[Unindexed, ...]:
    """Posts of these sources that are to be indexed, with so many characters of their texts."""
    newest = and_(revisions.c.post == posts_table.c.key, revisions.c.number == posts_table.c.revision)
    kept = (posts_table.c.key, posts_table.c.revision, (posts_table.c.indexed == 0).label("is_new"))
    text = func.substr(revisions.c.text, 1, characters).label("text")
    query = (
        select(
            *kept, posts_table.c.kind, revisions.c.title, text, revisions.c.language, posts_table.c.published
        )
        .join(revisions, newest)
        .where(posts_table.c.source.in_(sources), _NOT_INDEXED)
        .limit(limit)
    )
    return tuple(Unindexed(**row._mapping) for row in connection.execute(query))


def counts(connection: Connection, terms: Collection[str]) -> Mapping[str, int]:
    """In how many posts each of the terms occurs; under ``EVERYTHING``, how many posts there are."""
    query = select(term_counts.c.term, term_counts.c.posts)
    return {
        row.term: row.posts
        for batch in batches(sorted({*terms, EVERYTHING}))
        for row in connection.execute(query.where(term_counts.c.term.in_(batch)))
    }


def count(connection: Connection, words: Iterable[Collection[str]]) -> None:
    """Count the words of new posts, one collection of different words for each; one caller at a time."""
    found: Counter[str] = Counter()
    for each in words:
        found.update(set(each))
        found[EVERYTHING] += 1
    insert = insert_into(connection, term_counts)
    more = {"posts": term_counts.c.posts + insert.excluded.posts}
    rows = [{"term": term, "posts": number} for term, number in sorted(found.items())]
    for batch in batches(rows):
        connection.execute(insert.on_conflict_do_update(index_elements=["term"], set_=more), batch)


def index(connection: Connection, found: Sequence[tuple[Unindexed, Mapping[str, float]]]) -> None:
    """Put posts into the index under their telling words, in the place of those of an earlier revision."""
    again = [post.key for post, _ in found if not post.is_new]
    for batch in batches(again):
        connection.execute(delete(telling_table).where(telling_table.c.post.in_(batch)))
    rows = [
        {"post": post.key, "term": term, "published": post.published, "weight": weight}
        for post, terms in found
        for term, weight in terms.items()
        if len(term) <= LONGEST_TERM
    ]
    if rows:
        connection.execute(telling_table.insert(), rows)
    done = update(posts_table).where(posts_table.c.key == bindparam("post_key"))
    values = [{"post_key": post.key, "as_of": post.revision} for post, _ in found]
    if values:
        connection.execute(done.values(indexed=bindparam("as_of")), values)


def nearest(
    connection: Connection, terms: Mapping[str, float], before: datetime, most: int
) -> tuple[str, ...]:
    """The keys of posts published before a time that share most of these telling words, the likest first.

    Of each term the newest ``NEWEST`` posts are looked at; the effort does not grow with the archive.

    Args:
        terms: with what each weighs.
    """
    wanted = dict(sorted(terms.items(), key=lambda item: (-item[1], item[0]))[:MOST_TERMS])
    if not wanted:
        return ()
    shared: dict[str, float] = defaultdict(float)
    for row in connection.execute(union_all(*(_newest_of(term, before) for term in wanted))):
        shared[row.post] += wanted[row.term] * row.weight
    return tuple(sorted(shared, key=lambda key: (-shared[key], key))[:most])


def _newest_of(term: str, before: datetime) -> Select[Any]:
    table = telling_table.c
    newest = (
        select(table.term, table.post, table.weight)
        .where(table.term == term, table.published < before)
        .order_by(table.published.desc(), table.post.desc())
        .limit(NEWEST)
        .subquery()
    )
    return select(newest)
