"""Parts of issues → entries of feeds: what each says in words, links, categories and HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from jinja2 import Environment

from digest import templates as jinja
from digest.model import IssueDocument, Pick, Picture, Video
from digest.publish import shown
from digest.publish.addresses import entry_id, issue_url, part_id, theme_scheme, topic_scheme
from digest.publish.feeds.entries import HTML, Category, FeedEntry, FeedSource, Thumbnail, TypedLink
from digest.publish.feeds.parts import Origin, PickPart, QuotePart, VideoPart
from digest.publish.feeds.timeline import Place
from digest.publish.pictures import picture_url, pictures
from digest.publish.wording import TITLE_LIMIT, Wording, label, vocabulary, web
from digest.settings import DigestSettings, PublishSettings
from digest.text.html import sanitise
from digest.text.language import normalise, shorten

T = TypeVar("T")

PICKS_LIMIT = 50  # in the content of one entry; the issue's page has them all
_QUOTE_IN_TITLE = 90  # characters
_MEDIA_TYPES = {"mp4": "mp4", "m4v": "mp4", "webm": "webm", "ogv": "ogg", "ogg": "ogg", "mov": "quicktime"}
_MEDIA_FILE = re.compile(rf"\.({'|'.join(_MEDIA_TYPES)})(?:[?#]|$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Press:
    """What turns the parts of a digest's issues into entries; ``sources`` is by slug."""

    digest: DigestSettings
    publish: PublishSettings
    templates: Environment
    words: Wording
    sources: Mapping[str, FeedSource]

    def issue(self, place: Place[IssueDocument], document: IssueDocument) -> FeedEntry:
        """An issue as an entry: all of it, up to ``PICKS_LIMIT`` picks.

        Raises:
            TemplateError: the template cannot be rendered.
        """
        document = self._cleaned(place, document)
        page = issue_url(self.publish, document.id)
        return FeedEntry(
            id=entry_id(self.publish, document.id),
            title=normalise(document.title) or normalise(document.digest_title),
            published=place.published_at,
            updated=place.updated_at,
            author=normalise(self.digest.title),
            summary=shown.summary(document),
            html=self.issue_html(document),
            language=document.language,
            links=_once(
                TypedLink("alternate", page, HTML, shorten(document.title, TITLE_LIMIT)),
                *(_link("related", pick.url, pick.title) for pick in document.picks),
            ),
            categories=tuple(self._theme(group.slug, group.title) for group in document.groups if group.slug),
            thumbnail=self._thumbnail(next(iter(pictures(document)), None)),
        )

    def issue_html(self, document: IssueDocument) -> str:
        """The content of an issue's entry: sanitised, with absolute links only (RFC 4287 §3.1.1.2).

        Raises:
            TemplateError: the template cannot be rendered.
        """
        part = shown.abridged(document, PICKS_LIMIT, PICKS_LIMIT)
        return self._html("entry", document, **part.values())

    def pick(self, place: Place[PickPart], part: PickPart) -> FeedEntry:
        """A pick as an entry of its theme's feed.

        Raises:
            TemplateError: the template cannot be rendered.
        """
        part = self._cleaned(place, part)
        pick, document = part.pick, place.issue.document
        page = f"{issue_url(self.publish, document.id)}#{pick.id}"
        return FeedEntry(
            id=part_id(self.publish, self.digest.slug, place.name),
            title=_title(pick.title, pick.url),
            published=place.published_at,
            updated=place.updated_at,
            author=_author(pick.authors, pick.source_title),
            summary=_summary(pick.blurb or pick.title, pick.language),
            html=self._html("entry-alone", document, pick=pick),
            language=pick.language or document.language,
            links=_once(
                TypedLink("alternate", page, HTML, shorten(pick.title, TITLE_LIMIT)),
                _link("via", pick.url, pick.title),
                _replies(pick),
                *(_link("related", each.link.url, each.link.title) for each in pick.related_posts),
                *(_video_link(each.video) for each in pick.videos),
            ),
            categories=(self._theme(part.theme, part.theme_title),),
            source=self._source(pick),
            source_updated=pick.updated or pick.published,
            thumbnail=self._thumbnail(next((each.picture for each in pick.videos if each.picture), None)),
        )

    def quote(self, place: Place[QuotePart], part: QuotePart) -> FeedEntry:
        """A key quote as an entry: its speaker is the author, ``via`` leads to its exact words.

        Raises:
            TemplateError: the template cannot be rendered.
        """
        part = self._cleaned(place, part)
        said, origin, document = part.quote.quote, part.origin, place.issue.document
        page = f"{issue_url(self.publish, document.id)}#{part.quote.id}"
        in_marks = self.words.say("quotation", text=shorten(said.text, _QUOTE_IN_TITLE, origin.language))
        return FeedEntry(
            id=part_id(self.publish, self.digest.slug, place.name),
            title=f"{normalise(said.speaker)}: {in_marks}" if said.speaker else in_marks,
            published=place.published_at,
            updated=place.updated_at,
            author=normalise(said.speaker) or _author(origin.authors, origin.source_title),
            summary=_summary(said.text, origin.language),
            html=self._html("entry-quoted", document, quote=part.quote, pick=origin),
            language=origin.language or document.language,
            links=_once(
                TypedLink("alternate", page, HTML, shorten(in_marks, TITLE_LIMIT)),
                _link("via", said.link, origin.title),
                _link("related", origin.url, origin.title),
            ),
            categories=(*self._themes(origin), *(self._topic(topic) for topic in said.topics)),
            source=self._source(origin),
            source_updated=origin.updated or origin.published,
        )

    def video(self, place: Place[VideoPart], part: VideoPart) -> FeedEntry:
        """A video as an entry: ``related`` leads to where it is watched, ``via`` to the post.

        Raises:
            TemplateError: the template cannot be rendered.
        """
        part = self._cleaned(place, part)
        video, origin, document = part.video, part.origin, place.issue.document
        page = issue_url(self.publish, document.id) + (f"#{origin.anchor}" if origin.anchor else "")
        title = _title(video.title or origin.title, video.url)
        return FeedEntry(
            id=part_id(self.publish, self.digest.slug, place.name),
            title=title,
            published=place.published_at,
            updated=place.updated_at,
            author=normalise(video.channel) or _author(origin.authors, origin.source_title),
            summary=_summary(" · ".join(filter(None, (title, video.channel))), origin.language),
            html=self._html("entry-video", document, video=part, pick=origin),
            language=origin.language or document.language,
            links=_once(
                TypedLink("alternate", page, HTML, shorten(title, TITLE_LIMIT)),
                _video_link(video),
                _link("via", origin.url, origin.title),
            ),
            categories=self._themes(origin),
            source=self._source(origin),
            source_updated=origin.updated or origin.published,
            thumbnail=self._thumbnail(part.picture),
        )

    def _cleaned(self, place: Place[T], part: T) -> T:
        """The part with every text cleaned; an issue is looked through once, and most of them are clean."""
        issue = place.issue
        clean = not issue.earlier and issue.clean is issue.document
        return part if clean else shown.cleaned(part)

    def _html(self, template: str, document: IssueDocument, **values: object) -> str:
        common = {"issue": document, "headline": None, "page_url": issue_url(self.publish, document.id)}
        known = {**vocabulary(self.words), "picture": self._picture_url, **common, **values}
        return sanitise(jinja.render(self.templates, f"page/{template}.html.j2", known))

    def _picture_url(self, picture: Picture) -> str:
        return picture_url(self.publish, picture)

    def _thumbnail(self, picture: Picture | None) -> Thumbnail | None:
        return Thumbnail(self._picture_url(picture), picture) if picture else None

    def _source(self, of: Pick | Origin) -> FeedSource | None:
        """As it was when the issue was made; for issues of before that was kept, as it is."""
        feed = web(of.source_feed)
        if feed:
            return FeedSource(normalise(of.source_title) or feed, feed, web(of.source_site))
        return self.sources.get(of.source)

    def _themes(self, origin: Origin) -> tuple[Category, ...]:
        return (self._theme(origin.theme, origin.theme_title),) if origin.theme else ()

    def _theme(self, slug: str, title: str) -> Category:
        return Category(slug, theme_scheme(self.publish), normalise(title) or slug)

    def _topic(self, topic: str) -> Category:
        return Category(normalise(topic), topic_scheme(self.publish), normalise(topic))


