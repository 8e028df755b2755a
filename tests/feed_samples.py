"""Feeds of made-up issues, for the tests of publish.feeds: built as the tree builds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from digest.model import IssueDocument, Picture
from digest.publish.addresses import Edition, PublishedIssue
from digest.publish.feeds.catalogue import feeds
from digest.publish.feeds.documents import Feed
from digest.publish.feeds.entries import FeedSource
from digest.publish.feeds.press import Press
from digest.publish.feeds.timeline import shelved
from digest.publish.page import Shelf
from digest.publish.plan import House, plan
from digest.publish.wording import wording
from digest.resources import Resources
from digest.settings import PublishSettings
from publish_samples import DIGEST, PUBLISH, PUBLISHED_AT, SLOT, issue

RESOURCES = Resources()
ENVIRONMENT = RESOURCES.environment()
SOURCES = {
    "harbour": FeedSource("Harbour Notes", "https://blog.example.org/feed.xml", "https://blog.example.org/")
}
HUB = "https://hub.example.org/"
STILL = Picture("0123456789abcdef0123456789abcdef.jpg", 640, 360)


def press(language: str = "en", publish: PublishSettings = PUBLISH) -> Press:
    digest = DIGEST.model_copy(update={"language": language})
    return Press(digest, publish, ENVIRONMENT, wording(RESOURCES.strings(language), digest), SOURCES)


def feeds_of(
    *issues: PublishedIssue, language: str = "en", publish: PublishSettings = PUBLISH
) -> dict[str, Feed[Any]]:
    """The feeds of a digest by name: "atom", "quotes", "videos", "themes/press-freedom"."""
    found = feeds(issues, press(language, publish))
    return {feed.path.removeprefix("weekly/").removesuffix(".xml"): feed for feed in found}


def made(*issues: PublishedIssue, publish: PublishSettings = PUBLISH) -> dict[str, bytes]:
    """Every document of the tree of one digest."""
    house = House(publish, ENVIRONMENT, RESOURCES.strings, SOURCES)
    planned = plan([Shelf(DIGEST, issues)], house)
    return {path: each.make() or b"" for path, each in planned.items()}


def corrected(*documents: IssueDocument, hours: int = 5) -> PublishedIssue:
    """An issue that was published as the first of these, and corrected to each of the others, some hours apart."""
    moments = [PUBLISHED_AT + timedelta(hours=hours * number) for number in range(len(documents))]
    editions = [Edition(*each) for each in zip(documents, moments, strict=True)]
    return shelved(editions, len(documents), "")


def weeks(number: int, picks: int = 2) -> list[PublishedIssue]:
    """That many issues, newest first, each with posts of its own."""
    return [week(ago, picks) for ago in range(number)]


def week(ago: int, picks: int = 2) -> PublishedIssue:
    when = PUBLISHED_AT - timedelta(weeks=ago)
    document = own_posts(issue(picks, slot=SLOT - timedelta(weeks=ago)), f"w{ago}")
    return PublishedIssue(document, 1, when, when, sha256=f"{ago}-{picks}")


def own_posts(document: IssueDocument, mark: str) -> IssueDocument:
    """The issue with ids, addresses and videos that no other issue has."""
    groups = tuple(
        replace(
            group,
            picks=tuple(
                replace(
                    pick,
                    id=f"{pick.id}-{mark}",
                    post=f"{pick.post}-{mark}",
                    url=f"{pick.url}?{mark}",
                    quotes=tuple(replace(quote, id=f"{quote.id}-{mark}") for quote in pick.quotes),
                    videos=tuple(
                        replace(shown, video=replace(shown.video, id=f"{shown.video.id}{mark}"))
                        for shown in pick.videos
                    ),
                )
                for pick in group.picks
            ),
        )
        for group in document.groups
    )
    week_quote = f"{document.quote_of_the_week}-{mark}" if document.quote_of_the_week else ""
    return replace(document, groups=groups, quote_of_the_week=week_quote, new_videos=())


def illustrated(document: IssueDocument) -> IssueDocument:
    """The issue with a still for each video."""
    groups = tuple(
        replace(
            group,
            picks=tuple(
                replace(pick, videos=tuple(replace(shown, picture=STILL) for shown in pick.videos))
                for pick in group.picks
            ),
        )
        for group in document.groups
    )
    return replace(document, groups=groups)


def without_quotes(document: IssueDocument, ids: Sequence[str]) -> IssueDocument:
    """The issue without these quotes."""
    groups = tuple(
        replace(
            group,
            picks=tuple(
                replace(pick, quotes=tuple(quote for quote in pick.quotes if quote.id not in ids))
                for pick in group.picks
            ),
        )
        for group in document.groups
    )
    return replace(document, groups=groups)
