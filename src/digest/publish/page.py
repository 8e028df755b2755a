"""A published issue → its permanent page, complete without a script; and what all pages share."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from jinja2 import Environment
from markupsafe import Markup

from digest import templates as jinja
from digest.model import IssueDocument, Picture
from digest.publish import shown
from digest.publish.addresses import (
    PublishedIssue,
    archive_url,
    feed_url,
    issue_url,
    landing_url,
    search_url,
    subscribe_url,
    theme_url,
)
from digest.publish.colours import COMFORTABLE, DARK_TINT, LIGHT_TINT, readable
from digest.publish.pictures import picture_url, pictures
from digest.publish.wording import vocabulary, web, wording
from digest.settings import DigestSettings, PublishSettings
from digest.text.language import direction


@dataclass(frozen=True, slots=True)
class Shelf:
    """A digest and its published issues, newest first."""

    digest: DigestSettings
    issues: tuple[PublishedIssue, ...]


@dataclass(frozen=True, slots=True)
class Neighbours:
    """The issues before and after one, where there are any."""

    older: PublishedIssue | None = None
    newer: PublishedIssue | None = None


Strings = Callable[[str], Mapping[str, str]]  # the strings of a language, as ``Resources.strings`` gives them

_ALONE = Neighbours()


def issue_page(
    issue: PublishedIssue,
    *,
    digest: DigestSettings,
    publish: PublishSettings,
    templates: Environment,
    strings: Mapping[str, str],
    neighbours: Neighbours = _ALONE,
) -> str:
    """The permanent page of an issue; each theme, pick and quote has its anchor.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    document = issue.clean
    part = shown.abridged(
        document, len(document.picks), len(document.new_videos) + len(document.also_published)
    )
    return jinja.render(
        templates,
        "page/issue.html.j2",
        {
            **frame(digest, publish, strings),
            **part.values(),
            "summary": shown.summary(document),
            "page_url": issue_url(publish, document.id),
            "published": issue.published_at,
            "corrected": issue.updated_at if issue.updated_at > issue.published_at else None,
            "picture": partial(picture_url, publish),
            "cover": next(iter(pictures(document)), None),
            "theme_url": partial(theme_url, publish, digest.slug),
            "linked_data": _linked_data(issue, document, publish),
            "older": _neighbour(neighbours.older, publish),
            "newer": _neighbour(neighbours.newer, publish),
        },
    )


def frame(
    digest: DigestSettings, publish: PublishSettings, strings: Mapping[str, str]
) -> Mapping[str, object]:
    """What every page knows besides its own subject."""
    return {
        **vocabulary(wording(strings, digest)),
        "digest": digest,
        "language": digest.language,
        "direction": direction(digest.language),
        "feed_url": feed_url(publish, digest.slug),
        "archive_url": archive_url(publish, digest.slug),
        "search_url": search_url(publish, digest.slug),
        "subscribe_url": subscribe_url(publish, digest.slug),
        "landing_url": landing_url(publish),
        "accent": readable(publish.accent, LIGHT_TINT),
        "accent_dark": readable(publish.accent, DARK_TINT, COMFORTABLE),
    }


def _neighbour(issue: PublishedIssue | None, publish: PublishSettings) -> Mapping[str, str] | None:
    if issue is None:
        return None
    title = issue.document.title or issue.document.digest_title
    return {"title": shown.cleaned(title), "url": issue_url(publish, issue.document.id)}


# ── for programs ─────────────────────────────────────────────────────────────────────────────────


def _linked_data(issue: PublishedIssue, document: IssueDocument, publish: PublishSettings) -> Markup:
    """The issue in words of schema.org, as JSON-LD that may stand in a page (HTML, section 4.12.1.3)."""
    url = issue_url(publish, document.id)
    said = {
        "@context": "https://schema.org",
        "@type": "Article",
        "@id": url,
        "mainEntityOfPage": url,
        "headline": document.title or document.digest_title,
        "description": shown.summary(document),
        "inLanguage": document.language,
        "datePublished": issue.published_at.isoformat(),
        "dateModified": issue.updated_at.isoformat(),
        "isPartOf": {
            "@type": "Periodical",
            "name": document.digest_title,
            "url": archive_url(publish, document.id.digest),
        },
        "publisher": {"@type": "Organization", "name": document.digest_title, "url": landing_url(publish)},
        "image": [_image(picture, publish) for picture in pictures(document)[:1]],
        "about": [group.title for group in document.groups if group.slug],
        "citation": [
            {"@type": "CreativeWork", "name": pick.title, "url": web(pick.url)}
            for pick in document.picks
            if web(pick.url)
        ],
    }
    text = json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False)
    for sign in "<>&":  # so that no text ends the element, or begins a comment in it
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704  # nothing is left in it that means something in HTML


def _image(picture: Picture, publish: PublishSettings) -> Mapping[str, object]:
    return {
        "@type": "ImageObject",
        "url": picture_url(publish, picture),
        "width": picture.width,
        "height": picture.height,
    }
