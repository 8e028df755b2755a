"""Published issues → an index that a page in a browser searches without a server, in small files.

Issues are indexed in volumes, oldest first: a full one never changes, and publishing makes only the last anew. Of a
volume a search loads the parts in which its words are, and of the issues it finds their entries; never the whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from jinja2 import Environment

from digest import templates as jinja
from digest.model import IssueDocument, Pick
from digest.publish.addresses import PublishedIssue, issue_url, search_url
from digest.publish.archive import Room, ways
from digest.publish.folding import words
from digest.publish.wording import wording
from digest.text.language import clean, shorten

VOLUME = 30  # issues
PARTS = 16  # of a volume
SHEET = 5  # issues whose entries are in one file
KEY = 3  # first letters of a word that say in which part it is; a shorter word is found as it is only
_MOST_TEXT = 4_000  # characters of an entry that are indexed
_TITLE_LIMIT = 120  # characters of a title that a list shows


@dataclass(frozen=True, slots=True)
class Entry:
    """What a search finds: the issue itself, or a pick in it; ``text`` is what it is found by."""

    anchor: str  # "" for the issue
    title: str
    source: str
    language: str
    text: str


def volumes(issues: Sequence[PublishedIssue]) -> tuple[tuple[PublishedIssue, ...], ...]:
    """The issues, newest first, as volumes, oldest first and each from its oldest issue on."""
    oldest_first = tuple(reversed(issues))
    return tuple(oldest_first[start : start + VOLUME] for start in range(0, len(issues), VOLUME))


def entries(document: IssueDocument) -> tuple[Entry, ...]:
    """The issue itself, then its picks in reading order."""
    return (_issue_entry(document), *map(_pick_entry, document.picks))


def part_of(word: str) -> int:
    """In which part of a volume a word is."""
    number = 0
    for letter in word[:KEY]:
        number = (number * 31 + ord(letter)) % 65_536
    return number % PARTS


def parts(volume: Sequence[PublishedIssue]) -> tuple[bytes, ...]:
    """The parts of a volume, each a JSON object: word → its entries, as the first number and the gaps that follow.

    Entries are numbered through the volume, from its oldest issue on.
    """
    found: dict[str, list[int]] = {}
    every = (entry for issue in volume for entry in entries(issue.document))
    for number, entry in enumerate(every):
        for word in set(words(clean(entry.text[:_MOST_TEXT]))):
            found.setdefault(word, []).append(number)
    sorted_out: list[dict[str, list[int]]] = [{} for _ in range(PARTS)]
    for word in sorted(found):
        sorted_out[part_of(word)][word] = _gaps(found[word])
    return tuple(map(_json, sorted_out))


def contents(volume: Sequence[PublishedIssue]) -> bytes:
    """How many entries each issue of a volume has, in its order: a JSON list."""
    return _json([1 + len(issue.document.picks) for issue in volume])


def sheets(volume: Sequence[PublishedIssue]) -> tuple[Sequence[PublishedIssue], ...]:
    """A volume's issues in its order, as many together as are in one file of entries."""
    return tuple(volume[start : start + SHEET] for start in range(0, len(volume), SHEET))


def sheet(issues: Sequence[PublishedIssue], room: Room) -> bytes:
    """What a list of results shows of some issues: a JSON list of objects, whose ``entries`` are lists of texts."""
    return _json([_shown(issue, room) for issue in issues])


def _shown(issue: PublishedIssue, room: Room) -> Mapping[str, object]:
    document = issue.clean
    day = wording(room.strings, room.shelf.digest).day(document.id.slot)
    lines = [
        [entry.anchor, shorten(entry.title, _TITLE_LIMIT), entry.source, entry.language]
        for entry in entries(document)
    ]
    return {"url": issue_url(room.publish, document.id), "day": day, "entries": lines}


def search_page(room: Room) -> str:
    """The page with the form, and for who runs no scripts the ways to all issues.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    url = search_url(room.publish, room.shelf.digest.slug)
    return room.render("search", url, volumes=len(volumes(room.shelf.issues)), parts=PARTS, **ways(room))


def module(templates: Environment) -> str:
    """The script of the search page.

    Raises:
        TemplateError: the template cannot be rendered.
    """
    return jinja.render(templates, "page/search.mjs.j2", {"key": KEY, "sheet": SHEET})


def _issue_entry(document: IssueDocument) -> Entry:
    listed = (*document.new_videos, *document.also_published)
    texts = [document.title, document.introduction]
    texts += [text for note in document.notes for text in (note.title, note.text)]
    texts += [text for post in listed for text in (post.title, post.source_title)]
    return Entry("", document.title or document.digest_title, "", document.language, "\n".join(texts))


def _pick_entry(pick: Pick) -> Entry:
    return Entry(pick.id, pick.title, pick.source_title, pick.language, "\n".join(_texts(pick)))


def _texts(pick: Pick) -> Iterator[str]:
    yield from (pick.title, pick.source_title, *pick.authors, pick.blurb)
    for shown_quote in pick.quotes:
        yield from (shown_quote.quote.speaker, *shown_quote.quote.topics, shown_quote.quote.text)
    for shown_video in pick.videos:
        yield from (shown_video.video.title, shown_video.video.channel)


def _gaps(numbers: Sequence[int]) -> list[int]:
    return [numbers[0], *(after - before for before, after in pairwise(numbers))]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
