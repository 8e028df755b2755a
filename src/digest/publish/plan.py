"""What the tree is to hold: for each path, what the document is made of, and how it is made.

Making a document is left to whoever writes the tree, who knows which of them are there already: one is made again
only when the hash of all that goes into it is another. So publishing costs what is new, not what there is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from typing import Any

from jinja2 import Environment

from digest import codec
from digest import templates as jinja
from digest.model import IssueDocument, IssueId
from digest.publish import archive, page, search
from digest.publish.addresses import PublishedIssue, issue_folder, json_url, rss_url, url_of
from digest.publish.archive import Room
from digest.publish.feeds import atom, jsonfeed, rss
from digest.publish.feeds.catalogue import feeds
from digest.publish.feeds.documents import Feed
from digest.publish.feeds.entries import FeedSource
from digest.publish.feeds.press import Press
from digest.publish.feeds.timeline import Place
from digest.publish.page import Neighbours, Shelf
from digest.publish.wording import wording
from digest.settings import PublishSettings
from digest.text.language import direction


@dataclass(frozen=True, slots=True)
class Planned:
    """A document of the tree: ``inputs`` hashes all that it is made of; ``make`` gives its bytes.

    None instead of bytes: they cannot be had at present, and what stands there stays.
    """

    inputs: str
    make: Callable[[], bytes | None]


@dataclass(frozen=True, slots=True)
class House:
    """What all documents are made with. ``fingerprint`` tells these templates, strings and this release from others."""

    publish: PublishSettings
    templates: Environment
    strings: page.Strings
    sources: Mapping[str, FeedSource]  # by slug
    fingerprint: str = ""


def key(*parts: object) -> str:
    """A hash of values whose ``repr`` says all there is to them."""
    return sha256(repr(parts).encode()).hexdigest()[:32]


def plan(shelves: Sequence[Shelf], house: House) -> Mapping[str, Planned]:
    """Every published document of all digests, by its path below ``feeds_dir``.

    ``weekly/2026-11-22/index.html``, ``weekly/index.html``, once there is an issue ``weekly/2026/index.html``,
    ``weekly/themes/water/index.html``, ``weekly/search/index.html``, ``weekly/atom.xml`` and the other feeds with their
    archives, ``index.html``; and what stands at former addresses.
    """
    found: dict[str, Planned] = {}
    for shelf in shelves:
        found |= _pages(shelf, house)
        found |= _feeds(shelf, house)
    if shelves:
        make = partial(
            archive.landing_page,
            shelves,
            publish=house.publish,
            templates=house.templates,
            strings=house.strings,
        )
        everything = [(_base(shelf, house), _keys(shelf.issues)) for shelf in shelves]
        found["index.html"] = Planned(key("landing", everything), _encoded(make))
        found |= {path: each for path, each in _moved(found, shelves[0], house).items() if path not in found}
    return found


def _pages(shelf: Shelf, house: House) -> Iterator[tuple[str, Planned]]:
    base, strings = _base(shelf, house), house.strings(shelf.digest.language)
    for issue, neighbours in zip(shelf.issues, _neighbours(shelf.issues), strict=True):
        make = partial(
            page.issue_page,
            issue,
            digest=shelf.digest,
            publish=house.publish,
            templates=house.templates,
            strings=strings,
            neighbours=neighbours,
        )
        inputs = key("issue", base, _issue_key(issue), _named(neighbours.older), _named(neighbours.newer))
        yield f"{issue_folder(issue.document.id)}/index.html", Planned(inputs, _encoded(make))
    room = Room(shelf, house.publish, house.templates, strings)
    yield from _archive_pages(room, base)
    if shelf.issues:
        yield from _search(room, base)


def _neighbours(issues: Sequence[PublishedIssue]) -> Iterator[Neighbours]:
    """Of each issue, newest first, those beside it."""
    around = (None, *issues, None)
    return (Neighbours(older, newer) for newer, older in zip(around[:-2], around[2:], strict=True))


def _named(issue: PublishedIssue | None) -> object:
    """What the page of another issue says of this one."""
    return issue and (issue.document.id, issue.document.title, issue.document.digest_title)


def _archive_pages(room: Room, base: str) -> Iterator[tuple[str, Planned]]:
    """The lists of a digest's issues; a year's is made again only when one of its own issues is another."""
    slug, issues = room.shelf.digest.slug, room.shelf.issues
    keys = {issue.document.id: _issue_key(issue) for issue in issues}

    def inputs(name: str, shown: Sequence[PublishedIssue], years: Sequence[int]) -> str:
        return key(name, base, [keys[issue.document.id] for issue in shown], years)

    years, themes = archive.years(issues), archive.themes_of(issues)
    offered = themes, archive.feeds_of(room)
    first = key(inputs("archive", issues[: archive.NEWEST], years), offered)
    yield f"{slug}/index.html", Planned(first, _encoded(partial(archive.archive_page, room)))
    for year in years:
        shown = inputs("year", archive.of_year(issues, year), years)
        made = _encoded(partial(archive.year_page, room, year))
        yield f"{slug}/{year}/index.html", Planned(shown, made)
    for theme, title in themes.items():
        every = archive.of_theme(issues, theme)
        years = archive.years(every)
        newest = key(inputs("theme", every[: archive.NEWEST], years), title)
        made = _encoded(partial(archive.theme_page, room, theme))
        yield f"{slug}/themes/{theme}/index.html", Planned(newest, made)
        for year in years:
            shown = key(inputs("theme", archive.of_year(every, year), years), title)
            made = _encoded(partial(archive.theme_page, room, theme, year))
            yield f"{slug}/themes/{theme}/{year}/index.html", Planned(shown, made)


def _search(room: Room, base: str) -> Iterator[tuple[str, Planned]]:
    """The page, its script, and the index: of what is in no full volume only the last is ever made again."""
    folder, issues = f"{room.shelf.digest.slug}/search", room.shelf.issues
    form = key("search", base, len(search.volumes(issues)), archive.ways(room))
    yield f"{folder}/index.html", Planned(form, _encoded(partial(search.search_page, room)))
    script = _encoded(partial(search.module, room.templates))
    yield f"{folder}/search.mjs", Planned(key("script", base), script)
    for number, volume in enumerate(search.volumes(issues), 1):
        inputs = key("volume", base, _keys(volume))
        yield f"{folder}/{number}/issues.json", Planned(inputs, partial(search.contents, volume))
        for count, together in enumerate(search.sheets(volume)):
            made = partial(search.sheet, together, room)
            yield (
                f"{folder}/{number}/entries-{count}.json",
                Planned(key("sheet", base, _keys(together)), made),
            )
        parts = cache(partial(search.parts, volume))
        for part in range(search.PARTS):
            yield f"{folder}/{number}/{part}.json", Planned(inputs, partial(_part, parts, part))


def _part(parts: Callable[[], tuple[bytes, ...]], number: int) -> bytes:
    return parts()[number]


def _feeds(shelf: Shelf, house: House) -> Iterator[tuple[str, Planned]]:
    words = wording(house.strings(shelf.digest.language), shelf.digest)
    press = Press(shelf.digest, house.publish, house.templates, words, house.sources)
    base = _base(shelf, house)
    issues = {issue.document.id: key(_issue_key(issue), _sources(issue, house)) for issue in shelf.issues}
    for feed in feeds(shelf.issues, press):
        inputs = key("feed", base, feed.archives, feed.title, _places_key(feed.candidates, issues))
        yield feed.path, Planned(inputs, partial(_newest, feed))
        for number in range(1, feed.archives + 1):
            closed = key("closed", base, number, feed.title, _places_key(feed.archived(number), issues))
            yield feed.archive_path(number), Planned(closed, partial(_archive, feed, number))
        if feed.others:
            slug = shelf.digest.slug
            yield f"{slug}/rss.xml", Planned(inputs, partial(_as_rss, feed, rss_url(house.publish, slug)))
            yield f"{slug}/feed.json", Planned(inputs, partial(_as_json, feed, json_url(house.publish, slug)))


def _newest(feed: Feed[Any]) -> bytes:
    return atom.write(feed.newest)


def _archive(feed: Feed[Any], number: int) -> bytes:
    return atom.write(feed.archive(number))


def _as_rss(feed: Feed[Any], url: str) -> bytes:
    return rss.write(feed.newest, url)


def _as_json(feed: Feed[Any], url: str) -> bytes:
    return jsonfeed.write(feed.newest, url)


# ── former addresses ─────────────────────────────────────────────────────────────────────────────


def _moved(found: Mapping[str, Planned], shelf: Shelf, house: House) -> dict[str, Planned]:
    """What stands at former addresses, for web servers that cannot redirect.

    A feed goes on there, with the new address as its own, and so does any file; a page says where it is now.
    """
    moved: dict[str, Planned] = {}
    for old, new in house.publish.redirects.items():
        for path, planned in found.items():
            if at := _former_path(path, old, new):
                moved[at] = _page_moved(path, shelf, house) if path.endswith(".html") else planned
    return moved


def _former_path(path: str, old: str, new: str) -> str:
    """Where a document stood before ``old`` became ``new``, or ""; a folder stands for all below it."""
    if old.endswith("/") and new.endswith("/"):
        return old + path.removeprefix(new) if path.startswith(new) else ""
    if path != (f"{new}index.html" if new.endswith("/") else new):
        return ""
    return f"{old}index.html" if old.endswith("/") else old


def _page_moved(path: str, shelf: Shelf, house: House) -> Planned:
    target = url_of(house.publish, path)
    language = shelf.digest.language
    words = wording(house.strings(language), shelf.digest)
    values = {"target": target, "say": words.say, "language": language, "direction": direction(language)}
    make = partial(jinja.render, house.templates, "page/moved.html.j2", values)
    return Planned(key("moved", _base(shelf, house), target), _encoded(make))


# ── what a document is made of ───────────────────────────────────────────────────────────────────


def _base(shelf: Shelf, house: House) -> str:
    return key(house.fingerprint, house.publish.model_dump_json(), shelf.digest.model_dump_json())


def _keys(issues: Iterable[PublishedIssue]) -> list[str]:
    return [_issue_key(issue) for issue in issues]


def _issue_key(issue: PublishedIssue) -> str:
    document = issue.sha256 or sha256(codec.dump(IssueDocument, issue.document)).hexdigest()
    since = [edition.public_at for edition in issue.editions]
    return key(document, issue.version, issue.published_at, issue.updated_at, since)


def _sources(issue: PublishedIssue, house: House) -> list[FeedSource | None]:
    """The sources of its picks that are not kept in the issue itself."""
    return [house.sources.get(pick.source) for pick in issue.document.picks if not pick.source_feed]


def _places_key(places: Iterable[Place[Any]], issues: Mapping[IssueId, str]) -> str:
    """Which entries of which issues; their times are those of the issue, but where it was corrected."""
    return key(
        [
            (
                place.name,
                issues[place.issue.document.id],
                (place.value is None, place.published_at, place.updated_at) if place.issue.earlier else None,
            )
            for place in places
        ]
    )


def _encoded(make: Callable[[], str]) -> Callable[[], bytes]:
    return lambda: make().encode()
