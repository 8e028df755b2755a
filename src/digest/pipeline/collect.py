"""The verb ``collect``: poll sources, store what is new. One bad source never delays or breaks another."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from threading import Event
from urllib.parse import urlsplit

from sqlalchemy import Connection

from digest import store
from digest.assemble import window
from digest.collect import identity, poll
from digest.collect.parse import parse_feed
from digest.collect.poll import PollAnswer
from digest.errors import FetchError, ParseError, StoreError
from digest.model import Entry, Post, PostKind, Source, SourceFeed
from digest.net.http import Answer
from digest.pipeline.installation import Clock, Installation
from digest.store.database import reading, transaction
from digest.store.posts import Known

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """What one poll changed in the store."""

    entries: int = 0
    new: int = 0
    revised: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Polled:
    """How one poll of one source went; ``status`` is the sentence that is kept with the source."""

    source: str
    ok: bool
    status: str
    stored: Stored = Stored()


def collect(
    installation: Installation,
    clock: Clock,
    *,
    everything: bool = False,
    progress: Callable[[Polled], None] = lambda _: None,
    stop: Event | None = None,
) -> tuple[Polled, ...]:
    """Poll the sources that are due, or all of them; conditionally in either case.

    Sources of one host are polled one after the other, hosts side by side. Each source is stored in a
    transaction of its own, at the time that the clock then shows, so an interruption keeps what was finished.
    Once ``stop`` is set, no further source is begun.
    """
    with reading(installation.engine) as connection:
        sources = (
            store.sources.all_sources(connection) if everything else store.sources.due(connection, clock())
        )
    work = partial(_poll_host, installation, clock=clock, progress=progress, stop=stop or Event())
    pool = ThreadPoolExecutor(installation.settings.collect.workers, thread_name_prefix="collect")
    try:
        hosts = [pool.submit(work, group) for group in _by_host(sources)]
        results = [polled for host in as_completed(hosts) for polled in host.result()]
    finally:
        pool.shutdown(cancel_futures=True)
    return tuple(sorted(results, key=lambda polled: polled.source))


def _by_host(sources: Iterable[Source]) -> tuple[tuple[Source, ...], ...]:
    hosts: dict[str, list[Source]] = defaultdict(list)
    for source in sources:
        hosts[urlsplit(source.url).netloc.lower()].append(source)
    return tuple(tuple(group) for group in hosts.values())


def _poll_host(
    installation: Installation,
    sources: Sequence[Source],
    *,
    clock: Clock,
    progress: Callable[[Polled], None],
    stop: Event,
) -> list[Polled]:
    results = []
    for source in sources:
        if stop.is_set():
            break
        results.append(_poll(installation, source, clock))
        progress(results[-1])
    return results


def _poll(installation: Installation, source: Source, clock: Clock) -> Polled:
    """Fetch, parse and store one source; a failure is a result."""
    try:
        answer, feed = _fetch(installation, source)
        return _remember(installation, source, answer, feed, clock())
    except StoreError:
        raise
    except Exception:  # a defect that one feed brings out must not keep the others from being polled
        log.exception("source %s", source.slug)
        failed = poll.failed(
            "Digest itself failed on what it answered; the log says where. Please report it."
        )
        return _remember(installation, source, failed, None, clock())


def _fetch(installation: Installation, source: Source) -> tuple[PollAnswer, SourceFeed | None]:
    """What the source answered, and its feed where that is a new one."""
    try:
        answer = installation.fetcher.get(source.url, source.etag, source.last_modified)
    except FetchError as error:
        return poll.failed(str(error)), None
    try:
        feed = _feed(source, answer)
    except ParseError as error:
        return poll.failed(str(error), answer.status, answer.retry_after), None
    return _understood(answer, feed), feed


def _feed(source: Source, answer: Answer) -> SourceFeed | None:
    """The parsed body, or None where there is none, or it is the one we know."""
    if answer.status == 200 and _hash(answer) != source.body_hash:
        return parse_feed(answer.body, answer.url)
    return None


def _hash(answer: Answer) -> str:
    return sha256(answer.body).hexdigest()


def _understood(answer: Answer, feed: SourceFeed | None) -> PollAnswer:
    return PollAnswer(
        status=answer.status,
        etag=answer.etag,
        last_modified=answer.last_modified,
        body_hash=_hash(answer) if answer.status == 200 else "",
        retry_after=answer.retry_after,
        max_age=answer.max_age,
        ttl_minutes=feed.ttl_minutes if feed else None,
    )


def _remember(
    installation: Installation, source: Source, answer: PollAnswer, feed: SourceFeed | None, now: datetime
) -> Polled:
    """Store what is new together with the memory of this poll, in one transaction."""
    settings = installation.settings.collect
    after = poll.after(source, answer, settings.interval_minutes, now)
    with transaction(installation.engine) as connection:
        stored = _store(installation, connection, source, feed, now) if feed else Stored()
        store.sources.save_poll(connection, _described(after, feed) if feed else after)
    return Polled(source.slug, answer.good, after.status, stored)


def _described(source: Source, feed: SourceFeed) -> Source:
    """With what its feed says of itself, where config.toml does not."""
    channel = bool(feed.entries) and all(entry.kind is PostKind.VIDEO for entry in feed.entries)
    return replace(
        source,
        title=source.title or feed.title,
        site_url=feed.url,
        language=feed.language,
        kind=PostKind.VIDEO if channel else PostKind.ARTICLE,
    )


# ── storing ──────────────────────────────────────────────────────────────────────────────────────


def _store(
    installation: Installation, connection: Connection, source: Source, feed: SourceFeed, now: datetime
) -> Stored:
    entries = identity.identified(feed.entries)
    known = store.posts.known(connection, source.slug, [name for name, _ in entries])
    new = [entry for name, entry in entries if name not in known]
    held = identity.backfill(
        new,
        first=source.first_collected_at is None,
        period_start=_period_start(installation, source, now),
        last_good=source.last_good_at,
        first_posts=installation.settings.collect.first_posts,
        now=now,
    )
    for entry in new:
        post = _post(source, entry, held.get(entry.id, ""), now)
        store.posts.add_post(connection, post, entry.id, identity.revision_hash(entry), now)
    revised = [
        _revise(connection, source, known[name], entry, now) for name, entry in entries if name in known
    ]
    return Stored(len(entries), len(new), sum(revised), len(held))


def _period_start(installation: Installation, source: Source, now: datetime) -> datetime:
    """Where the last period began of the slowest digest that follows the source."""
    digests = installation.settings.digests
    following = [digest for digest in digests if not digest.sources or source.slug in digest.sources]
    return min((window.period_start(digest, now) for digest in following or digests), default=now)


def _revise(connection: Connection, source: Source, known: Known, entry: Entry, now: datetime) -> bool:
    """Keep a new revision where the words changed; else only what changes without them."""
    changed = identity.revision_hash(entry)
    if changed == known.hash:
        store.posts.touch(connection, known.key, entry.updated, entry.comments)
        return False
    store.posts.add_revision(connection, known.key, _post(source, entry, "", now), changed, now)
    return True


def _post(source: Source, entry: Entry, held: str, now: datetime) -> Post:
    return Post(
        key=identity.post_key(source.url, entry),
        source=source.slug,
        kind=entry.kind,
        guid=entry.id,
        url=entry.url,
        title=entry.title,
        first_seen=now,
        published=identity.published(entry, now),
        updated=entry.updated,
        authors=entry.authors,
        labels=entry.labels,
        language=entry.language or source.language,
        html=entry.html,
        text=entry.text,
        summary=entry.summary,
        videos=entry.videos,
        comments=entry.comments,
        held=held,
    )
