"""Which videos of a YouTube channel are taken: its shorts, its streams, what it only announces.

A channel's feed has everything in it and says of an entry at most, by its link, that it is a short. What is what is
told by playlists that YouTube keeps for each channel: UULF for its videos, UUSH for its shorts, UULV for its streams.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from digest.collect.channels import is_youtube_feed, query_value
from digest.model import Entry, PostKind, Source, SourceFeed, Video

_FEED = "https://www.youtube.com/feeds/videos.xml"
_CHANNEL = re.compile(r"UC([\w-]{22})", re.ASCII)
_VIDEOS, _SHORTS, _STREAMS = "UULF", "UUSH", "UULV"


def address(source: Source) -> str:
    """Where a source is polled: a channel of which neither shorts nor streams are taken, at its list of videos."""
    channel = _channel(source.url)
    return _playlist(_VIDEOS, channel) if channel and not (source.shorts or source.live) else source.url


def title_of(source: Source, feed: SourceFeed) -> str:
    """What a source's feed calls it; YouTube calls each channel's list of videos the same, by its channel."""
    return feed.author or feed.title if address(source) != source.url else feed.title


def left_out(source: Source) -> tuple[str, ...]:
    """The feeds of what is not taken of a channel, where they must be known to tell: of either shorts or streams."""
    channel = _channel(source.url)
    if not channel or source.shorts == source.live:
        return ()
    return (_playlist(_STREAMS if source.shorts else _SHORTS, channel),)


def chosen(
    source: Source, entries: Sequence[Entry], unwanted: Collection[Video], now: datetime
) -> tuple[Entry, ...]:
    """The entries of a poll that are taken, in their order; what is no video always is.

    An announced video is one that nobody has watched yet, or that is published later than now: YouTube dates it by
    when it was announced. It is not kept in mind, and so is new once it is out; a video that nobody has watched since it
    came out waits for the next poll as well.

    Args:
        unwanted: what is in the feeds that ``left_out`` names.
    """
    ids = {(video.platform, video.id) for video in unwanted}
    return tuple(
        entry for entry in entries if entry.kind is not PostKind.VIDEO or _taken(source, entry, ids, now)
    )


def _taken(source: Source, entry: Entry, unwanted: Collection[tuple[str, str]], now: datetime) -> bool:
    if not source.shorts and urlsplit(entry.url).path.startswith("/shorts/"):
        return False
    if not source.premieres and (entry.views == 0 or (entry.published is not None and entry.published > now)):
        return False
    return not any((video.platform, video.id) in unwanted for video in entry.videos[:1])


def _channel(url: str) -> str:
    """The channel that a feed of YouTube is of, without its "UC", or ""."""
    match = _CHANNEL.fullmatch(query_value(url, "channel_id")) if is_youtube_feed(url) else None
    return match[1] if match else ""


def _playlist(kind: str, channel: str) -> str:
    return f"{_FEED}?playlist_id={kind}{channel}"
