"""What is published, as the plan of the feeds/ tree: pages, feeds, lists of feeds and sources, pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import Connection

from digest import codec, store
from digest.collect.opml import Outline, write_opml
from digest.model import IssueDocument, IssueState, Source
from digest.net.guard import endpoint
from digest.pipeline.installation import Installation
from digest.publish import plan
from digest.publish.addresses import Edition, PublishedIssue, archive_url
from digest.publish.feeds.catalogue import offered
from digest.publish.feeds.entries import ATOM, FeedSource
from digest.publish.feeds.timeline import shelved
from digest.publish.page import Shelf
from digest.publish.pictures import picture_path, pictures
from digest.publish.plan import House, Planned, key
from digest.publish.wording import Wording, web, wording
from digest.settings import DigestSettings
from digest.store.editions import Published, published
from digest.text.language import normalise


def planned(installation: Installation, connection: Connection) -> Mapping[str, Planned]:
    """Every document that is to be published, by its path below ``feeds_dir``."""
    shelves = tuple(_shelf(connection, digest) for digest in installation.settings.digests)
    ink = store.redactions.blackout(connection)
    known = store.sources.all_sources(connection, retired=True)
    sources = tuple(source for source in known if not ink.is_removed(source.slug, source.url))
    house = House(
        publish=installation.settings.publish,
        templates=installation.templates,
        strings=installation.resources.strings,
        sources={source.slug: _feed_source(source) for source in sources},
        fingerprint=_fingerprint(installation),
    )
    return {
        **plan.plan(shelves, house),
        **pictured(installation, (issue.document for shelf in shelves for issue in shelf.issues)),
        **pictured(installation, _approved(installation, connection)),
        **dict(_lists(installation, shelves, sources)),
    }


def _shelf(connection: Connection, digest: DigestSettings) -> Shelf:
    return Shelf(digest, tuple(map(_as_published, published(connection, digest.slug))))


def _as_published(found: Published) -> PublishedIssue:
    first = found.versions[0]
    editions = [
        Edition(
            codec.load(IssueDocument, each.data),
            found.published_at if each is first else max(each.frozen_at, found.published_at),
        )
        for each in found.versions
    ]
    newest = found.versions[-1]
    return shelved(editions, newest.number, newest.sha256)


def _feed_source(source: Source) -> FeedSource:
    """As an editor first named it: where it moves later, no entry of before changes."""
    address = source.old_url or source.url
    return FeedSource(normalise(source.title) or source.slug, web(address), web(source.site_url))


def _fingerprint(installation: Installation) -> str:
    """What tells these templates, strings and this code from others."""
    templates = sorted((name, source.text) for name, source in installation.resources.sources.items())
    languages = {digest.language for digest in installation.settings.digests}
    strings = [sorted(installation.resources.strings(language).items()) for language in sorted(languages)]
    return key(version("digest-pipeline"), _code(), templates, strings)


@cache
def _code() -> str:
    """A hash of the code that writes documents, for who works on it between two releases."""
    package = Path(plan.__file__).parents[1]
    modules = [path for folder in ("publish", "text") for path in sorted((package / folder).rglob("*.py"))]
    return key([path.read_bytes() for path in modules])


# ── pictures and lists ───────────────────────────────────────────────────────────────────────────


def pictured(installation: Installation, documents: Iterable[IssueDocument]) -> Mapping[str, Planned]:
    """The pictures of issues; each is called by the hash of its bytes, and so never changes."""
    return {
        picture_path(picture): Planned(key("picture"), partial(installation.gallery.read, picture))
        for document in documents
        for picture in pictures(document)
    }


def _approved(installation: Installation, connection: Connection) -> Iterator[IssueDocument]:
    """Issues that wait for their hour: of them only the pictures stand there already, for copies to look at."""
    for digest in installation.settings.digests:
        for issue in store.issues.unfinished(connection, digest.slug):
            if issue.state is IssueState.APPROVED:
                yield issue.document


def _lists(
    installation: Installation, shelves: Sequence[Shelf], sources: Sequence[Source]
) -> Iterator[tuple[str, Planned]]:
    """OPML: the sources of each digest, and all our feeds; none before the first issue."""
    publish = installation.settings.publish
    for shelf in shelves:
        if shelf.issues:
            title = f"{shelf.digest.title}: {_words(installation, shelf).say('feed_sources')}"
            outlines = [_source_outline(source) for source in _shown(installation, shelf.digest, sources)]
            yield f"{shelf.digest.slug}/sources.opml", _list(title, outlines, _latest([shelf]))
    if any(shelf.issues for shelf in shelves):
        ours = [
            Outline(feed.href, feed.title, archive_url(publish, shelf.digest.slug))
            for shelf in shelves
            for feed in offered(shelf.issues, shelf.digest, publish, _words(installation, shelf))
            if feed.type == ATOM
        ]
        yield "feeds.opml", _list(shelves[0].digest.title, ours, _latest(shelves))


def _list(title: str, outlines: Sequence[Outline], when: datetime) -> Planned:
    said = [(each.url, each.title, each.site_url) for each in outlines]
    return Planned(key("opml", title, said, when), lambda: write_opml(outlines, title, when).encode())


def _source_outline(source: Source) -> Outline:
    return Outline(source.url, source.title or source.slug, source.site_url)


def _shown(installation: Installation, digest: DigestSettings, sources: Iterable[Source]) -> Iterator[Source]:
    """The sources that a digest takes posts from, without those that only our own network can reach."""
    private = {endpoint(text) for text in installation.settings.collect.allow}
    for source in sources:
        taken = not digest.sources or source.slug in digest.sources
        if taken and not source.retired and _endpoint(source.url) not in private:
            yield source


def _endpoint(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or {"https": 443}.get(parts.scheme, 80)


def _words(installation: Installation, shelf: Shelf) -> Wording:
    return wording(installation.resources.strings(shelf.digest.language), shelf.digest)


def _latest(shelves: Iterable[Shelf]) -> datetime:
    return max(issue.updated_at for shelf in shelves for issue in shelf.issues)
