"""Related posts and related videos that a post lists itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from digest.extract.headings import bulleted, is_link, lead
from digest.extract.sections import Row, Section
from digest.extract.words import Kind, Words, folded
from digest.model import Link, Video
from digest.text.html import Anchor, Document
from digest.text.language import normalise
from digest.text.links import canonical, video

MOST_LINKS = 100
_MOST_ROWS = 1_000
_ITEMS = frozenset({"li", "dd", "td"})
_LONGEST_TITLE = 300
_PARAGRAPH = 25  # words of a line without a link that is no title and no date, but prose
_ASIDE = 12  # words of a line with a link in it that may be prose
_ADDRESS = re.compile(r"https?://[^\s<>\"“”«»]+")
_EDGES = " \u00a0:：–—-|,;([→»›"


@dataclass(slots=True)
class _Item:
    """A title and where it leads."""

    title: str
    url: str  # as written, or ""
    address: str  # the same, canonical
    row: Row
    linked_to_end: bool = False  # the link goes on to the end of its line, and may go on in the next


@dataclass(frozen=True, slots=True)
class Related:
    """What a post's lists of links hold, in their order."""

    posts: tuple[Link, ...] = ()
    videos: tuple[Video, ...] = ()


def listed_links(document: Document, sections: Iterable[Section], words: Words, *, url: str) -> Related:
    """The posts and videos under their headings, each once.

    Args:
        document: of the post.
        sections: those of kinds ``POSTS``, ``VIDEOS`` and ``LINKS``.
        words: of all languages.
        url: of the post itself, which is not related to itself.
    """
    posts: dict[str, Link] = {}
    videos: dict[str, Video] = {}
    for section in sections:
        for item in _Reader(document, section, words, canonical(url)).read():
            if known := _as_video(section.title.kind, item):
                _keep_video(videos, known)
            elif item.title:
                link = Link(item.title, item.address)
                posts.setdefault(link.url or link.title.casefold(), link)
    return Related(tuple(posts.values())[:MOST_LINKS], tuple(videos.values())[:MOST_LINKS])


def _as_video(kind: Kind, item: _Item) -> Video | None:
    """The item as a video, if its section or, in a section of links of all kinds, its address says that it is one."""
    if kind is Kind.POSTS:
        return None
    known = video(item.url, item.title)
    return known or (Video("", "", item.address, item.title) if kind is Kind.VIDEOS else None)


def _keep_video(videos: dict[str, Video], new: Video) -> None:
    if not (new.id or new.url or new.title):
        return
    key = f"{new.platform} {new.id}" if new.id else new.url or new.title.casefold()
    old = videos.setdefault(key, new)
    if not old.title and new.title:
        videos[key] = replace(old, title=new.title)


