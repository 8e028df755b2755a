"""The documents of a feed: the one that readers poll, and closed archives behind it (RFC 5005 §4).

Places are counted from the oldest. Every ``closed`` of them make an archive, which then never changes but where an
entry in it is corrected; so every entry that the polled document has no room for stands in an archive.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from digest.publish.addresses import archive_url, landing_url, url_of
from digest.publish.feeds import atom
from digest.publish.feeds.entries import ATOM, HTML, FeedDocument, FeedEntry, TypedLink
from digest.publish.feeds.timeline import Place
from digest.settings import DigestSettings, PublishSettings
from digest.text.language import normalise

T = TypeVar("T")

NEWEST = 25  # entries in the document that readers poll
LARGEST = 100_000  # bytes of it, as Atom; a larger one has fewer entries, down to those in no archive yet
_HEAD = 3_000  # bytes of it before its first entry, at most


@dataclass(frozen=True, slots=True)
class Feed(Generic[T]):
    """A feed of a digest: what it is called, where it stands, its places from the oldest on.

    ``path`` is that of its Atom document below ``feeds_dir``. There is at least one place.
    """

    digest: DigestSettings
    publish: PublishSettings
    path: str
    id: str
    title: str
    places: Sequence[Place[T]]
    write: Callable[[Place[T], T], FeedEntry]
    closed: int  # places in an archive
    others: tuple[TypedLink, ...] = ()  # the same feed in other formats
    _written: dict[str, FeedEntry] = field(default_factory=dict, compare=False, repr=False)

    @property
    def archives(self) -> int:
        """How many closed archives there are; they are numbered from 1."""
        return len(self.places) // self.closed

    @property
    def candidates(self) -> Sequence[Place[T]]:
        """The places that may stand in the polled document: from the newest back, at most ``NEWEST`` entries."""
        filled = [index for index, place in enumerate(self.places) if place.value is not None]
        return self.places[filled[-NEWEST] if len(filled) > NEWEST else 0 :]

    @property
    def newest(self) -> FeedDocument:
        """The document that readers poll: it has every entry that is in no archive.

        Raises:
            TemplateError: the template of an entry cannot be rendered.
        """
        places = self._fitting(self.candidates)
        more = len(places) < len(self.places) and self.archives
        links = [
            TypedLink("self", url_of(self.publish, self.path), ATOM),
            self._alternate,
            *self.others,
            *([TypedLink("hub", self.publish.hub)] if self.publish.hub else []),
            *([self._archive_link("prev-archive", self.archives)] if more else []),
        ]
        return self._document(places, links)

    def archive(self, number: int) -> FeedDocument:
        """A closed archive; 1 is the oldest.

        Raises:
            TemplateError: the template of an entry cannot be rendered.
        """
        links = [
            self._archive_link("self", number),
            self._alternate,
            TypedLink("current", url_of(self.publish, self.path), ATOM),
            *([self._archive_link("prev-archive", number - 1)] if number > 1 else []),
        ]
        return self._document(self.archived(number), links, archived=True)

    def archived(self, number: int) -> Sequence[Place[T]]:
        """The places of an archive."""
        return self.places[(number - 1) * self.closed : number * self.closed]

    def archive_path(self, number: int) -> str:
        """Where an archive stands: beside the feed, with its number."""
        return f"{self.path.removesuffix('.xml')}.{number}.xml"

    def _archive_link(self, rel: str, number: int) -> TypedLink:
        return TypedLink(rel, url_of(self.publish, self.archive_path(number)), ATOM)

    @property
    def _alternate(self) -> TypedLink:
        page = archive_url(self.publish, self.digest.slug)
        return TypedLink("alternate", page, HTML, normalise(self.digest.title))

    def _fitting(self, places: Sequence[Place[T]]) -> Sequence[Place[T]]:
        """The newest of the places that stay below ``LARGEST``, and in any case those in no archive, or one."""
        least = max(len(self.places) - self.archives * self.closed, 1)
        room, fitting = LARGEST - _HEAD, 0
        for place in reversed(places):
            room -= sum(atom.size(entry, self.digest.language) for entry in self._entries([place]))
            if room < 0 and fitting >= least:
                break
            fitting += 1
        return places[len(places) - fitting :]

    def _document(
        self, places: Sequence[Place[T]], links: Sequence[TypedLink], *, archived: bool = False
    ) -> FeedDocument:
        return FeedDocument(
            id=self.id,
            title=self.title,
            subtitle=normalise(self.digest.description),
            language=self.digest.language,
            updated=_latest(places),
            author=normalise(self.digest.title),
            author_url=landing_url(self.publish),
            links=tuple(links),
            entries=self._entries(tuple(reversed(places))),
            archived=archived,
        )

    def _entries(self, places: Sequence[Place[T]]) -> tuple[FeedEntry, ...]:
        return tuple(self._entry(place, place.value) for place in places if place.value is not None)

    def _entry(self, place: Place[T], value: T) -> FeedEntry:
        """Written once, however many documents it stands in."""
        if place.name not in self._written:
            self._written[place.name] = self.write(place, value)
        return self._written[place.name]


def _latest(places: Sequence[Place[T]]) -> datetime:
    """When something changed last among these; an entry that was taken back is a change, too."""
    return max(place.updated_at for place in places)
