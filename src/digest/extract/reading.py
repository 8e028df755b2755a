"""A post → its ``Reading``: what it says about itself, verbatim, with the right names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape

from digest.extract.keythemes import derived_themes, listed_themes
from digest.extract.lead import summary as summarise
from digest.extract.quotes import listed_quotes
from digest.extract.related import listed_links
from digest.extract.sections import outline
from digest.extract.words import Kind, Words
from digest.model import SPAN_JOINT, Entry, Post, Quote, Reading, Video
from digest.text.html import Document, document
from digest.text.language import normalise
from digest.text.links import video

MOST_PLAYERS = 100
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
) -> Reading:
    """Read one post. Deterministic; spans are offsets into ``document(entry_html).text``, in code points.

    Args:
        entry_html: as ``text.html.sanitise`` returns it.
        url: of the post.
        title: of the post.
        language: BCP 47 primary tag, or ``""`` where unknown.
        summary: the feed's own, or ``""``.
        words: of all languages.
        labels: of the post, which are its themes where it lists none.
    """
    page = document(entry_html)
    found = outline(page, words, language)
    links = listed_links(page, found.of(Kind.POSTS, Kind.VIDEOS, Kind.LINKS), words, url=url)
    captions = _captions(entry_html)
    return Reading(
        summary=summarise(page, found, words, feed=summary, language=language),
        themes=listed_themes(page, found.of(Kind.THEMES), words) or derived_themes(labels),
        quotes=listed_quotes(page, found.of(Kind.QUOTES), words, title=title, language=language, url=url),
        related_posts=links.posts,
        related_videos=tuple(_captioned(video, captions) for video in links.videos),
        embedded_videos=tuple(_embedded(page, entry_html)),
    )


def _captions(entry_html: str) -> dict[tuple[str, str], str]:
    """What stands for a linked picture of a video where it is not shown, by platform and id."""
    found = ((video(unescape(match[1])), match[2]) for match in _PICTURE.finditer(entry_html))
    return {(known.platform, known.id): normalise(unescape(words)) for known, words in found if known}


def _captioned(found: Video, captions: Mapping[tuple[str, str], str]) -> Video:
    return found if found.title else replace(found, title=captions.get((found.platform, found.id), ""))


def read_post(post: Entry | Post, words: Words) -> Reading:
    """What extraction reads in an entry of a feed, or in a stored post."""
    return read(
        post.html,
        url=post.url,
        title=post.title,
        language=post.language,
        summary=post.summary,
        labels=post.labels,
        words=words,
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
            found.setdefault((new.platform, new.id), new)
    return list(found.values())[:MOST_PLAYERS]
