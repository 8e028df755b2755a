"""From what a person types to the addresses where its feed may be: what a page offers, then where feeds usually are.

A decision is a value; nothing is fetched here. Pages are untrusted: what they name is only ever an address to ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import lxml.html
from lxml.etree import ParserError

from digest.model import SourceFeed
from digest.text.language import normalise
from digest.text.links import absolute

LARGEST_PAGE = 4 * 1024 * 1024  # of a page so much is read
MOST_OFFERS = 30  # of one page

_LONGEST_TITLE = 200
_HEAD = 4_096  # bytes, in which a page says how it is encoded
_FEED_TYPES = re.compile(
    r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|(?:text|application)/(?:xml|rss|atom)"
)
_JSON_TYPE = "application/json"
_NO_FEED = re.compile(r"/wp-json/|oembed|opensearch|sitemap", re.IGNORECASE)
_LOOKS_LIKE_FEED = re.compile(
    r"/(?:feeds?|rss2?|atom)(?:[./?]|$)|\.(?:rss|atom|rdf)$|/(?:index|feed|rss|atom|podcast)\.(?:xml|json)$"
    r"|[?&](?:feed|format|alt)=(?:rss2?|atom)\b",
    re.IGNORECASE,
)
_PODCAST = re.compile(rb'"(?:feedUrl|rssUrl|feed_url|rss_url)"\s*:\s*"(https?:[^"\s]{1,500})"')
# "Comments" as blog systems title the feed of them, by its stem.
_COMMENTS = re.compile(
    r"comment(?!ary|aries)|kommentar|comentari|coment[áa]ri|commenti|reactie|r[ée]ponses|комментари|коментар|komentar|komentá[řr]"
    r"|komentarz|yorum|hozzászólás|kommentti|σχόλια|تعليق|دیدگاه|نظرات|תגובות|टिप्पणी|コメント|评论|評論|迴響|댓글",
    re.IGNORECASE,
)
_COMMENT_PAGE = re.compile(r"#(?:comment|c)-?\d|[?&]showComment=|#comment", re.IGNORECASE)
_SHORT = re.compile(r"/(?:summary|summaries|excerpts?|headlines)\b", re.IGNORECASE)

# Where blog systems have their feed, by what they call themselves in <meta name="generator">.
_BY_GENERATOR = (
    ("blogger", "feeds/posts/default"),
    ("wordpress", "feed/"),
    ("ghost", "rss/"),
    ("hugo", "index.xml"),
    ("jekyll", "feed.xml"),
    ("hexo", "atom.xml"),
    ("drupal", "rss.xml"),
    ("joomla", "?format=feed&type=rss"),
    ("wix", "blog-feed.xml"),
    ("squarespace", "?format=rss"),
    ("typepad", "atom.xml"),
    ("movable type", "atom.xml"),
    ("discourse", "latest.rss"),
    ("pelican", "feeds/all.atom.xml"),
    ("eleventy", "feed/feed.xml"),
    ("astro", "rss.xml"),
)
_USUAL = (
    "feed", "rss.xml", "atom.xml", "index.xml", "feed.xml", "rss", "feed.json", "feeds/posts/default",
)  # fmt: skip
_HANDLE = re.compile(r"@([\w.-]{1,64})@([\w-]+(?:\.[\w-]+)+)")
_SCHEME = re.compile(
    r"^(?:feed|itpc|podcast|rss):(?://)?(?=https?:)|^(?:feed|itpc|podcast|rss)://", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A feed as a page offers it."""

    url: str
    title: str = ""
    json: bool = False

    @property
    def comments(self) -> bool:
        """Whether it is the feed of a blog's comments, by its title or address."""
        return bool(_COMMENTS.search(f"{self.title} {urlsplit(self.url).path}"))


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of feeds: those it offers in its head, those it links to, and what made it."""

    offered: tuple[Offer, ...] = ()
    linked: tuple[Offer, ...] = ()
    generator: str = ""


def address(typed: str) -> str:
    """The http(s) address that somebody typed or pasted, or "".

    Without a scheme it is https; ``feed:`` and its like are what they stand for; ``@name@host`` is a profile on
    Mastodon.
    """
    typed = _without_scheme(typed.strip().strip("<>"))
    if handle := _HANDLE.fullmatch(typed):
        return f"https://{handle[2]}/@{handle[1]}"
    if "://" not in typed and re.match(r"[\w-]+(?:\.[\w-]+)+(?:[:/?#]|$)", typed):
        typed = f"https://{typed}"
    url = absolute(typed)
    return url if url.startswith(("http://", "https://")) else ""


def _without_scheme(address: str) -> str:
    """``feed://host/`` and ``feed:https://host/`` as the address that they stand for."""
    return _SCHEME.sub(lambda match: "http://" * match[0].endswith("//"), address)


