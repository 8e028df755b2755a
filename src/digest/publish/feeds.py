"""Published issues → an Atom feed (RFC 4287) built with feedgen; an entry is an issue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseEntryExtension
from feedgen.feed import FeedGenerator
from jinja2 import Environment
from lxml import etree

from digest import templates as jinja
from digest.errors import DigestError
from digest.model import IssueDocument
from digest.publish import shown
from digest.publish.addresses import (
    PublishedIssue,
    archive_url,
    entry_id,
    feed_id,
    feed_url,
    issue_url,
    landing_url,
    theme_scheme,
)
from digest.publish.wording import TITLE_LIMIT, label, vocabulary, web, wording
from digest.settings import DigestSettings, PublishSettings
from digest.text.html import sanitise
from digest.text.language import normalise, shorten

TEMPLATE = "page/entry.html.j2"
NEWEST = 25  # issues in the feed that readers poll
PICKS_LIMIT = 50  # in the content of one entry; the issue's page has them all
SUMMARY_LIMIT = 300  # characters
_ATOM = "{http://www.w3.org/2005/Atom}"


@dataclass(frozen=True, slots=True)
class TypedLink:
    """An Atom link with all that says where it leads (RFC 4287 §4.2.7)."""

    rel: str
    href: str
    type: str
    title: str


def atom(
    issues: Sequence[PublishedIssue],
    *,
    digest: DigestSettings,
    publish: PublishSettings,
    templates: Environment,
    strings: Mapping[str, str],
) -> bytes:
    """The Atom feed of a digest from its published issues, newest first; the newest 25 are in it.

    The same issues give the same bytes: ``updated`` is theirs, and the clock is never read.

    Raises:
        DigestError: there is no published issue, so there is no time at which the feed was updated.
        TemplateError: the template of an entry cannot be rendered.
    """
    if not issues:
        raise DigestError(f"{digest.slug} has no published issue yet, so it has no feed.")
    feed = _head(digest, publish)
    feed.updated(max(issue.updated_at for issue in issues))
    words = vocabulary(wording(strings, digest))
    for issue in issues[:NEWEST]:
        document = shown.cleaned(issue.document)
        content = entry_html(document, publish=publish, templates=templates, vocabulary=words)
        feed.add_entry(_entry(issue, document, content, digest, publish), order="append")
    data: bytes = feed.atom_str(pretty=True)
    return data


def _head(digest: DigestSettings, publish: PublishSettings) -> Any:
    feed: Any = FeedGenerator()
    feed.id(feed_id(publish, digest.slug))
    feed.title(normalise(digest.title))
    feed.subtitle(normalise(digest.description) or None)
    feed.language(digest.language)
    feed.author(name=normalise(digest.title), uri=landing_url(publish))
    feed.generator("digest")
    feed.link(href=feed_url(publish, digest.slug), rel="self", type="application/atom+xml")
    feed.link(href=archive_url(publish, digest.slug), rel="alternate", type="text/html")
    return feed


def _entry(
    issue: PublishedIssue,
    document: IssueDocument,
    content: str,
    digest: DigestSettings,
    publish: PublishSettings,
) -> Any:
    entry: Any = FeedEntry()
    entry.id(entry_id(publish, document.id))
    entry.title(normalise(document.title) or normalise(document.digest_title))
    entry.published(issue.published_at)
    entry.updated(issue.updated_at)
    entry.author(name=normalise(digest.title))
    entry.content(content, type="html")
    entry.summary(summary(document))
    for group in document.groups:
        if group.slug:
            entry.category(term=group.slug, scheme=theme_scheme(publish), label=normalise(group.title))
    entry.register_extension("links", _links_extension(links(document, publish)), rss=False)
    return entry


def links(document: IssueDocument, publish: PublishSettings) -> tuple[TypedLink, ...]:
    """The issue's page as ``alternate``, and each post in it once as ``related``."""
    page = issue_url(publish, document.id)
    found = {page: TypedLink("alternate", page, "text/html", shorten(document.title, TITLE_LIMIT))}
    for pick in document.picks:
        address = web(pick.url)
        if address and address not in found:
            found[address] = TypedLink("related", address, "text/html", label(pick.title, address))
    return tuple(found.values())


def _links_extension(wanted: Sequence[TypedLink]) -> type[BaseEntryExtension]:
    """feedgen drops rel, type and title from the links of entries, so they are written here, after it."""

    class Links(BaseEntryExtension):
        def extend_atom(self, entry: etree._Element) -> etree._Element:
            for link in wanted:
                etree.SubElement(
                    entry,
                    f"{_ATOM}link",
                    {"rel": link.rel, "type": link.type, "title": link.title, "href": link.href},
                )
            return entry

    return Links


def summary(document: IssueDocument) -> str:
    """What the issue is about, as plain text: the introduction, else the titles of its first picks."""
    text = document.introduction or " · ".join(pick.title for pick in document.picks) or document.title
    return shorten(text, SUMMARY_LIMIT, document.language) or document.digest_title


def entry_html(
    document: IssueDocument,
    *,
    publish: PublishSettings,
    templates: Environment,
    vocabulary: Mapping[str, object],
) -> str:
    """The whole issue as an entry shows it: sanitised, with absolute links only (RFC 4287 §3.1.1.2).

    Raises:
        TemplateError: the template cannot be rendered.
    """
    part = shown.abridged(document, PICKS_LIMIT, PICKS_LIMIT)
    values = {**vocabulary, **part.values(), "page_url": issue_url(publish, document.id)}
    return sanitise(jinja.render(templates, TEMPLATE, values))