def _author(authors: Iterable[str], source_title: str) -> str:
    return ", ".join(filter(None, map(normalise, authors))) or normalise(source_title) or "?"


def _title(title: str, url: str) -> str:
    return label(title, web(url)) or "?"


def _summary(text: str, language: str) -> str:
    return shorten(text, shown.SUMMARY_LIMIT, language)


def _link(rel: str, url: str, title: str) -> TypedLink | None:
    """The link, or None where the address is none of the web."""
    address = web(url)
    return TypedLink(rel, address, HTML, label(title, address)) if address else None


def _replies(pick: Pick) -> TypedLink | None:
    comments = pick.comments
    address = web(comments.url) if comments else ""
    return TypedLink("replies", address, HTML, count=comments.count) if comments and address else None


def _video_link(video: Video) -> TypedLink | None:
    """A file is an enclosure; what a platform plays is a page."""
    link = _link("related", video.url, video.title)
    file = _MEDIA_FILE.search(video.url)
    if link is None or file is None or video.platform != "file":
        return link
    return TypedLink("enclosure", link.href, f"video/{_MEDIA_TYPES[file[1].lower()]}", link.title)


def _once(*links: TypedLink | None) -> tuple[TypedLink, ...]:
    """Those there are, each address once, in order."""
    found: dict[str, TypedLink] = {}
    for link in links:
        if link:
            found.setdefault(link.href, link)
    return tuple(found.values())
