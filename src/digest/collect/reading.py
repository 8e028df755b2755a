"""What is made of a feed's bytes where nothing is known but the bytes: the work of a child process."""

from __future__ import annotations

from dataclasses import replace

from digest.collect.identity import identified, revision_hash
from digest.collect.parse import parse_feed
from digest.model import Entry, SourceFeed

Hashes = tuple[str, ...]


def read_feed(body: bytes, url: str) -> tuple[SourceFeed, Hashes]:
    """The feed of ``parse.parse_feed``, told apart.

    Raises:
        ParseError: as ``parse_feed``.
    """
    return told_apart(parse_feed(body, url))


def told_apart(feed: SourceFeed) -> tuple[SourceFeed, Hashes]:
    """The feed with each of its entries once, under its identity, and their revision hashes in the same order.

    Entries that say nothing are left out. The hashes are over what the feed itself says of each, whatever its page
    may add.
    """
    entries = tuple(entry for _, entry in identified(filter(_says_something, feed.entries)))
    return replace(feed, entries=entries), tuple(map(revision_hash, entries))


def _says_something(entry: Entry) -> bool:
    return bool(entry.title or entry.text or entry.videos)
