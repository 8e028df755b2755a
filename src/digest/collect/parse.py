"""Feed bytes → entries: RSS 0.9x–2.0, RDF, Atom 0.3 and 1.0, JSON Feed 1.x."""

from __future__ import annotations

import re
from collections.abc import Container

from digest.collect import jsonfeed, xmlfeed
from digest.collect.entries import FeedRead
from digest.errors import ParseError
from digest.model import SourceFeed
from digest.text.charsets import corrected

LARGEST = 10 * 1024 * 1024

_HEAD = 4_096
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ROOT = re.compile(
    rb"<(?:(?P<feed>(?:rss|feed|rdf:RDF|channel)[\s>])"
    rb"|!doctype\s+html|(?:html|head|body|title|meta|article|main|div|p|h[1-6])[\s>])",
    re.IGNORECASE,
)


def is_page(body: bytes) -> bool:
    """Whether the bytes are an HTML page rather than a feed: which of their first tags comes first."""
    head = body[:_HEAD].replace(b"\x00", b"")  # enough of UTF-16 to see its tags
    if head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").startswith((b"{", b"[")):  # JSON, with markup in its texts
        return False
    root = _ROOT.search(_COMMENT.sub(b"", head))
    return root is not None and root["feed"] is None


def parse_feed(body: bytes, url: str) -> SourceFeed:
    """Read a feed.

    Args:
        body: as it was served, decompressed, at most 10 MB.
        url: where it was found in the end; relative links start from it.

    Returns:
        The feed with its entries in document order, at most the 1,000 newest.

    Raises:
        ParseError: the bytes are no feed, are too large, declare entities of their own, or are beyond repair.
    """
    return _parsed(body, url, None).feed


def parse_new(body: bytes, url: str, known: Container[str] = ()) -> FeedRead:
    """Read what is new in a feed: as ``parse_feed``, without the entries whose hash is in ``known``.

    A hash covers the item as the feed wrote it and what else its entry depends on: with the same hash it would give
    the same entry. Most of the time that parsing takes goes into markup and text, which this saves.

    Raises:
        ParseError: as ``parse_feed``.
    """
    return _parsed(body, url, known)


def _parsed(body: bytes, url: str, known: Container[str] | None) -> FeedRead:
    if len(body) > LARGEST:
        raise ParseError(f"{url} is too large: {len(body):,} bytes, and a feed may have {LARGEST:,}.")
    if is_page(body):
        raise ParseError(f"{url} is not a feed: it is a web page.")
    text = body[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n") or body.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text:
        raise ParseError(f"{url} is not a feed: the document is empty.")
    if text[:1] == b"{":
        return jsonfeed.read(body, url, known)
    return xmlfeed.read(corrected(body), url, known)
