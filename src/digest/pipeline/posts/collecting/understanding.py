"""A document that a source answered with → what can be stored of it.

Its bytes are read in a child process, which need not read again what it held the last time. Entries that are left
out by the settings of the source go, older pages come, and stubs get the text of their pages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event
from typing import cast

from digest import store
from digest.collect.fulltext import LEAST_GAIN
from digest.collect.reading import Hashes, Read, told_apart
from digest.collect.stubs import by_itself, stubs
from digest.model import Entry, Source, SourceFeed
from digest.net.http import Answer
from digest.pipeline.installation import Installation
from digest.pipeline.posts import pages
from digest.pipeline.posts.choosing import chosen
from digest.pipeline.posts.collecting.lanes import Lane
from digest.pipeline.posts.older import older_entries
from digest.store.database import reading
from digest.store.posts import Known

_READ = "digest.collect.reading:read_feed"
_PARSE = "digest.collect.parse:parse_feed"
_READ_PAGE = "digest.collect.page:read_page"


@dataclass(frozen=True, slots=True)
class Document:
    """What a document says. Entries that its source gave before in the same words are only named."""

    feed: SourceFeed
    hashes: Hashes  # the revision hash of each of the feed's entries
    known: Mapping[str, Known] = field(
        default_factory=dict
    )  # which of all its entries are stored, by identity
    unchanged: tuple[str, ...] = ()  # the identities of those that are only named
    items: Mapping[str, str] = field(
        default_factory=dict
    )  # by which they will be known: item hash → identity

    @property
    def count(self) -> int:
        """How many entries it has."""
        return len(self.feed.entries) + len(self.unchanged)

    def new(self) -> list[Entry]:
        """The entries with ids that their source has not given before."""
        return [entry for entry in self.feed.entries if entry.id not in self.known]

    def times(self) -> Iterator[datetime]:
        """When those that are only named were published, as far as it is known."""
        for identity in self.unchanged:
            if when := self.known[identity].published:
                yield when


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the documents of one collection; with ``since``, whole and with the older pages back to that time."""

    installation: Installation
    began: datetime
    stop: Event
    since: datetime | None = None

    def read(self, lane: Lane, source: Source, answer: Answer) -> Document:
        """What an answer with a body says.

        Raises:
            DigestError: it is no feed, crashed or stalled its parser, or what else it takes cannot be fetched.
            StoreError: the database cannot be used.
        """
        document = self._told(source, answer)
        with lane.waiting():
            if self.since is not None:
                document = self._with_older(source, document, answer.url, self.since)
            return self._completed(source, self._chosen(source, document))

    def _told(self, source: Source, answer: Answer) -> Document:
        """Its entries told apart; all of them where those that are new do not say enough by themselves."""
        held = {} if self._whole(source) else self._held(source)
        document = self._parsed(source, answer, held)
        return document if _suffices(source, document) else self._parsed(source, answer, {})

    def _whole(self, source: Source) -> bool:
        return self.since is not None or source.first_collected_at is None

    def _held(self, source: Source) -> Mapping[str, str]:
        with reading(self.installation.engine) as connection:
            return store.sources.items(connection, source.slug)

    def _parsed(self, source: Source, answer: Answer, held: Mapping[str, str]) -> Document:
        read = self.installation.parsers.run(_READ, answer.body, answer.url, tuple(held))
        feed, hashes, given, again = cast(Read, read)
        unchanged = tuple(held[item] for item in again)
        known = self._known(source, [*hashes, *unchanged])
        items = {item: held[item] for item in again} | {item: identity for identity, item in given.items()}
        return Document(feed, hashes, known, unchanged, items)

    def _known(self, source: Source, identities: Collection[str]) -> Mapping[str, Known]:
        if source.first_collected_at is None:
            return {}
        with reading(self.installation.engine) as connection:
            return store.posts.known(connection, source.slug, identities)

    def _with_older(self, source: Source, document: Document, url: str, since: datetime) -> Document:
        fetcher, feed = self.installation.fetcher, document.feed
        older = older_entries(fetcher, feed, url, since, stop=self.stop, parse=self._parse)
        feed, hashes = told_apart(replace(feed, entries=feed.entries + older))
        return replace(document, feed=feed, hashes=hashes, known=self._known(source, hashes))

    def _chosen(self, source: Source, document: Document) -> Document:
        """Without the videos that the source's settings leave out; these are chosen anew the next time."""
        fetcher, feed = self.installation.fetcher, document.feed
        entries = chosen(fetcher, source, feed.entries, self.began, parse=self._parse)
        if len(entries) == len(feed.entries):
            return document
        kept = {entry.id for entry in entries} | set(document.unchanged)
        items = {item: identity for item, identity in document.items.items() if identity in kept}
        return replace(document, feed=replace(feed, entries=entries), items=items)

    def _completed(self, source: Source, document: Document) -> Document:
        """With the pages of stubs, of those entries that will be stored."""
        feed, hashes, known = document.feed, document.hashes, document.known
        fresh = [
            entry
            for entry in feed.entries
            if entry.id not in known or known[entry.id].hash != hashes[entry.id]
        ]
        whole = pages.complete(
            self.installation.fetcher,
            source,
            fresh,
            siblings=feed.entries,
            mode=source.fulltext,
            read_page=self._read_page,
            stop=self.stop,
        )
        by_id = {entry.id: entry for entry in whole}
        entries = tuple(by_id.get(entry.id, entry) for entry in feed.entries)
        left = [entry for entry in fresh if by_id[entry.id] is entry and entry.id in known]
        document = replace(document, feed=replace(feed, entries=entries))
        return self._without(document, stubs(left, feed.entries, source.fulltext))

    def _without(self, document: Document, cut: Sequence[Entry]) -> Document:
        """Stubs that are stored at length stay as they are stored, as long as their pages cannot be had."""
        if not cut:
            return document
        known = document.known
        with reading(self.installation.engine) as connection:
            lengths = store.posts.lengths(connection, [known[entry.id].key for entry in cut])
        kept = {
            entry.id: known[entry.id].hash
            for entry in cut
            if lengths[known[entry.id].key] >= len(entry.text) + LEAST_GAIN
        }
        items = {item: identity for item, identity in document.items.items() if identity not in kept}
        return replace(document, hashes={**document.hashes, **kept}, items=items)

    def _parse(self, body: bytes, url: str) -> SourceFeed:
        return cast(SourceFeed, self.installation.parsers.run(_PARSE, body, url))

    def _read_page(self, body: bytes, url: str) -> Entry:
        words = self.installation.page_words
        return cast(Entry, self.installation.parsers.run(_READ_PAGE, body, url, words))


def _suffices(source: Source, document: Document) -> bool:
    """Whether the entries that are new say enough, although others are only named.

    Not if an id is given again, for then all with that id must be told apart; if a post is stored no more; or if
    whether an entry is a stub shows only among all entries of its feed.
    """
    if not document.unchanged:
        return True
    return (
        document.known.keys() >= set(document.unchanged)
        and document.hashes.keys().isdisjoint(document.unchanged)
        and all(by_itself(entry, source.fulltext) for entry in document.feed.entries)
    )
