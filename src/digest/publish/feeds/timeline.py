"""When each entry of a feed came and last changed, from all that was public of each issue.

``updated`` moves only where an editor changed something that readers see (RFC 4287 §4.2.15): it is read from the
frozen editions, so no new template, setting or release of digest can move it, and a restored backup gives it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from digest.model import IssueDocument
from digest.publish.addresses import Edition, PublishedIssue

T = TypeVar("T")

# What is kept beside what is shown: how a pick was found and weighed.
_UNSEEN = frozenset(
    {
        "confidence",
        "key",
        "origin",
        "own",
        "parts",
        "pinned",
        "post",
        "quote_of_the_week_why",
        "revision",
        "score",
        "source",
        "source_feed",
        "source_site",
        "spans",
        "subject",
        "why",
    }
)

Parts = Callable[[IssueDocument], Iterable[tuple[str, T]]]


@dataclass(frozen=True, slots=True)
class Place(Generic[T]):
    """An entry's place in its feed, for good; ``value`` is None where a correction took the entry back."""

    name: str  # permanent
    value: T | None
    issue: PublishedIssue
    published_at: datetime
    updated_at: datetime


def shelved(editions: Sequence[Edition], version: int, sha256: str) -> PublishedIssue:
    """An issue from its public editions, oldest first; one that shows what the one before shows is passed over."""
    distinct = [editions[0]]
    for edition in editions[1:]:
        if visible(edition.document) == visible(distinct[-1].document):
            distinct[-1] = replace(distinct[-1], document=edition.document)
        else:
            distinct.append(edition)
    last = distinct[-1]
    return PublishedIssue(
        last.document, version, editions[0].public_at, last.public_at, tuple(distinct[:-1]), sha256
    )


def timeline(issues: Iterable[PublishedIssue], parts: Parts[T]) -> tuple[Place[T], ...]:
    """The places of a feed, oldest first; ``parts`` gives an issue's parts by name, in reading order.

    An entry that a correction adds stands where it came; one that it takes back leaves its place empty, so that
    nothing else moves. What a later issue shows again stays where it first was.
    """
    places: dict[str, Place[T]] = {}
    for issue in issues:
        for name, place in _of_issue(issue, parts).items():
            places.setdefault(name, place)
    return tuple(sorted(places.values(), key=lambda place: place.published_at))


def _of_issue(issue: PublishedIssue, parts: Parts[T]) -> dict[str, Place[T]]:
    places: dict[str, Place[T]] = {}
    if not issue.earlier:  # as nearly all are
        now = issue.published_at
        shown = dict(parts(issue.document))
        return {name: Place(name, value, issue, now, now) for name, value in reversed(shown.items())}
    for edition in issue.editions:
        now, shown = edition.public_at, dict(parts(edition.document))
        for name, value in reversed(shown.items()):  # what is read first comes last, as the newest
            if name not in places:
                places[name] = Place(name, value, issue, now, now)
            elif visible(places[name].value) != visible(value):
                places[name] = replace(places[name], value=value, updated_at=now)
        for name in places.keys() - shown.keys():
            if places[name].value is not None:
                places[name] = replace(places[name], value=None, updated_at=now)
    return places


def visible(value: object) -> object:
    """What of a value readers see, to be compared; a part that holds more than it shows has ``seen``."""
    value = getattr(value, "seen", value)
    if isinstance(value, tuple):
        return tuple(map(visible, value))
    if is_dataclass(value):
        return tuple(
            (part.name, visible(getattr(value, part.name)))
            for part in fields(value)
            if part.name not in _UNSEEN
        )
    return value
