"""Related posts and related videos that a post lists itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, takewhile

from digest.extract.headings import bulleted, is_link, lead
from digest.extract.listed.openings import LINKED
from digest.extract.listed.sections import Section
from digest.extract.listed.titles import title
from digest.extract.rows import LISTS, Row, around_all
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
_FEWEST_OF_SENTENCE = 6
_FEW_WORDS = 4  # of a link that only says "read more"
_ASIDE = 12  # words of a line with a link in it that may be prose
_ADDRESS = re.compile(r"https?://[^\s<>\"“”«»]+")
_DESCRIBES = re.compile(r"\s*(?:[–—:|(]|-\s)")
_NUMBER = re.compile(r"\d{1,3}")
_PLATFORMS = frozenset({"youtube", "vimeo", "dailymotion", "facebook", "peertube"})
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
    """The item as a video, if its section or its address says that it is one; among posts a player is none of them."""
    if kind is Kind.POSTS and not item.title:
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
    outer: int = 0  # how many elements are around the whole section up to the row in hand
    unlinked: bool = False  # no row has a link, so that short lines are titles
    captioned: bool = False  # players and pictures have their titles below them
    pending: _Item | None = None  # a title without a link: an item, or the title of the player that follows

    def read(self) -> list[_Item]:
        self.unlinked = not any(row.line.anchors or self._has_address(row) for row in self.section.rows)
        listed = any(self._is_item(row) and (row.line.anchors or self.unlinked) for row in self.section.rows)
        rows = self.section.rows[:_MOST_ROWS]
        self.captioned = self._has_captions(rows)
        for row, outer in zip(rows, around_all(self.section.heading, rows), strict=True):
            self.outer = outer
            found = list(self._links(row))
            if self._is_over(row, found, listed) or self._is_footer(row):
                break
            if found:
                self._add(found)
            else:
                self._note(row)
        self._settle()
        return self.items

    def _has_captions(self, rows: Sequence[Row]) -> bool:
        """Whether players and pictures have their titles below: one of them begins the list, but for a sentence.

        Two of them must be followed by words, or words in italics must follow one.
        """
        shown = [row for row in rows if row.line.anchors or (row.text and not self._is_sentence(row))]
        if not shown or shown[0].text:
            return False
        below = [row for picture, row in pairwise(shown) if not picture.text and row.text]
        pictures = sum(not row.text for row in shown)
        paired = 1 < pictures == len(shown) - pictures  # as in a row of players over a row of titles
        return len(below) > 1 or paired or any(row.line.italic for row in below)

    def _is_item(self, row: Row) -> bool:
        return bool(_ITEMS.intersection(row.line.path)) or bulleted(row.text)

    def _is_over(self, row: Row, found: list[_Item], listed: bool) -> bool:
        """Prose ends a list: a line without a link after an item, or a sentence with a link in it."""
        if row.rank is not None or (self.items and self._says_more(row)):
            return False
        if self._is_item(row):
            return not found and bool(self.items) and not self.unlinked and self._is_sentence(row)
        text = row.text
        words = len(text.split())
        if found:
            linked = sum(anchor.end - anchor.start for anchor in row.line.anchors)
            small = 2 * linked < row.line.end - row.line.start
            return small and not self._is_described(row) and (words > _ASIDE or self._is_sentence(row))
        return words > _PARAGRAPH or bool(listed and self.items and words and not self._is_video_list())

    def _is_described(self, row: Row) -> bool:
        """ "THE TITLE – what it is about.": a link and a dash begin the line; "What it shows: THE VIDEO."."""
        first = row.line.anchors[0] if row.line.anchors else None
        if first is None:
            return False
        before = self.document.text[row.line.start : first.start]
        if self._is_video_list() and before.rstrip().endswith(":"):
            return True
        begins = len(before) <= lead(row.text)
        return begins and bool(_DESCRIBES.match(self.document.text, first.end, row.line.end))

    def _has_address(self, row: Row) -> bool:
        return bool(_ADDRESS.search(row.text))

    def _is_sentence(self, row: Row) -> bool:
        text = row.text
        return text[-1:] == "." and len(text.split()) > _FEWEST_OF_SENTENCE

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
        elif self.pending and not first.title and not self.captioned:
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
        for anchor in self._joined(anchors):
            called, to_end = self._title(row, anchor), anchor.end == line.end
            yield _Item(called, anchor.url, addresses[anchor.url], row, to_end)

    def _joined(self, anchors: Sequence[Anchor]) -> Iterator[Anchor]:
        """Links with nothing between them that lead to the same place are pieces of one."""
        last: Anchor | None = None
        for anchor in anchors:
            if last and last.url == anchor.url and not self.document.text[last.end : anchor.start].strip():
                last = last._replace(end=anchor.end)
                continue
            if last:
                yield last
            last = anchor
        if last:
            yield last

    def _parts_titles(self, gap: str) -> bool:
        found = folded(gap)
        return gap.rstrip().endswith(":") or all(word in self.words.grammar.and_ for word in found)

    def _bare(self, row: Row) -> Iterator[_Item]:
        """ "The bench: https://…" without a link."""
        text = row.text
        if match := _ADDRESS.search(text):
            called = normalise(text[lead(text) : match.start()]).strip(_EDGES)
            url = match.group().rstrip(".,;)")
            yield _Item(called[:_LONGEST_TITLE], url, canonical(url), row)

    def _title(self, row: Row, anchor: Anchor) -> str:
        """The words of a link; what stands before it where they say nothing ("here", the address itself)."""
        line = row.line
        words = self._uncounted(normalise(self.document.text[anchor.start : anchor.end]))
        before = normalise(self.document.text[line.start : anchor.start])
        before = before[lead(before) :].strip(_EDGES)
        if _ADDRESS.match(words) or self._says_nothing(words):
            words = before or ("" if self.pending else words)
        elif len(words.split()) <= 1 and len(line.anchors) == 1 and (len(before.split()) >= 2 or not words):
            words = before
        if not any(map(str.isalpha, words)):  # "12:04", which is how long it takes
            words = ""
        return (words or normalise(anchor.title))[:_LONGEST_TITLE]

    def _uncounted(self, words: str) -> str:
        """Without a bullet or a number, unless there are not so many items: "#38: Eleven words for snow"."""
        counter = words[: lead(words)]
        number = _NUMBER.search(counter)
        return words if number and int(number[0]) > len(self.section.rows) else words[len(counter) :]

    def _says_nothing(self, words: str) -> bool:
        """Whether a link only says that there is more to read or to watch: "Read more", "on YouTube"."""
        if len(words.split()) > _FEW_WORDS:
            return False
        found = title(words, self.words, exact=True)
        return (found is not None and found.kind in LINKED) or not _PLATFORMS.isdisjoint(folded(words))

    # ── titles without a link ────────────────────────────────────────────────────────────────────

    def _note(self, row: Row) -> None:
        """Keep words without a link: they are an item, or the title of the player below them."""
        said = normalise(row.text[lead(row.text) :]).strip(_EDGES)
        if not said or row.line.anchors or (self.pending and self._shares_box(row, self.pending.row)):
            return
        self._settle()
        if player := self._captioned_by(row):
            player.title = said[:_LONGEST_TITLE]
        elif any(map(str.isalpha, said)) and (
            self._is_item(row) or self._is_video_list() or self._is_title(row) or row.rank is not None
        ):
            self.pending = _Item(said[:_LONGEST_TITLE], "", "", row)

    def _captioned_by(self, row: Row) -> _Item | None:
        """The player or picture whose title a line below it is; of several in a row the first."""
        untitled = [*takewhile(lambda item: not item.title, reversed(self.items))]
        if untitled and self.captioned and not self._is_sentence(row):
            return untitled[-1]
        return untitled[0] if untitled and self._shares_box(row, untitled[0].row) else None

    def _settle(self) -> None:
        """A title that nothing followed is an item without a link if it was set as an item."""
        row = self.pending.row if self.pending else None
        if self.pending and row and (self._is_item(row) or self._is_title(row)) and not self._says_more(row):
            self.items.append(self.pending)
        self.pending = None

    def _shares_box(self, row: Row, earlier: Row) -> bool:
        """Whether two lines stand in one box, such as a card or an item, that is not around the whole section."""
        if row.line.block == earlier.line.block:
            return bool(_ITEMS.intersection(row.line.path)) or not earlier.text
        return bool(set(row.line.path[self.outer : row.shared(earlier.line)]) - LISTS)

    def _is_title(self, row: Row) -> bool:
        return self.unlinked and row.rank is None and row.text[-1] not in ".:…"

    def _says_more(self, row: Row) -> bool:
        """Whether a line only says more of the item that it stands in, such as its date."""
        if not self.items:
            return False
        last = self.items[-1].row
        return self._shares_box(row, last) or ("dd" in row.line.path and "dt" in last.line.path)
