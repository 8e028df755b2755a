"""Older posts of ours, beside which a draft is made: what themes read like, how channels sign, what is related."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import ceil

from sqlalchemy import Connection

from digest import store
from digest.assemble.drafting import ENOUGH_TO_LEARN
from digest.assemble.telling import TEXT_COMPARED, telling, with_theme, words_of
from digest.assemble.window import Material
from digest.model import Post, PostKind, Source, Theme
from digest.pipeline.installation import Installation
from digest.store.archive import EVERYTHING, Unindexed
from digest.store.database import exclusive, reading, transaction

log = logging.getLogger(__name__)

AT_ONCE = 500  # posts that are indexed in one transaction
LIKELY = 12  # older posts that are read for one pick
SIGNED = 10  # videos by which the lines are known that a channel writes under each of them


# ── the index ────────────────────────────────────────────────────────────────────────────────────


def index_archive(installation: Installation) -> int:
    """Put into the index what our own sources have published and is not in it yet; how many posts that were.

    Some at a time, each in a transaction of its own: what a crash leaves is done by the next call.
    """
    done = 0
    while _is_behind(installation):
        with transaction(installation.engine) as connection:
            exclusive(connection, "digest: archive")  # two that index the same posts would count them twice
            done += _index(connection)
        if done % (20 * AT_ONCE) == 0:
            log.info("%d older posts are indexed by their words", done)
    return done


def _is_behind(installation: Installation) -> bool:
    """Whether there is anything to index; asked without keeping others from writing."""
    with reading(installation.engine) as connection:
        return bool(_unindexed(connection, 1))


def _unindexed(connection: Connection, most: int) -> tuple[Unindexed, ...]:
    own = [source.slug for source in store.sources.all_sources(connection) if source.own]
    return store.archive.unindexed(connection, own, TEXT_COMPARED, most) if own else ()


def _index(connection: Connection) -> int:
    """Count the words of some posts that are new to the index, then weigh them; a video is found by other ways."""
    found = _unindexed(connection, AT_ONCE)
    words = [
        words_of(post.title, post.text, post.language) if post.kind is PostKind.ARTICLE else {}
        for post in found
    ]
    store.archive.count(
        connection, [each for post, each in zip(found, words, strict=True) if each and post.is_new]
    )
    counts = store.archive.counts(connection, {word for each in words for word in each})
    total = counts.get(EVERYTHING, 0)
    store.archive.index(
        connection,
        [(post, telling(each, counts, total)) for post, each in zip(found, words, strict=True)],
    )
    return len(found)


# ── what a draft stands beside ───────────────────────────────────────────────────────────────────


def beside(connection: Connection, sources: Mapping[str, Source], posts: Sequence[Post]) -> tuple[Post, ...]:
    """A few older posts: what our own sources wrote last, where there is little new to learn from, and what the
    channels of new videos said last.

    Args:
        sources: that the digest follows, by slug.
        posts: the open ones.
    """
    articles = sum(1 for post in posts if post.kind is PostKind.ARTICLE)
    own = [source for source in sources.values() if source.own and source.kind is PostKind.ARTICLE]
    channels = sorted({post.source for post in posts if post.kind is PostKind.VIDEO} & set(sources))
    found = _latest(connection, own, ENOUGH_TO_LEARN - articles)
    found += [post for slug in channels for post in store.posts.recent(connection, (slug,), None, SIGNED)]
    return tuple(found)


def _latest(connection: Connection, own: Collection[Source], most: int) -> list[Post]:
    """The newest posts of these sources, as many of each; of many sources, those that wrote last."""
    if most <= 0 or not own:
        return []
    by_last = sorted(own, key=lambda source: source.slug)
    by_last.sort(key=lambda source: source.newest_at.timestamp() if source.newest_at else 0.0, reverse=True)
    share = ceil(most / len(own))
    return [
        post
        for source in by_last[:most]
        for post in store.posts.recent(connection, (source.slug,), None, share)
    ]


def likely_related(
    connection: Connection, picks: Iterable[tuple[Material, str]], themes: Sequence[Theme]
) -> tuple[Post, ...]:
    """Older posts that share their most telling words with a pick, or with its theme, by the index alone.

    Args:
        picks: each with the slug of its theme.
        themes: of the digest.
    """
    by_slug = {theme.slug: theme for theme in themes}
    found: set[str] = set()
    for pick, slug in picks:
        post = pick.post
        words = words_of(post.title, post.text, post.language)
        counts = store.archive.counts(connection, words)
        known = {word: value for word, value in words.items() if counts.get(word)}
        terms = with_theme(
            telling(known, counts, counts.get(EVERYTHING, 0)), by_slug.get(slug), post.language
        )
        found.update(store.archive.nearest(connection, terms, post.published, LIKELY))
    return store.posts.by_keys(connection, found - set(store.withdrawals.withdrawn(connection, found)))
