"""The videos of a YouTube channel that a source takes, of all that its feed names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from digest.collect import choosing
from digest.collect.parse import parse_feed
from digest.errors import FetchError, ParseError
from digest.model import Entry, Source, SourceFeed, Video
from digest.net.http import Fetcher


def chosen(
    fetcher: Fetcher,
    source: Source,
    entries: Sequence[Entry],
    now: datetime,
    *,
    parse: Callable[[bytes, str], SourceFeed] = parse_feed,
) -> tuple[Entry, ...]:
    """The entries that the source's settings ``shorts``, ``live`` and ``premieres`` let in.

    One more document is fetched where it takes shorts without streams, or streams without shorts, of a channel.

    Raises:
        FetchError: that document could not be had, so what is a short or a stream is not known.
    """
    unwanted: list[Video] = []
    for url in choosing.left_out(source) if entries else ():
        unwanted += _videos(fetcher, url, parse)
    return choosing.chosen(source, entries, unwanted, now)


def _videos(fetcher: Fetcher, url: str, parse: Callable[[bytes, str], SourceFeed]) -> list[Video]:
    """The videos of a list; a channel that has no shorts, or no streams, has no such list (404)."""
    answer = fetcher.get(url)
    if answer.status == 404:
        return []
    if answer.status != 200:
        raise FetchError(f"{url} answered {answer.status}; it tells which videos are not to be taken.")
    try:
        return [video for entry in parse(answer.body, answer.url).entries for video in entry.videos[:1]]
    except ParseError as error:
        raise FetchError(str(error)) from error
