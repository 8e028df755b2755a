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
_TAIL = 4_000  # characters of markup in which those lines are
_LONGEST_CALL = 60  # characters of "Continue reading on the web →"
_CUT = re.compile(r"(?:…|\.{3}|\[&hellip;\])[\])]?$")
_CALL = re.compile(r"(?:…|\.{3})[\])]?\s*\S[^.!?…\n]{0,60}$")  # "… Read more", in any language
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
    pages = [entry for entry in entries if entry.kind is PostKind.ARTICLE and _is_web(entry.url)]
    if mode is FullText.AUTO:
        home, summaries = _home(siblings), _gives_summaries(siblings)
        pages = [
            entry
            for entry in pages
            if _host(entry.url) == home and (is_stub(entry) or (summaries and _is_summary(entry)))
        ]
    return tuple(sorted(pages, key=lambda entry: entry.published or _LONG_AGO, reverse=True))


def is_stub(entry: Entry) -> bool:
    """Whether an entry by itself shows that it is not the whole post."""
    text = normalise(entry.text)
    if not entry.title or len(text) > _LONGEST_STUB:
        return False
    if text.casefold().strip(" .") in {"", entry.title.casefold().strip(" .")}:
        return not entry.videos
    return is_cut(text) or _leads_to_itself(entry)


def is_cut(text: str) -> bool:
    """Whether a text ends where somebody cut it: "…", "[...]", "… Read more »"."""
    end = text.rstrip()[-2 * _LONGEST_CALL :]
    return bool(_CUT.search(end) or _CALL.search(end))


def _leads_to_itself(entry: Entry) -> bool:
    """Whether it ends with a link to its own page that is neither its title nor its comments."""
    slug = unquote(urlsplit(entry.url).path.rstrip("/").rpartition("/")[2])
    if f"/{slug}" not in unquote(entry.html[-_TAIL:]):
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
    text = normalise(entry.text)
    title = normalise(entry.title).rstrip(".… ").casefold()
    paragraphs = entry.text.count("\n\n") + 1
    return bool(title) and not (
        entry.videos or paragraphs > 1 or len(text) > BRIEF or text.casefold().startswith(title)
    )


def _home(siblings: Sequence[Entry]) -> str:
    """The host to which most entries lead, or "" where they lead everywhere."""
    hosts = Counter(_host(entry.url) for entry in siblings if _is_web(entry.url))
    host, count = next(iter(hosts.most_common(1)), ("", 0))
    return host if 2 * count > sum(hosts.values()) else ""


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # an impossible host
        return ""


def _is_web(url: str) -> bool:
    return url.startswith(("http://", "https://")) and bool(_host(url))
