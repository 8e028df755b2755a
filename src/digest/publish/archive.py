"""Published issues → pages of lists: a digest's newest issues, its years, its themes; and all digests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from jinja2 import Environment

from digest import templates as jinja
from digest.model import Group, IssueDocument
from digest.publish import shown
from digest.publish.addresses import (
    PublishedIssue,
    archive_url,
    feed_url,
    issue_url,
    landing_url,
    subscribe_url,
    theme_feed_url,
    theme_url,
    theme_year_url,
    year_url,
)
from digest.publish.feeds.catalogue import offered
from digest.publish.feeds.entries import TypedLink
from digest.publish.feeds.parts import themes
from digest.publish.page import Shelf, Strings, frame
from digest.publish.wording import wording
from digest.settings import PublishSettings

NEWEST = 20  # issues on the first page of an archive, and of a theme
_ON_THE_LANDING_PAGE = 3


@dataclass(frozen=True, slots=True)
class Room:
    """Where pages of lists are made: a digest with its issues, and what its pages are made with."""

    shelf: Shelf
    publish: PublishSettings
    templates: Environment
    strings: Mapping[str, str]

    def render(self, name: str, url: str, **values: object) -> str:
        """The page ``name`` with what all pages know.

        Raises:
            TemplateError: the template cannot be rendered.
        """
        known = frame(self.shelf.digest, self.publish, self.strings)
        return jinja.render(self.templates, f"page/{name}.html.j2", {**known, "page_url": url, **values})


def years(issues: Sequence[PublishedIssue]) -> tuple[int, ...]:
    """The years of the issues' slots, newest first."""
    return tuple(sorted({issue.document.id.slot.year for issue in issues}, reverse=True))


def of_year(issues: Sequence[PublishedIssue], year: int) -> tuple[PublishedIssue, ...]:
    """The issues of one year, in their order."""
    return tuple(issue for issue in issues if issue.document.id.slot.year == year)


def themes_of(issues: Sequence[PublishedIssue]) -> Mapping[str, str]:
    """The themes that the issues, newest first, have picks under: titles as of the newest issue, by slug."""
    found: dict[str, str] = {}
    for issue in issues:
        found = themes(issue.document) | found
    return found


def of_theme(issues: Sequence[PublishedIssue], theme: str) -> tuple[PublishedIssue, ...]:
    """The issues that have picks under a theme, in their order."""
    return tuple(issue for issue in issues if theme in themes(issue.document))


def ways(room: Room) -> Mapping[str, Sequence[Mapping[str, object]]]:
    """The ways from a page to all issues: ``themes`` (title, url) and ``years`` (year, url)."""
    slug = room.shelf.digest.slug
    titles = themes_of(room.shelf.issues)
    links = [
        {"title": shown.cleaned(title), "url": theme_url(room.publish, slug, theme)}
        for theme, title in titles.items()
    ]
    return {"themes": links, "years": _years(room)}


def feeds_of(room: Room) -> tuple[TypedLink, ...]:
    """The feeds that a digest's first page offers."""
    return _offered(room.shelf, room.publish, room.strings)


# ── pages ────────────────────────────────────────────────────────────────────────────────────────


def archive_page(room: Room) -> str:
    """The first page of a digest: its newest issues, and the way to its years, themes, feeds and search.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    slug, issues = room.shelf.digest.slug, room.shelf.issues
    return room.render(
        "archive",
        archive_url(room.publish, slug),
        issues=_listed(issues[:NEWEST], room.publish),
        **ways(room),
        feeds=feeds_of(room),
    )


def year_page(room: Room, year: int) -> str:
    """All issues of one year by month, newest first.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    lines = _listed(of_year(room.shelf.issues, year), room.publish)
    months = [
        {"first": slot, "issues": list(group)} for slot, group in groupby(lines, key=_first_of_its_month)
    ]
    url = year_url(room.publish, room.shelf.digest.slug, year)
    return room.render("year", url, year=year, months=months, years=_years(room))


def theme_page(room: Room, theme: str, year: int | None = None) -> str:
    """What stood under one theme, newest issue first: in the newest issues, or in all those of one year.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    publish, slug = room.publish, room.shelf.digest.slug
    every = of_theme(room.shelf.issues, theme)
    issues = every[:NEWEST] if year is None else of_year(every, year)
    links = [{"year": each, "url": theme_year_url(publish, slug, theme, each)} for each in years(every)]
    return room.render(
        "theme",
        theme_url(publish, slug, theme) if year is None else theme_year_url(publish, slug, theme, year),
        title=shown.cleaned(themes_of(every).get(theme, theme)),
        year=year,
        years=links,
        theme_feed_url=theme_feed_url(publish, slug, theme),
        issues=[
            {**_line(issue.document, publish), "groups": _groups(issue.clean, theme)} for issue in issues
        ],
    )


def landing_page(
    shelves: Sequence[Shelf], *, publish: PublishSettings, templates: Environment, strings: Strings
) -> str:
    """The page that lists all digests (at least one) with their newest issues, each in its language.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    values = {
        **frame(shelves[0].digest, publish, strings(shelves[0].digest.language)),
        "page_url": landing_url(publish),
        "digests": [
            {
                "settings": shelf.digest,
                "words": wording(strings(shelf.digest.language), shelf.digest),
                "archive_url": archive_url(publish, shelf.digest.slug),
                "feed_url": feed_url(publish, shelf.digest.slug) if shelf.issues else "",
                "subscribe_url": subscribe_url(publish, shelf.digest.slug),
                "feeds": _offered(shelf, publish, strings(shelf.digest.language)),
                "issues": _listed(shelf.issues[:_ON_THE_LANDING_PAGE], publish),
            }
            for shelf in shelves
        ],
    }
    return jinja.render(templates, "page/landing.html.j2", values)


# ── what they list ───────────────────────────────────────────────────────────────────────────────


def _offered(shelf: Shelf, publish: PublishSettings, strings: Mapping[str, str]) -> tuple[TypedLink, ...]:
    return offered(shelf.issues, shelf.digest, publish, wording(strings, shelf.digest))


def _years(room: Room) -> list[Mapping[str, object]]:
    slug = room.shelf.digest.slug
    return [{"year": year, "url": year_url(room.publish, slug, year)} for year in years(room.shelf.issues)]


def _groups(document: IssueDocument, theme: str) -> tuple[Group, ...]:
    return tuple(group for group in document.groups if group.slug == theme)


def _first_of_its_month(line: Mapping[str, object]) -> object:
    document = line["document"]
    assert isinstance(document, IssueDocument)
    return document.id.slot.replace(day=1)


def _listed(issues: Sequence[PublishedIssue], publish: PublishSettings) -> list[Mapping[str, object]]:
    return [_line(issue.document, publish) for issue in issues]


def _line(document: IssueDocument, publish: PublishSettings) -> Mapping[str, object]:
    """What a list says of an issue, without going through all that is in it."""
    head = replace(document, groups=(), new_videos=(), also_published=(), notes=())
    return {
        "document": shown.cleaned(head),
        "url": issue_url(publish, document.id),
        "summary": shown.cleaned(shown.summary(document)),
    }
