"""A post → its ``Reading``: what it says about itself, verbatim, with the right names."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import replace
from html import unescape

from digest.extract.keythemes import derived_themes
from digest.extract.lead import summary as summarise
from digest.extract.listed.quotes import listed_quotes
from digest.extract.listed.related import listed_links
from digest.extract.listed.sections import Outline, outline
from digest.extract.listed.themelists import listed_themes
from digest.extract.owntext import apart
from digest.extract.prose.keyquotes import with_keys
from digest.extract.prose.speech import prose_quotes
from digest.extract.words import Kind, Words
from digest.model import SPAN_JOINT, Entry, Post, Quote, Reading, Video
from digest.text.html import Document, document
from digest.text.language import normalise
from digest.text.links import video
from digest.text.videos import key as video_key

MOST_PLAYERS = 100
MOST_LINES = 3_000  # of a post that are read; a long one has some hundreds
_PLAYER = re.compile(
    r'<a [^<>]*?href="([^"<>]*)"[^<>]*></a>'
)  # as ``text.html.sanitise`` writes an embedded player

_PICTURE = re.compile(r'<a [^<>]*?href="([^"<>]*)"[^<>]*><img [^<>]*?alt="([^"<>]*)"[^<>]*></a>')


def read(
    entry_html: str,
    *,
    url: str,
    title: str,
    language: str,
    summary: str,
    words: Words,
    labels: tuple[str, ...] = (),
    authors: tuple[str, ...] = (),
    listed_only: bool = False,
) -> Reading:
    """Read one post. Deterministic; spans are offsets into ``document(entry_html).text``, in code points.

    Args:
        entry_html: as ``text.html.sanitise`` returns it.
        url: of the post.
        title: of the post.
        language: BCP 47 primary tag, or ``""`` where unknown.
        summary: the feed's own, or ``""``.
        words: of all languages.
        labels: of the post, which are among its themes where it lists none.
        authors: of the post, who are "I" in it.
        listed_only: leave out what takes most of the time, quotations in prose and key phrases; for posts that are
            only looked at from afar.
    """
    page = document(entry_html)
    page = replace(page, lines=page.lines[:MOST_LINES])
    found = outline(page, words, language)
    links = listed_links(page, found.of(Kind.POSTS, Kind.VIDEOS, Kind.LINKS), words, url=url)
    captions = _captions(entry_html)
    quotes = listed_quotes(page, found.of(Kind.QUOTES), words, title=title, language=language, url=url)
    themes = listed_themes(page, found.of(Kind.THEMES), words)
    if not quotes and not listed_only:
        quotes = _quotes_in_prose(
            page, found, words, title=title, language=language, url=url, authors=authors
        )
    if not themes and not listed_only:
        names = {*authors, *(quote.speaker for quote in quotes)}
        themes = derived_themes(found, words, title=title, language=language, labels=labels, names=names)
    return Reading(
        summary=summarise(page, found, words, feed=summary, language=language),
        themes=themes,
        quotes=quotes,
        related_posts=links.posts,
        related_videos=tuple(_captioned(video, captions) for video in links.videos),
        embedded_videos=tuple(_embedded(page, entry_html)),
    )


def _quotes_in_prose(
    page: Document,
    found: Outline,
    words: Words,
    *,
    title: str,
    language: str,
    url: str,
    authors: tuple[str, ...],
) -> tuple[Quote, ...]:
    """What people say in the post's own text, not in what is linked or written below it, with how key it is."""
    others = apart(found)
    starts = [line.start for line in page.lines]
    said = [
        quote
        for quote in prose_quotes(page, words, title=title, language=language, url=url, authors=authors)
        if starts[bisect_right(starts, quote.start) - 1] not in others
    ]
    return with_keys(said, title=title, words=words.key(language), language=language)


def _captions(entry_html: str) -> dict[tuple[str, str], str]:
    """What stands for a linked picture of a video where it is not shown, by platform and id."""
    found = ((video(unescape(match[1])), match[2]) for match in _PICTURE.finditer(entry_html))
    return {video_key(known): normalise(unescape(words)) for known, words in found if known}


def _captioned(found: Video, captions: Mapping[tuple[str, str], str]) -> Video:
    return found if found.title else replace(found, title=captions.get(video_key(found), ""))


def read_post(post: Entry | Post, words: Words, *, listed_only: bool = False) -> Reading:
    """What extraction reads in an entry of a feed, or in a stored post; ``listed_only`` as for ``read``."""
    return read(
        post.html,
        url=post.url,
        title=post.title,
        language=post.language,
        summary=post.summary,
        labels=post.labels,
        authors=post.authors,
        words=words,
        listed_only=listed_only,
    )


def verbatim(quote: Quote, text: str) -> bool:
    """Whether a quote's words stand in a text, where its spans say (docs/verbatim.md)."""
    ordered = all(start < end for start, end in quote.spans) and list(quote.spans) == sorted(quote.spans)
    inside = bool(quote.spans) and quote.start >= 0 and quote.end <= len(text)
    words = SPAN_JOINT.join(normalise(text[start:end]) for start, end in quote.spans)
    return ordered and inside and words == quote.text


def _embedded(page: Document, entry_html: str) -> list[Video]:
    """The videos whose players stand in the post, each once. A picture that links to a video is no player."""
    players = {unescape(match.group(1)) for match in _PLAYER.finditer(entry_html)}
    found: dict[tuple[str, str], Video] = {}
    for anchor in page.anchors:
        if anchor.start == anchor.end and anchor.url in players and (new := video(anchor.url, anchor.title)):
            found.setdefault(video_key(new), new)
    return list(found.values())[:MOST_PLAYERS]