def read_links(body: bytes, url: str) -> Page:
    """What an HTML page says of feeds; a page that cannot be read says nothing.

    Args:
        url: where it was found in the end; relative addresses start from it, or from the page's ``<base>``.
    """
    head = body[:_HEAD].lower()
    declared = b"charset" in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))
    parser = lxml.html.HTMLParser(no_network=True, encoding=None if declared else "utf-8")
    try:
        root = lxml.html.document_fromstring(body[:LARGEST_PAGE], parser=parser)
    except (ParserError, ValueError):  # nothing but whitespace and comments
        return Page()
    base = next((found for each in root.iter("base") if (found := absolute(each.get("href", ""), url))), url)
    offered = [*_in_head(root, base), *_of_podcast(body)]
    return Page(
        offered=_ranked(offered, url),
        linked=_ranked(_in_body(root, base, url), url),
        generator=" ".join(
            meta.get("content", "").lower()
            for meta in root.iter("meta")
            if meta.get("name", "").lower() == "generator"
        ),
    )


def _in_head(root: lxml.html.HtmlElement, base: str) -> Iterator[Offer]:
    """``<link rel="alternate">`` of a feed's type (RFC 4287 autodiscovery), and the older ``rel="feed"``."""
    for link in root.iter("link"):
        rel = set(link.get("rel", "").lower().split())
        kind = link.get("type", "").lower().partition(";")[0].strip()
        found = absolute(_without_scheme(link.get("href", "").strip()), base)
        title = normalise(link.get("title", ""))[:_LONGEST_TITLE]
        if not found.startswith("http") or not {"alternate", "feed"} & rel or _NO_FEED.search(found):
            continue
        untyped = not kind and ("feed" in rel or _LOOKS_LIKE_FEED.search(found))
        as_json = kind == _JSON_TYPE and _LOOKS_LIKE_FEED.search(found)
        if _FEED_TYPES.fullmatch(kind) or untyped or as_json:
            yield Offer(found, title, json="json" in kind)


def _in_body(root: lxml.html.HtmlElement, base: str, url: str) -> Iterator[Offer]:
    """Links whose address looks like a feed's, on this site or on a host that is there for feeds."""
    site = _site(url)
    for link in root.iter("a"):
        found = absolute(link.get("href", ""), base)
        host = _site(found) if found.startswith("http") else ""
        near = host == site or host.startswith(("feeds.", "feed.", "rss.", "feeds2."))
        if near and _LOOKS_LIKE_FEED.search(found) and not _NO_FEED.search(found):
            yield Offer(found, normalise(link.text_content())[:_LONGEST_TITLE], json=found.endswith(".json"))


def _of_podcast(body: bytes) -> Iterator[Offer]:
    """Directories of podcasts name the feed in the data of their page."""
    for match in _PODCAST.finditer(body[:LARGEST_PAGE]):
        found = match[1].decode("utf-8", "replace").replace("\\/", "/").replace("\\u0026", "&")
        if url := absolute(found):
            yield Offer(url)


def _site(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _ranked(offers: Iterable[Offer], url: str) -> tuple[Offer, ...]:
    """Each address once, the best first: posts before comments, the feed of this very page before the whole site's,
    whole posts before excerpts, XML before JSON, then in the order of the page."""
    folder = urlsplit(url).path.rstrip("/") + "/"

    def worse(offer: Offer) -> tuple[bool, ...]:
        path = urlsplit(offer.url).path
        comments = offer.comments, bool(_COMMENTS.search(path))  # a blog itself may be called "Comments"
        return (*comments, not path.startswith(folder), bool(_SHORT.search(path)), offer.json)

    distinct: dict[str, Offer] = {}
    for offer in offers:
        distinct.setdefault(offer.url, offer)
    return tuple(sorted(distinct.values(), key=worse))[:MOST_OFFERS]


def usual_places(url: str, generator: str = "") -> tuple[str, ...]:
    """Where the feed of a site usually is: where its blog system has it, else beside the page, then at the root."""
    known = [path for name, path in _BY_GENERATOR if name in generator]
    parts = urlsplit(url)
    last = parts.path.rpartition("/")[2]
    folder = parts.path.removesuffix(last) if "." in last or not last else f"{parts.path}/"
    starts = [f"{parts.scheme}://{parts.netloc}{start}" for start in (folder or "/", "/")]
    places = (start + each for paths in (known, _USUAL) for start in starts for each in paths)
    return tuple(dict.fromkeys(places))


def is_comments(feed: SourceFeed) -> bool:
    """Whether a feed is one of comments: most of its entries are at places of comments on their pages."""
    placed = sum(1 for entry in feed.entries if _COMMENT_PAGE.search(entry.url))
    return placed * 2 > len(feed.entries)
