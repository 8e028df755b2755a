"""One source → what its poll brought: fetched here, read in a child process, nothing stored yet."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from threading import Event
from typing import cast

from digest import store
from digest.collect import poll
from digest.collect.choosing import address
from digest.collect.poll import PollAnswer
from digest.collect.reading import Hashes, told_apart
from digest.errors import DigestError, FetchError, ParseError, StoreError
from digest.model import Entry, Source, SourceFeed
from digest.net.http import Answer, Visit
from digest.pipeline import pages
from digest.pipeline.choosing import chosen
from digest.pipeline.collecting.lanes import Lane
from digest.pipeline.installation import Installation
from digest.pipeline.older import older_entries
from digest.store.database import reading
from digest.store.posts import Known

log = logging.getLogger(__name__)

DEFECT = "Digest itself failed on what it answered; the log says where. Please report it."

_READ = "digest.collect.reading:read_feed"
_PARSE = "digest.collect.parse:parse_feed"
_READ_PAGE = "digest.collect.page:read_page"


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one poll of one source brought; without a feed there is nothing to store but how it went."""

    source: Source
    answer: PollAnswer
    feed: SourceFeed | None = None
    hashes: Hashes = ()  # of the feed's entries, in their order
    known: Mapping[str, Known] = field(default_factory=dict)  # which of them are stored, by identity


@dataclass(frozen=True, slots=True)
class Round:
    """What one collection has in common for all its sources.

    With ``since``, sources are asked for the whole of their feeds, and back to that time for older pages.
    """

    installation: Installation
    began: datetime
    stop: Event
    since: datetime | None = None

    def host(self, lane: Lane, sources: Sequence[Source]) -> Iterator[Gathered]:
        """Poll the sources of one host, one after the other, over one connection where the host keeps it."""
        with self.installation.fetcher.visit() as visit:
            for source in sources:
                if self.stop.is_set():
                    return
                yield self._poll(lane, visit, source)

    def _poll(self, lane: Lane, visit: Visit, source: Source) -> Gathered:
        try:
            return self._gathered(lane, visit, source)
        except StoreError:
            raise
        except Exception:  # a defect that one source brings out must not keep the others from being polled
            log.exception("source %s", source.slug)
            return Gathered(source, poll.failed(DEFECT))

    def _gathered(self, lane: Lane, visit: Visit, source: Source) -> Gathered:
        """A failure is a result."""
        try:
            with lane.waiting():
                answer = self._fetch(visit, source)
        except FetchError as error:
            return Gathered(source, poll.failed(str(error)))
        try:
            return self._understood(lane, source, answer)
        except StoreError:
            raise
        except DigestError as error:  # no feed, or one that crashed or stalled its parser
            return Gathered(source, poll.failed(_refusal(answer, error), answer.status, answer.retry_after))

    def _fetch(self, visit: Visit, source: Source) -> Answer:
        if self.since is not None:
            return visit.get(address(source))
        return visit.get(address(source), source.etag, source.last_modified)

    def _understood(self, lane: Lane, source: Source, answer: Answer) -> Gathered:
        said = _said(answer)
        if answer.status != 200 or (said.body_hash == source.body_hash and self.since is None):
            return Gathered(source, said)
        feed, hashes = self._read(answer)
        with lane.waiting():
            feed, hashes = self._chosen(source, *self._with_older(feed, hashes, answer.url))
            known = self._known(source, feed)
            feed = self._completed(source, feed, hashes, known)
        return Gathered(source, replace(said, ttl_minutes=feed.ttl_minutes), feed, hashes, known)

    def _read(self, answer: Answer) -> tuple[SourceFeed, Hashes]:
        read = self.installation.parsers.run(_READ, answer.body, answer.url)
        return cast(tuple[SourceFeed, Hashes], read)

    def _with_older(self, feed: SourceFeed, hashes: Hashes, url: str) -> tuple[SourceFeed, Hashes]:
        if self.since is None:
            return feed, hashes
        fetcher = self.installation.fetcher
        older = older_entries(fetcher, feed, url, self.since, stop=self.stop, parse=self._parse)
        return told_apart(replace(feed, entries=feed.entries + older))

    def _chosen(self, source: Source, feed: SourceFeed, hashes: Hashes) -> tuple[SourceFeed, Hashes]:
        """Without the videos that the source's settings leave out."""
        fetcher = self.installation.fetcher
        entries = chosen(fetcher, source, feed.entries, self.began, parse=self._parse)
        if len(entries) == len(feed.entries):
            return feed, hashes
        said = _by_id(feed, hashes)
        return replace(feed, entries=entries), tuple(said[entry.id] for entry in entries)

    def _known(self, source: Source, feed: SourceFeed) -> Mapping[str, Known]:
        if source.first_collected_at is None:
            return {}
        with reading(self.installation.engine) as connection:
            return store.posts.known(connection, source.slug, [entry.id for entry in feed.entries])

    def _completed(
        self, source: Source, feed: SourceFeed, hashes: Hashes, known: Mapping[str, Known]
    ) -> SourceFeed:
        """With the pages of stubs, of those entries that will be stored."""
        said = _by_id(feed, hashes)
        fresh = [
            entry for entry in feed.entries if entry.id not in known or known[entry.id].hash != said[entry.id]
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
        return replace(feed, entries=tuple(by_id.get(entry.id, entry) for entry in feed.entries))

    def _parse(self, body: bytes, url: str) -> SourceFeed:
        return cast(SourceFeed, self.installation.parsers.run(_PARSE, body, url))

    def _read_page(self, body: bytes, url: str) -> Entry:
        return cast(Entry, self.installation.parsers.run(_READ_PAGE, body, url))


def _by_id(feed: SourceFeed, hashes: Hashes) -> dict[str, str]:
    return {entry.id: said for entry, said in zip(feed.entries, hashes, strict=True)}


def _said(answer: Answer) -> PollAnswer:
    return PollAnswer(
        status=answer.status,
        etag=answer.etag,
        last_modified=answer.last_modified,
        body_hash=sha256(answer.body).hexdigest() if answer.status == 200 else "",
        retry_after=answer.retry_after,
        max_age=answer.max_age,
        moved_to=answer.permanent,
    )


def _refusal(answer: Answer, error: DigestError) -> str:
    if isinstance(error, ParseError):
        return str(error)
    return f"{answer.url} cannot be read, and was let go: {error}"