@dataclass(slots=True)
class _Reader:
    """Reads one section, row by row: links, titles without a link, and where the list is over."""

    document: Document
    section: Section
    words: Words
    here: str  # canonical address of the post
    items: list[_Item] = field(default_factory=list)
    unlinked: bool = False  # no row has a link, so that short lines are titles
    pending: _Item | None = None  # a title without a link: an item, or the title of the player that follows

    def read(self) -> list[_Item]:
        listed = any(row.line.anchors and self._is_item(row) for row in self.section.rows)
        self.unlinked = not any(row.line.anchors for row in self.section.rows)
        for row in self.section.rows[:_MOST_ROWS]:
            found = list(self._links(row))
            if self._is_over(row, found, listed) or self._is_footer(row):
                break
            if found:
                self._add(found)
            else:
                self._note(row)
        self._settle()
        return self.items

    def _is_item(self, row: Row) -> bool:
        return bool(_ITEMS.intersection(row.line.path)) or bulleted(self.document.words(row.line))

    def _is_over(self, row: Row, found: list[_Item], listed: bool) -> bool:
        """Prose ends a list: a line without a link after an item, or a sentence with a link in it."""
        if row.rank is not None or self._is_item(row):
            return False
        words = len(self.document.words(row.line).split())
        if found:
            linked = sum(anchor.end - anchor.start for anchor in row.line.anchors)
            return words > _ASIDE and 2 * linked < row.line.end - row.line.start
        return words > _PARAGRAPH or bool(listed and self.items and words and not self._is_video_list())

    def _is_footer(self, row: Row) -> bool:
        """ "The post THIS ONE appeared first on OUR BLOG": a sentence with a link to the post itself."""
        own = any(canonical(anchor.url) == self.here for anchor in row.line.anchors)
        return own and not (is_link(row.line) or self._is_item(row))

    def _is_video_list(self) -> bool:
        return self.section.title.kind is Kind.VIDEOS

    # ── links ────────────────────────────────────────────────────────────────────────────────────

    def _add(self, found: list[_Item]) -> None:
        first = found[0]
        if self.items and self._goes_on(self.items[-1], first):
            last = self.items[-1]
            last.title, last.linked_to_end = f"{last.title} {first.title}", first.linked_to_end
            del found[0]
        elif self.pending and not first.title:
            first.title, self.pending = self.pending.title, None
        self._settle()
        self.items += found

    def _goes_on(self, last: _Item, first: _Item) -> bool:
        """Whether a title is broken over two lines of one block."""
        if not (last.linked_to_end and last.url == first.url and last.title and first.title):
            return False
        line = first.row.line
        return line.block == last.row.line.block and line.anchors[0].start == line.start

    def _links(self, row: Row) -> Iterator[_Item]:
        """The links of a row: all of them where only commas, "and" or "Part two:" is between; else the first with words."""
        line = row.line
        addresses = {anchor.url: canonical(anchor.url) for anchor in line.anchors}
        anchors = [anchor for anchor in line.anchors if addresses[anchor.url] not in {"", self.here}]
        if not anchors:
            yield from self._bare(row)
            return
        gaps = (self.document.text[a.end : b.start] for a, b in pairwise(anchors))
        if not all(map(self._parts_titles, gaps)):
            anchors = [anchor for anchor in anchors if anchor.start < anchor.end][:1] or anchors
        for anchor in anchors:
            title, to_end = self._title(row, anchor), anchor.end == line.end
            yield _Item(title, anchor.url, addresses[anchor.url], row, to_end)

    def _parts_titles(self, gap: str) -> bool:
        found = folded(gap)
        return gap.rstrip().endswith(":") or all(word in self.words.grammar.and_ for word in found)

    def _bare(self, row: Row) -> Iterator[_Item]:
        """ "The bench: https://…" without a link."""
        text = self.document.words(row.line)
        if match := _ADDRESS.search(text):
            title = normalise(text[lead(text) : match.start()]).strip(_EDGES)
            url = match.group().rstrip(".,;)")
            yield _Item(title[:_LONGEST_TITLE], url, canonical(url), row)

    def _title(self, row: Row, anchor: Anchor) -> str:
        """The words of a link; what stands before it where they say nothing ("here", the address itself)."""
        line = row.line
        words = normalise(self.document.text[anchor.start : anchor.end])
        words = words[lead(words) :]
        before = normalise(self.document.text[line.start : anchor.start])
        before = before[lead(before) :].strip(_EDGES)
        says_nothing = bool(_ADDRESS.match(words)) or (len(words.split()) <= 1 and len(line.anchors) == 1)
        if says_nothing and (len(before.split()) >= 2 or not words or _ADDRESS.match(words)):
            words = before
        return (words or normalise(anchor.title))[:_LONGEST_TITLE]

    # ── titles without a link ────────────────────────────────────────────────────────────────────

    def _note(self, row: Row) -> None:
        """Keep words without a link: they are an item, or the title of the player below them."""
        text = self.document.words(row.line)
        title = normalise(text[lead(text) :]).strip(_EDGES)
        if not title or row.line.anchors:
            return
        self._settle()
        if self._is_caption(row):
            self.items[-1].title = title[:_LONGEST_TITLE]
        elif self._is_item(row) or self._is_video_list() or self._is_title(row):
            self.pending = _Item(title[:_LONGEST_TITLE], "", "", row)

    def _settle(self) -> None:
        """A title that nothing followed is an item without a link if it was set as an item."""
        row = self.pending.row if self.pending else None
        if self.pending and row and (self._is_item(row) or self._is_title(row)) and not self._says_more(row):
            self.items.append(self.pending)
        self.pending = None

    def _is_caption(self, row: Row) -> bool:
        """Whether words stand under a picture or player without a title, in the same box."""
        if not self.items or self.items[-1].title:
            return False
        last = self.items[-1].row.line
        return row.shared(last) > max(0, row.shared(self.section.heading))

    def _is_title(self, row: Row) -> bool:
        return self.unlinked and row.rank is None and self.document.words(row.line)[-1] not in ".:…"

    def _says_more(self, row: Row) -> bool:
        """Whether a line only says more of the item that it stands in, such as its date."""
        if not self.items:
            return False
        last = self.items[-1].row.line
        shared = set(row.line.path[: row.shared(last)])
        return bool(shared & {"li", "dd", "tr"})
