"""Which entries are stubs: a beginning, a summary or a bare title, where the page of the post has its text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from digest.model import Entry, FullText, PostKind
from digest.text.html import document
from digest.text.language import normalise
from digest.text.links import canonical

BRIEF = 600  # code points: a feed in which no entry has more gives summaries
_LONGEST_STUB = 5_000  # what is longer is a post, even if it ends in dots
_FEWEST_NEIGHBOURS = 3  # entries that show a feed's habit
_LAST_LINES = 3  # where "Read more" stands
_END = 500  # characters of text in which a call to read on ends, whatever space is between its words
_TAIL = 4_000  # characters of markup in which those lines are
_LONGEST_CALL = 60  # characters of "Continue reading on the web →"
_CUT = re.compile(r"(?:…|\.{3}|\[&hellip;\])[\])]?$")
_CALL = re.compile(r"(?:…|\.{3})[\])]?\s*\S[^.!?…\n]{0,60}$")  # "… Read more", in any language
_WEB = re.compile(r"https?://(?:[^/?#@]*@)?(?:www\.)?([^/?#:@\[\]]+|\[[0-9a-f:.]+\])", re.IGNORECASE)
_PATH_ENDS = re.compile(r"[?#]")
_AFTER_PATH = ('"', "/", "?", "#")  # what follows the path of an address in an attribute
_TO_COMMENTS = ("comment", "respond", "disqus", "reply")
_LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def stubs(entries: Iterable[Entry], siblings: Sequence[Entry], mode: FullText) -> tuple[Entry, ...]:
    """The entries whose page should be fetched for their text, newest first.

    A stub ends where it was cut ("…", "[…] Continue reading"), ends with a link to itself, says nothing but its
    title, or stands in a feed that gives no entry more than a few lines. Posts without a title are notes, which are
    short by nature; a feed whose entries lead to other sites is a list of links, whose pages are not its posts.

    Args:
        entries: those in question.
        siblings: all entries of their feed, which show its habits.
        mode: ``ALWAYS`` takes every article with a page, ``NEVER`` none.
    """
    if mode is FullText.NEVER:
        return ()
    pages = [entry for entry in entries if entry.kind is PostKind.ARTICLE and _host(entry.url)]
    if pages and mode is FullText.AUTO:
        home, summaries = _home(siblings), _gives_summaries(siblings)
        pages = [
            entry
            for entry in pages
            if _host(entry.url) == home and (is_stub(entry) or (summaries and _is_summary(entry)))
        ]
    return tuple(sorted(pages, key=lambda entry: entry.published or _LONG_AGO, reverse=True))


def by_itself(entry: Entry, mode: FullText) -> bool:
    """Whether it shows without the other entries of its feed whether its page should be fetched."""
    if mode is not FullText.AUTO or entry.kind is not PostKind.ARTICLE or not _host(entry.url):
        return True
    return not (is_stub(entry) or _is_summary(entry))


def is_stub(entry: Entry) -> bool:
    """Whether an entry by itself shows that it is not the whole post."""
    if not entry.title or len(entry.text) > _LONGEST_STUB:
        return False
    if _says_only_its_title(entry):
        return not entry.videos
    return is_cut(entry.text) or _leads_to_itself(entry)


def is_cut(text: str) -> bool:
    """Whether a text ends where somebody cut it: "…", "[...]", "… Read more »"."""
    end = normalise(text[-_END:])[-2 * _LONGEST_CALL :]
    return bool(_CUT.search(end) or _CALL.search(end))


def _says_only_its_title(entry: Entry) -> bool:
    if len(entry.text) > len(entry.title) + _END:
        return False  # at a glance
    text = normalise(entry.text).casefold().strip(" .")
    return text in {"", entry.title.casefold().strip(" .")}


def _leads_to_itself(entry: Entry) -> bool:
    """Whether it ends with a link to its own page that is neither its title nor its comments."""
    slug = _PATH_ENDS.split(entry.url, maxsplit=1)[0].rstrip("/").rpartition("/")[2]
    slug, tail = unquote(slug), unquote(entry.html[-_TAIL:])
    if not any(f"/{slug}{after}" in tail for after in _AFTER_PATH):
        return False  # at a glance, for reading the whole document takes longer than all else
    page, found = canonical(entry.url), document(entry.html)
    titles = {"", normalise(entry.title).casefold()}
    last = [line for line in found.lines if line.start < line.end][-_LAST_LINES:]
    return any(
        canonical(anchor.url) == page
        and not urlsplit(anchor.url).fragment.startswith(_TO_COMMENTS)
        and normalise(found.text[anchor.start : anchor.end]).casefold() not in titles
        and anchor.end - anchor.start <= _LONGEST_CALL
        and anchor.end >= found.lines[-1].start
        for line in last
        for anchor in line.anchors
    )


# ── the habits of a feed ─────────────────────────────────────────────────────────────────────────


def _gives_summaries(siblings: Sequence[Entry]) -> bool:
    """Whether no entry of the feed is more than a few lines under a title."""
    articles = [entry for entry in siblings if entry.kind is PostKind.ARTICLE]
    return len(articles) >= _FEWEST_NEIGHBOURS and all(map(_is_summary, articles))


def _is_summary(entry: Entry) -> bool:
    if entry.videos or "\n\n" in entry.text or len(entry.text) > 2 * BRIEF:
        return False
    text = normalise(entry.text)
    title = normalise(entry.title).rstrip(".… ").casefold()
    return bool(title) and len(text) <= BRIEF and not text.casefold().startswith(title)


def _home(siblings: Sequence[Entry]) -> str:
    """The host to which most entries lead, or "" where they lead everywhere."""
    hosts = Counter(filter(None, (_host(entry.url) for entry in siblings)))
    host, count = next(iter(hosts.most_common(1)), ("", 0))
    return host if 2 * count > hosts.total() else ""


def _host(url: str) -> str:
    """The host of a web address without its ``www.``, or ""."""
    found = _WEB.match(url)
    return found[1].lower() if found else ""
