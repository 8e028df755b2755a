"""Published issues → static pages without a script: each issue, a digest's archive, a landing page; and their tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment

from digest import templates as jinja
from digest.publish import feeds, shown
from digest.publish.addresses import (
    PublishedIssue,
    archive_url,
    feed_url,
    issue_folder,
    issue_url,
    landing_url,
)
from digest.publish.colours import COMFORTABLE, DARK_TINT, LIGHT_TINT, readable
from digest.publish.wording import vocabulary, wording
from digest.settings import DigestSettings, PublishSettings
from digest.text.language import direction


@dataclass(frozen=True, slots=True)
class Shelf:
    """A digest and its published issues, newest first."""

    digest: DigestSettings
    issues: tuple[PublishedIssue, ...]


Strings = Callable[[str], Mapping[str, str]]  # the strings of a language, as ``Resources.strings`` gives them


def issue_page(
    issue: PublishedIssue,
    *,
    digest: DigestSettings,
    publish: PublishSettings,
    templates: Environment,
    strings: Mapping[str, str],
) -> str:
    """The permanent page of an issue; each theme, pick and quote has its anchor.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    document = shown.cleaned(issue.document)
    part = shown.abridged(
        document, len(document.picks), len(document.new_videos) + len(document.also_published)
    )
    return jinja.render(
        templates,
        "page/issue.html.j2",
        {
            **_frame(digest, publish, strings),
            **part.values(),
            "summary": feeds.summary(document),
            "page_url": issue_url(publish, document.id),
            "published": issue.published_at,
            "corrected": issue.updated_at if issue.version > 1 else None,
        },
    )


def archive_page(
    shelf: Shelf, *, publish: PublishSettings, templates: Environment, strings: Mapping[str, str]
) -> str:
    """The page that lists all issues of a digest, newest first.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    values = {
        **_frame(shelf.digest, publish, strings),
        "page_url": archive_url(publish, shelf.digest.slug),
        "issues": _listed(shelf.issues, publish),
    }
    return jinja.render(templates, "page/archive.html.j2", values)


def landing_page(
    shelves: Sequence[Shelf], *, publish: PublishSettings, templates: Environment, strings: Strings
) -> str:
    """The page that lists all digests (at least one) with their newest issues, each in its language.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    values = {
        **_frame(shelves[0].digest, publish, strings(shelves[0].digest.language)),
        "page_url": landing_url(publish),
        "digests": [
            {
                "settings": shelf.digest,
                "words": wording(strings(shelf.digest.language), shelf.digest),
                "archive_url": archive_url(publish, shelf.digest.slug),
                "feed_url": feed_url(publish, shelf.digest.slug) if shelf.issues else "",
                "issues": _listed(shelf.issues[:3], publish),
            }
            for shelf in shelves
        ],
    }
    return jinja.render(templates, "page/landing.html.j2", values)


def tree(
    shelves: Sequence[Shelf], *, publish: PublishSettings, templates: Environment, strings: Strings
) -> Mapping[str, bytes]:
    """Every published document of all digests: path below ``feeds_dir`` → bytes.

    ``weekly/2026-11-22/index.html``, ``weekly/index.html``, ``weekly/atom.xml`` once there is an issue, ``index.html``.

    Raises:
        TemplateError: a template cannot be rendered.
    """
    pages: dict[str, bytes] = {}
    for shelf in shelves:
        pages |= _digest_tree(shelf, publish, templates, strings(shelf.digest.language))
    if shelves:
        landing = landing_page(shelves, publish=publish, templates=templates, strings=strings)
        pages["index.html"] = landing.encode()
    return pages


def _digest_tree(
    shelf: Shelf, publish: PublishSettings, templates: Environment, strings: Mapping[str, str]
) -> Mapping[str, bytes]:
    slug = shelf.digest.slug
    pages: dict[str, bytes] = {}
    for issue in shelf.issues:
        page = issue_page(issue, digest=shelf.digest, publish=publish, templates=templates, strings=strings)
        pages[f"{issue_folder(issue.document.id)}/index.html"] = page.encode()
    archive = archive_page(shelf, publish=publish, templates=templates, strings=strings)
    pages[f"{slug}/index.html"] = archive.encode()
    if shelf.issues:
        pages[f"{slug}/atom.xml"] = feeds.atom(
            shelf.issues, digest=shelf.digest, publish=publish, templates=templates, strings=strings
        )
    return pages


def _frame(
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
        "landing_url": landing_url(publish),
        "accent": readable(publish.accent, LIGHT_TINT),
        "accent_dark": readable(publish.accent, DARK_TINT, COMFORTABLE),
    }


def _listed(issues: Sequence[PublishedIssue], publish: PublishSettings) -> list[Mapping[str, object]]:
    documents = [shown.cleaned(issue.document) for issue in issues]
    return [
        {"document": document, "url": issue_url(publish, document.id), "summary": feeds.summary(document)}
        for document in documents
    ]
