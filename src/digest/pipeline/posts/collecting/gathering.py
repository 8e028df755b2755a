"""One source → what its poll brought: fetched here, read in a child process, nothing stored yet."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from hashlib import sha256
from threading import Event

from digest.collect import poll
from digest.collect.choosing import address
from digest.collect.poll import PollAnswer
from digest.errors import DigestError, FetchError, ParseError, StoreError
from digest.logs import about
from digest.metrics.durations import timed
from digest.model import Source
from digest.net.couriers import Visiting
from digest.net.http import Answer
from digest.pipeline.posts.collecting.lanes import Lane
from digest.pipeline.posts.collecting.understanding import Document, Reader

log = logging.getLogger(__name__)

DEFECT = "Digest itself failed on what it answered; the log says where. Please report it."


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one poll of one source brought; without a document there is nothing to store but how it went."""

    source: Source
    answer: PollAnswer
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Round:
    """What one collection has in common for all its sources.

    Where it asks for ``whole`` feeds, it does so unconditionally, and reads those too that have not changed.
    """

    visit: Callable[[], AbstractContextManager[Visiting]]
    reader: Reader
    stop: Event
    whole: bool = False

    def host(self, lane: Lane, sources: Sequence[Source]) -> Iterator[Gathered]:
        """Poll the sources of one host, one after the other, over one connection where the host keeps it."""
        with self.visit() as visit:
            for source in sources:
                if self.stop.is_set():
                    return
                yield self._poll(lane, visit, source)

    def _poll(self, lane: Lane, visit: Visiting, source: Source) -> Gathered:
        try:
            with about(source=source.slug), timed("poll"):
                return self._gathered(lane, visit, source)
        except StoreError:
            raise
        except Exception:  # a defect that one source brings out must not keep the others from being polled
            log.exception("source %s", source.slug)
            return Gathered(source, poll.failed(DEFECT))

    def _gathered(self, lane: Lane, visit: Visiting, source: Source) -> Gathered:
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

    def _fetch(self, visit: Visiting, source: Source) -> Answer:
        if self.whole:
            return visit.get(address(source))
        return visit.get(address(source), source.etag, source.last_modified)

    def _understood(self, lane: Lane, source: Source, answer: Answer) -> Gathered:
        said = _said(answer)
        if answer.status != 200 or (said.body_hash == source.body_hash and not self.whole):
            return Gathered(source, said)
        document = self.reader.read(lane, source, answer)
        return Gathered(source, replace(said, ttl_minutes=document.feed.ttl_minutes), document)


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
