"""What is made of a feed's bytes where nothing is known but the bytes: the work of a child process."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from digest.collect.identity import identified, revision_hash
from digest.collect.parse import parse_new
from digest.model import Entry, SourceFeed

Hashes = Mapping[str, str]  # by identity
Read = tuple[SourceFeed, Hashes, Hashes, tuple[str, ...]]


def read_feed(body: bytes, url: str, known: Collection[str] = ()) -> Read:
    """The feed of ``parse.parse_new``, told apart.

    Args:
        known: hashes of items that need not be read again.

    Returns:
        The feed without those items; the revision hash of each of its entries; the hash of each entry's item, by
        which it will be known, but of those that share their id with another one; the hashes that were known.

    Raises:
        ParseError: as ``parse_new``.
    """
    read = parse_new(body, url, frozenset(known))
    feed, hashes = told_apart(read.feed)
    items = {id(entry): item for entry, item in zip(read.feed.entries, read.hashes, strict=True)}
    given = {entry.id: items[id(entry)] for entry in feed.entries if id(entry) in items}
    return feed, hashes, given, read.unchanged


def told_apart(feed: SourceFeed) -> tuple[SourceFeed, Hashes]:
    """The feed with each of its entries once, under its identity, and their revision hashes.

    Entries that say nothing are left out. The hashes are over what the feed itself says of each, whatever its page
    may add.
    """
    entries = identified(filter(_says_something, feed.entries))
    hashes = {identity: revision_hash(entry) for identity, entry in entries}
    return replace(feed, entries=tuple(entry for _, entry in entries)), hashes


def _says_something(entry: Entry) -> bool:
    return bool(entry.title or entry.text or entry.videos)
