"""What an issue gives to each feed: itself, its picks, its quotes, its videos; each by its permanent name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from digest.model import Group, IssueDocument, ListedPost, Pick, PickQuote, Picture, Video
from digest.publish.addresses import issue_folder


@dataclass(frozen=True, slots=True)
class PickPart:
    """A pick and the theme that it stands under."""

    pick: Pick
    theme: str  # slug, or ""
    theme_title: str


@dataclass(frozen=True, slots=True)
class Origin:
    """What a quote or a video says of the post that it is from; ``anchor`` is where that stands in the issue, or ""."""

    anchor: str
    title: str
    url: str
    source: str  # slug, or "" where it is not known
    source_title: str
    source_feed: str
    source_site: str
    authors: tuple[str, ...]
    language: str
    published: datetime
    updated: datetime | None
    theme: str
    theme_title: str


@dataclass(frozen=True, slots=True)
class QuotePart:
    """A quote and the pick that it stands in."""

    quote: PickQuote
    of: PickPart

    @property
    def origin(self) -> Origin:
        """What it says of the post that it is from."""
        return _origin(self.of)

    @property
    def seen(self) -> object:
        """What of it readers see: not the rest of its pick."""
        return self.quote, self.origin


@dataclass(frozen=True, slots=True)
class VideoPart:
    """A video, and the pick that it stands in or the post that it is."""

    video: Video
    picture: Picture | None
    of: PickPart | ListedPost
    language: str  # of the issue

    @property
    def origin(self) -> Origin:
        """What it says of the post that it is from."""
        return _origin(self.of) if isinstance(self.of, PickPart) else _listed_origin(self.of, self.language)

    @property
    def seen(self) -> object:
        """What of it readers see: not the rest of its pick."""
        return self.video, self.picture, self.origin


def whole(document: IssueDocument) -> Iterator[tuple[str, IssueDocument]]:
    """The issue itself."""
    yield issue_folder(document.id).partition("/")[2], document


def picks(document: IssueDocument, theme: str) -> Iterator[tuple[str, PickPart]]:
    """The picks under one theme, by their anchors."""
    for group in document.groups:
        if group.slug == theme:
            yield from ((part.pick.id, part) for part in _of_group(group))


def quotes(document: IssueDocument) -> Iterator[tuple[str, QuotePart]]:
    """Every key quote, by its anchor."""
    for group in document.groups:
        for part in _of_group(group):
            yield from ((quote.id, QuotePart(quote, part)) for quote in part.pick.quotes)


def videos(document: IssueDocument) -> Iterator[tuple[str, VideoPart]]:
    """Every video that has an address, in picks and as "New videos"."""
    for group in document.groups:
        for part in _of_group(group):
            for shown in part.pick.videos:
                if shown.video.url:
                    yield (
                        _video_name(shown.video),
                        VideoPart(shown.video, shown.picture, part, document.language),
                    )
    for listed in document.new_videos:
        if listed.video and listed.video.url:
            yield (
                _video_name(listed.video),
                VideoPart(listed.video, listed.picture, listed, document.language),
            )


def themes(document: IssueDocument) -> dict[str, str]:
    """The titles of the themes that it has picks under, by slug."""
    return {group.slug: group.title for group in document.groups if group.slug and group.picks}


def _of_group(group: Group) -> Iterator[PickPart]:
    return (PickPart(pick, group.slug, group.title) for pick in group.picks)


def _origin(part: PickPart) -> Origin:
    pick = part.pick
    return Origin(
        anchor=pick.id,
        title=pick.title,
        url=pick.url,
        source=pick.source,
        source_title=pick.source_title,
        source_feed=pick.source_feed,
        source_site=pick.source_site,
        authors=pick.authors,
        language=pick.language,
        published=pick.published,
        updated=pick.updated,
        theme=part.theme,
        theme_title=part.theme_title,
    )


def _listed_origin(listed: ListedPost, language: str) -> Origin:
    return Origin(
        anchor="",
        title=listed.title,
        url=listed.url,
        source="",
        source_title=listed.source_title,
        source_feed="",
        source_site="",
        authors=(),
        language=language,
        published=listed.published,
        updated=None,
        theme="",
        theme_title="",
    )


def _video_name(video: Video) -> str:
    """A video's name, the same behind all spellings of its address; ids of platforms may hold anything."""
    known = f"{video.platform} {video.id}" if video.platform and video.id else video.url
    return f"v-{sha256(known.encode()).hexdigest()[:16]}"
