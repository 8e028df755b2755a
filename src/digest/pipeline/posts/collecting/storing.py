"""What many polls brought → the store, in one transaction: one writer, many sources at a time."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from digest import store
from digest.assemble import window
from digest.collect import choosing, identity, interval, merging, poll
from digest.model import Entry, Post, PostKind, Source
from digest.pipeline.installation import Installation
from digest.pipeline.posts.collecting.gathering import DEFECT, Gathered
from digest.pipeline.posts.collecting.understanding import Document
from digest.store.database import transaction
from digest.store.posts import Known, NewPost
from digest.text.blackout import Blackout

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stored:
    """What one poll changed in the store."""

    entries: int = 0
    new: int = 0
    revised: int = 0
    held: int = 0

    @property
    def unchanged(self) -> bool:
        """Whether it changed nothing."""
        return not (self.new or self.revised)


@dataclass(frozen=True, slots=True)
class Polled:
    """How one poll of one source went; ``status`` is the sentence that is kept with the source."""

    source: str
    ok: bool
    status: str
    stored: Stored = Stored()


def store_all(installation: Installation, polls: Sequence[Gathered], now: datetime) -> list[Polled]:
    """Store what polls brought, all in one transaction; where one of them cannot be stored, each in its own.

    Raises:
        StoreError: the database cannot be used.
    """
    try:
        return _together(installation, polls, now)
    except Exception:  # noqa: BLE001  whatever one of them brings out must not cost the others
        if len(polls) == 1:
            return [_alone(installation, polls[0], now)]
    return [store_all(installation, [each], now)[0] for each in polls]


def _together(installation: Installation, polls: Sequence[Gathered], now: datetime) -> list[Polled]:
    with transaction(installation.engine) as connection:
        store.redactions.settle_first(connection)
        ink = store.redactions.blackout(connection)
        polls = [_without_removed(each, ink) for each in polls]
        writing = _Writing(installation, connection, now, ink)
        writing.foresee(polls)
        results = [writing.take(each) for each in polls]
        writing.finish()
    return results


def _alone(installation: Installation, gathered: Gathered, now: datetime) -> Polled:
    """Remember of a poll that could not be stored only that it failed; if not even that can be, nothing can."""
    log.exception("source %s", gathered.source.slug)
    failed = Gathered(gathered.source, poll.failed(DEFECT))
    return _together(installation, [failed], now)[0]


@dataclass(slots=True)
class _Writing:
    """One transaction. Rows that are alike are collected, and written together at its end."""

    installation: Installation
    connection: Connection
    now: datetime
    ink: Blackout  # what was removed on request
    new: list[NewPost] = field(default_factory=list)
    polls: list[Source] = field(default_factory=list)
    items: dict[str, Mapping[str, str]] = field(default_factory=dict)  # of the documents, by source
    shared: frozenset[str] = frozenset()  # ids that more than one source gives, of those not known yet
    related: frozenset[str] = frozenset()  # sources that have posts which a new entry of theirs may be

    def foresee(self, polls: Sequence[Gathered]) -> None:
        """Look at all unknown entries at once: hardly any is a post that we know, and the search for it takes long."""
        new = {each.source: each.document.new() for each in polls if each.document}
        times = Counter(entry.id for entries in new.values() for entry in entries)
        twice = {identity for identity, count in times.items() if count > 1}
        self.shared = store.posts.given(self.connection, times) | twice
        later = {source.slug: entries for source, entries in new.items() if source.first_collected_at}
        self.related = store.merges.related(self.connection, later)

    def take(self, gathered: Gathered) -> Polled:
        """Put down one poll: its posts, and what it taught about the source."""
        source, document = gathered.source, gathered.document
        least = self.installation.settings.collect.interval_minutes
        learned = _described(source, document, self.now) if document else source
        after = poll.after(learned, gathered.answer, least, self.now)
        stored = self._store(source, document) if document else Stored()
        self.polls.append(after)
        return Polled(source.slug, gathered.answer.good, after.status, stored)

    def finish(self) -> None:
        """Write what was collected."""
        self._write_posts()
        store.sources.save_polls(self.connection, self.polls)
        store.sources.save_items(self.connection, self.items)
        for source in self.polls:
            if target := poll.adopted(source, self.now):
                store.sources.adopt(self.connection, source.slug, source.url, target)

    def _write_posts(self) -> None:
        store.posts.add_posts(self.connection, self.new, self.now)
        self.new.clear()

    def _store(self, source: Source, document: Document) -> Stored:
        entries, said = document.feed.entries, document.hashes
        known = {**document.known, **self._merged(source, document)}
        new = [entry for entry in entries if entry.id not in known]
        held = self._held(source, new)
        self.new += [
            NewPost(
                self._post(source, entry, held.get(entry.id, "")), self._known_by(entry.id), said[entry.id]
            )
            for entry in new
        ]
        revised = [
            self._revise(source, known[entry.id], entry, said[entry.id])
            for entry in entries
            if entry.id in known
        ]
        self.items[source.slug] = (
            {item: self._known_by(given) for item, given in document.items.items()}
            if self.ink
            else document.items
        )
        return Stored(document.count, len(new), sum(revised), len(held))

    def _merged(self, source: Source, document: Document) -> dict[str, Known]:
        """Which of the unknown entries are posts that we know by another id, or from another source."""
        known, unknown = document.known, document.new()
        if source.slug not in self.related and self.shared.isdisjoint(entry.id for entry in unknown):
            return {}
        if {each.identity for each in self.new} & {entry.id for entry in unknown}:
            self._write_posts()  # another source of this transaction gives the same
        candidates = store.merges.candidates(
            self.connection,
            source.slug,
            unknown,
            present={each.key for each in known.values()},
            first=source.first_collected_at is None,
        )
        same = merging.matches(source.slug, unknown, candidates) if candidates else {}
        return {
            entry.id: store.merges.merge(
                self.connection,
                self._post(source, entry),
                same[entry.id].key,
                same[entry.id].reason,
                self.now,
            )
            for entry in unknown
            if entry.id in same
        }

    def _held(self, source: Source, new: Sequence[Entry]) -> dict[str, str]:
        return identity.backfill(
            new,
            first=source.first_collected_at is None,
            period_start=_period_start(self.installation, source, self.now),
            last_good=source.last_good_at,
            first_posts=self.installation.settings.collect.first_posts,
            now=self.now,
        )

    def _revise(self, source: Source, known: Known, entry: Entry, said: str) -> bool:
        """Keep a new revision where the words changed; else only what changes without them.

        A post that two sources give is revised by its own one only: the other may say it in other words.
        """
        if known.source != source.slug:
            return False
        if said == known.hash:
            url = self.ink.address(entry.url)
            store.posts.touch(self.connection, known.key, identity.updated(entry), entry.comments, url)
            return False
        today = store.posts.known(self.connection, source.slug, [entry.id]).get(entry.id)
        if today is None or today.key != known.key:
            return False  # a person took a merge back meanwhile; the next change is the other post's
        post = self._post(source, entry)
        store.posts.add_revision(self.connection, known.key, post, said, self.now)
        return True

    def _post(self, source: Source, entry: Entry, held: str = "") -> Post:
        post = _post(source, entry, held, self.now)
        return self.ink.post(post) if self.ink else post

    def _known_by(self, identity: str) -> str:
        """An identity that tells what was removed on request is kept as its hash."""
        return store.posts.hashed(identity) if self.ink.hits(identity) else identity


def _without_removed(gathered: Gathered, ink: Blackout) -> Gathered:
    """Without the entries that were removed on request: they are not collected again."""
    document = gathered.document
    if document is None or not ink:
        return gathered
    feed = document.feed
    kept = tuple(entry for entry in feed.entries if not ink.is_removed(entry.id, entry.url))
    told = replace(feed, entries=kept, title=ink.text(feed.title), url=ink.address(feed.url))
    return replace(gathered, document=replace(document, feed=told))


def _described(source: Source, document: Document, now: datetime) -> Source:
    """With what its feed says of itself, where config.toml does not, and how often it has published."""
    feed = document.feed
    kinds = {entry.kind for entry in feed.entries} | ({source.kind} if document.unchanged else set())
    return replace(
        interval.learned(source, feed, now, document.times()),
        title=source.title or choosing.title_of(source, feed),
        site_url=feed.url,
        language=feed.language,
        kind=PostKind.VIDEO if kinds == {PostKind.VIDEO} else PostKind.ARTICLE,
    )


def _period_start(installation: Installation, source: Source, now: datetime) -> datetime:
    """Where the last period began of the slowest digest that follows the source."""
    digests = installation.settings.digests
    following = [digest for digest in digests if not digest.sources or source.slug in digest.sources]
    return min((window.period_start(digest, now) for digest in following or digests), default=now)


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
        updated=identity.updated(entry),
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
