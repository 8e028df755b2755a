"""Which post an entry is, whether it changed, and whether it is new or only new to us."""

from __future__ import annotations

from base64 import b32encode
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from digest.model import Entry, PostKind
from digest.text.language import normalise

OLD = timedelta(days=14)  # before the last good poll: a post that appears this late is back-fill
FLOOD = 50  # new posts in one poll
FLOOD_NEW = 20  # of a flood, so many are new

_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def post_key(source_url: str, entry: Entry) -> str:
    """The permanent key of a post: 16 characters of ``a–z2–7`` over its source's address and its identity.

    Computed once, when the post is first seen, and stored; it stays whatever happens to either later. The entry
    is one that ``identified`` gave.
    """
    digest = sha256(f"{source_url}\n{entry.id}".encode()).digest()
    return b32encode(digest[:10]).decode().lower()


def revision_hash(entry: Entry) -> str:
    """SHA-256 over what a revision is made of: title, text, markup and which videos.

    Not ``updated``, comment counts or votes, which move without anybody's writing.
    """
    videos = (f"{video.platform}:{video.id}" for video in entry.videos)
    parts = (normalise(entry.title), entry.text, normalise(entry.html), *videos)
    return sha256("\0".join(parts).encode()).hexdigest()


def identified(entries: Iterable[Entry]) -> tuple[tuple[str, Entry], ...]:
    """The entries of one document with their identities, each once, in order of first mention.

    An identity is the entry's id (its link or a hash where the feed gave none). Entries that share an id and a
    link are one, and the last updated of them is meant (RFC 4287 §4.1.1); with different links or titles they
    are different posts, told apart by a hash of id, link and, if need be, title. ``entry.id`` is the identity.
    """
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.id].append(entry)
    told_apart = {identity: entry for group in groups.values() for identity, entry in _told_apart(group)}
    return tuple(
        (identity, entry if entry.id == identity else replace(entry, id=identity))
        for identity, entry in told_apart.items()
    )


def _told_apart(group: Sequence[Entry]) -> list[tuple[str, Entry]]:
    posts: dict[tuple[str, str], Entry] = {}
    for entry in group:
        key = (entry.url, normalise(entry.title))
        known = posts.get(key)
        if known is None or (entry.updated or _LONG_AGO) > (known.updated or _LONG_AGO):
            posts[key] = entry
    if len(posts) == 1:
        return [(entry.id, entry) for entry in posts.values()]
    links = [url for url, _ in posts]
    return [
        (_hashed(entry.id, url) if links.count(url) == 1 else _hashed(entry.id, url, title), entry)
        for (url, title), entry in posts.items()
    ]


def _hashed(*parts: str) -> str:
    return "sha256:" + sha256("\n".join(parts).encode()).hexdigest()


def published(entry: Entry, now: datetime) -> datetime:
    """When it was published: now where the feed does not say, or names a day to come."""
    return min(entry.published or now, now)


def updated(entry: Entry) -> datetime | None:
    """When it says it was updated; None for a video, whose ``updated`` moves with every vote."""
    return None if entry.kind is PostKind.VIDEO else entry.updated


def backfill(
    entries_new: Sequence[Entry],
    *,
    first: bool,
    period_start: datetime,
    last_good: datetime | None,
    first_posts: int,
    now: datetime,
) -> dict[str, str]:
    """Which entries, of those we see for the first time, are no news; by identity, with a sentence why.

    Args:
        entries_new: as ``identified`` gave them, without those that are known.
        first: whether this is the first collection of their source.
        period_start: when the digest's last period began; on a first collection, what is younger is new.
        last_good: the last poll before this one that succeeded.
        first_posts: on a first collection, at least so many of the newest are new.
        now: this poll.
    """
    order = sorted(entries_new, key=lambda entry: min(entry.published or _LONG_AGO, now), reverse=True)
    if first:
        return _before_us(order[first_posts:], period_start)
    held = _late(order, last_good)
    return held | _flood([entry for entry in order if entry.id not in held])


def _before_us(entries: Iterable[Entry], period_start: datetime) -> dict[str, str]:
    why = "It was published{when}, before this source was first collected."
    return {
        entry.id: why.format(when=_on(entry))
        for entry in entries
        if entry.published is None or entry.published < period_start
    }


def _late(entries: Iterable[Entry], last_good: datetime | None) -> dict[str, str]:
    if last_good is None:
        return {}
    why = f"It was published{{when}}, more than {OLD.days} days before the last good poll on {last_good:%Y-%m-%d}."
    return {
        entry.id: why.format(when=_on(entry))
        for entry in entries
        if entry.published and entry.published < last_good - OLD
    }


def _flood(entries: Sequence[Entry]) -> dict[str, str]:
    if len(entries) <= FLOOD:
        return {}
    why = f"It is one of {len(entries)} posts that appeared in one poll, and not of the newest {FLOOD_NEW}."
    return {entry.id: why for entry in entries[FLOOD_NEW:]}


def _on(entry: Entry) -> str:
    return f" on {entry.published:%Y-%m-%d}" if entry.published else ""
