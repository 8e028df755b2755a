"""Which feeds a digest has: its issues, the picks of each theme, its quotes, its videos."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

from digest.model import IssueDocument
from digest.publish.addresses import PublishedIssue, feed_id, feed_url, json_url, part_id, rss_url, url_of
from digest.publish.feeds import parts
from digest.publish.feeds.documents import Feed
from digest.publish.feeds.entries import ATOM, JSON, RSS, FeedEntry, TypedLink
from digest.publish.feeds.press import Press
from digest.publish.feeds.timeline import Place, timeline
from digest.publish.wording import Wording
from digest.settings import DigestSettings, PublishSettings
from digest.text.language import normalise

T = TypeVar("T")

ISSUES_CLOSED = 5  # an issue is long; few of them are in no archive
PARTS_CLOSED = 25


def feeds(issues: Sequence[PublishedIssue], press: Press) -> tuple[Feed[Any], ...]:
    """The feeds of a digest from its published issues, newest first; those that never had an entry are left out."""
    oldest_first = tuple(reversed(issues))
    found = (_issues(oldest_first, press), *_parts(oldest_first, press))
    return tuple(feed for feed in found if feed.places)


def offered(
    issues: Sequence[PublishedIssue], digest: DigestSettings, publish: PublishSettings, words: Wording
) -> tuple[TypedLink, ...]:
    """The feeds of ``feeds`` as links for pages and lists, the main one first; none before the first issue."""
    if not issues:
        return ()
    main = TypedLink("alternate", feed_url(publish, digest.slug), ATOM, normalise(digest.title))
    documents = [edition.document for issue in issues for edition in issue.editions]
    names = {f"themes/{slug}": title for slug, title in _themes(tuple(reversed(issues))).items()}
    if any(any(parts.quotes(document)) for document in documents):
        names["quotes"] = words.say("feed_quotes")
    if any(any(parts.videos(document)) for document in documents):
        names["videos"] = words.say("feed_videos")
    others = (
        TypedLink("alternate", url_of(publish, _path(digest, name)), ATOM, _title(digest, title))
        for name, title in names.items()
    )
    return (main, *_other_formats(digest, publish), *others)


def _other_formats(digest: DigestSettings, publish: PublishSettings) -> tuple[TypedLink, ...]:
    """The main feed in its other formats."""
    title = normalise(digest.title)
    return (
        TypedLink("alternate", rss_url(publish, digest.slug), RSS, f"{title} (RSS)"),
        TypedLink("alternate", json_url(publish, digest.slug), JSON, f"{title} (JSON Feed)"),
    )


def _path(digest: DigestSettings, name: str) -> str:
    return f"{digest.slug}/{name}.xml"


def _title(digest: DigestSettings, title: str) -> str:
    return f"{normalise(digest.title)}: {normalise(title)}"


def _issues(issues: Sequence[PublishedIssue], press: Press) -> Feed[IssueDocument]:
    digest, publish = press.digest, press.publish
    return Feed(
        digest,
        publish,
        path=_path(digest, "atom"),
        id=feed_id(publish, digest.slug),
        title=normalise(digest.title),
        places=timeline(issues, parts.whole),
        write=press.issue,
        closed=ISSUES_CLOSED,
        others=_other_formats(press.digest, press.publish),
    )


def _parts(issues: Sequence[PublishedIssue], press: Press) -> Iterator[Feed[Any]]:
    words = press.words
    for slug, title in _themes(issues).items():
        places = timeline(issues, partial(parts.picks, theme=slug))
        yield _feed(press, f"themes/{slug}", title, places, press.pick)
    yield _feed(press, "quotes", words.say("feed_quotes"), timeline(issues, parts.quotes), press.quote)
    yield _feed(press, "videos", words.say("feed_videos"), timeline(issues, parts.videos), press.video)


def _feed(
    press: Press,
    name: str,
    title: str,
    places: Sequence[Place[T]],
    write: Callable[[Place[T], T], FeedEntry],
) -> Feed[T]:
    digest = press.digest
    return Feed(
        digest,
        press.publish,
        path=_path(digest, name),
        id=part_id(press.publish, digest.slug, name),
        title=_title(digest, title),
        places=places,
        write=write,
        closed=PARTS_CLOSED,
    )


def _themes(issues: Sequence[PublishedIssue]) -> dict[str, str]:
    """The title that each theme had last, by slug."""
    found: dict[str, str] = {}
    for issue in issues:
        for edition in issue.editions:
            found |= parts.themes(edition.document)
    return dict(sorted(found.items()))
