"""The bytes of one HTML page → an entry."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import lxml.html
from lxml.etree import ParserError

from digest.collect.article import cleared, comments_of, main_content, without_title
from digest.collect.dates import moment_of
from digest.collect.entries import Markup, RawEntry, entry, from_text, to_text
from digest.collect.pagewords import NO_WORDS, PageWords
from digest.collect.parse import is_page
from digest.errors import ParseError
from digest.model import Comments, Entry, PostKind
from digest.text.html import tree
from digest.text.language import normalise
from digest.text.links import absolute, video
from digest.text.markup import Element, serialise

__all__ = ["is_page", "read_page"]

LARGEST = 10 * 1024 * 1024
_LARGEST_TREE = 2 * 1024 * 1024
_HEAD = 4_096

_CHARSET = re.compile(rb"""<meta[^>]{1,200}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_SAFE_CHARSET = re.compile(
    r"utf-?8|utf-?16(?:[lb]e)?|iso-?8859-?\d+|latin-?\d|us-ascii|ascii|(?:windows-|cp)12?5\d|koi8-[ru]|macintosh"
    r"|shift[_-]jis|euc-(?:jp|kr)|gb2312|gbk|gb18030|big5|iso-2022-jp|tis-620",
    re.IGNORECASE,
)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SITE_NAME = re.compile(r" [|–—·»•-] ")
_COMMENT_COUNT = re.compile(r"\D{0,30}?(\d{1,3}(?:[.,\u202f ]\d{3})+|\d{1,6})\b")
_LONGEST_COUNT_LINE = 60
_ARTICLES = re.compile(r"(?:Article|BlogPosting|Report|WebPage|VideoObject)$")


def read_page(body: bytes, url: str, words: PageWords = NO_WORDS) -> Entry:
    """Read one HTML page as an entry: what it says of itself, and its text without what surrounds it.

    Args:
        body: as it was served, decompressed.
        url: where it was found in the end.
        words: by which links to other posts, and names behind "by", are known.

    Raises:
        ParseError: the page is larger than 10 MB, or there is nothing on it.
    """
    if len(body) > LARGEST:
        raise ParseError(f"{url} is too large: {len(body):,} bytes, and a page may have {LARGEST:,}.")
    source = _decoded(body)
    head = _head(source, url)
    page = tree(source, _LARGEST_TREE)
    clear = cleared(page)
    main = main_content(clear, words)
    title = _title(head, clear)
    base = absolute(head.first("//base/@href"), url) or url
    address = _address(head, url)
    read = entry(
        RawEntry(
            id=address,
            url=address,
            title=title,
            authors=_authors(head, page, words),
            published=_date(head, main, "datePublished", "article:published_time"),
            updated=_date(head, main, "dateModified", "article:modified_time"),
            labels=_labels(head, page),
            language=head.first("/html/@lang", "/html/@xml:lang")
            or head.meta("content-language", "og:locale"),
            body=Markup(serialise(without_title(main, title).children), base),
            summary=from_text(head.meta("og:description", "description")),
            videos=tuple(filter(None, [video(address, title)])),
            comments=_comments(head, page, address),
            kind=PostKind.VIDEO if video(address) else PostKind.ARTICLE,
        )
    )
    if not (read.title or read.text):
        raise ParseError(f"{url} has nothing to read: neither a title nor text.")
    return read


def _decoded(body: bytes) -> str:
    """The page as text: a byte order mark outweighs ``<meta charset>``, UTF-8 is tried, then Windows-1252."""
    if mark := next((encoding for mark, encoding in _MARKS if body.startswith(mark)), ""):
        return body.decode(mark, "replace")
    match = _CHARSET.search(body[:_HEAD])
    declared = match[1].decode("ascii", "replace").lower() if match else "utf-8"
    if not _SAFE_CHARSET.fullmatch(declared) or declared.startswith("utf"):
        return _utf8(body)
    # To the web, Latin-1 and ASCII are Windows-1252 (WHATWG Encoding §4.2).
    latin = declared.replace("-", "") in {"iso88591", "latin1", "usascii", "ascii"}
    try:
        return body.decode("cp1252" if latin else declared, "replace")
    except LookupError:  # spelled in a way that Python does not know
        return _utf8(body)


def _utf8(body: bytes) -> str:
    """As UTF-8 with a few bad bytes, unless most of what is not ASCII is bad."""
    text = body.decode("utf-8", "replace")
    bad = text.count("\N{REPLACEMENT CHARACTER}")
    foreign = len(text) - sum(map(str.isascii, text)) if bad else 0
    return body.decode("cp1252", "replace") if bad * 2 > foreign else text


# ── what the page says of itself ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class _Head:
    """Metadata of a page: elements by XPath, ``<meta>`` by name, and the schema.org object that describes it."""

    root: lxml.html.HtmlElement
    metas: Mapping[str, str]
    described: Mapping[str, object]

    def all(self, *paths: str) -> Iterator[str]:
        """The texts that these XPaths select, in order, those that say something."""
        for path in paths:
            yield from (text for found in self.root.xpath(path) if (text := normalise(str(found))))

    def first(self, *paths: str) -> str:
        return next(self.all(*paths), "")

    def meta(self, *names: str) -> str:
        """The content of the first of these ``<meta>``, by name, property or itemprop."""
        return next((value for name in names if (value := self.metas.get(name, ""))), "")

    def member(self, name: str) -> str:
        """A member of the schema.org description that is a text or a number."""
        value = self.described.get(name)
        return str(value) if isinstance(value, str | int) else ""


def _head(source: str, url: str) -> _Head:
    parser = lxml.html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        root = lxml.html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except ParserError as error:  # nothing but whitespace and comments
        raise ParseError(f"{url} has nothing to read: the page is empty.") from error
    metas: dict[str, str] = {}
    for element in root.iter("meta"):
        for name in ("property", "name", "itemprop", "http-equiv"):
            metas.setdefault(element.get(name, "").lower(), normalise(element.get("content", "")))
    return _Head(root, metas, _description(root))


def _description(root: lxml.html.HtmlElement) -> Mapping[str, object]:
    """The first article among the JSON-LD objects of a page (schema.org), or nothing."""
    for script in root.xpath('//script[@type="application/ld+json"]/text()'):
        try:
            data = json.loads(str(script))
        except (ValueError, RecursionError):
            continue
        for thing in _things(data):
            kinds = thing.get("@type")
            if any(_ARTICLES.search(str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds])):
                return thing
    return {}


def _things(data: object) -> Iterator[Mapping[str, object]]:
    """The objects of a JSON-LD document: itself, those in its list, those in its graph."""
    for thing in data if isinstance(data, list) else [data]:
        if isinstance(thing, dict):
            yield thing
            graph = thing.get("@graph")
            yield from (part for part in graph if isinstance(part, dict)) if isinstance(graph, list) else ()


def _title(head: _Head, page: Element) -> str:
    """As shared or described; else the heading that the browser's title names; else that without the site's name."""
    said = head.meta("og:title", "twitter:title") or head.member("headline")
    if said:
        said = to_text(said) if "&" in said else said
        return _without_known_site(said, head, page)
    shown = head.first("//title/text()")
    headings = [element for element in page.descendants if element.tag in {"h1", "h2", "h3"}]
    texts = [text for element in headings if (text := normalise(element.text))]
    named = [text for text in texts if text.casefold() in shown.casefold()]
    firsts = [normalise(element.text) for element in headings if element.tag == "h1"]
    return (
        max(named, key=len, default="")
        or (firsts[0] if len(firsts) == 1 else "")
        or _without_site(shown, head)
    )


def _without_known_site(title: str, head: _Head, page: Element) -> str:
    """Without the site's name, where the page says it, or shows the title without it as its only heading."""
    if head.meta("og:site_name"):
        title = _without_site(title, head)
    parts = [part for part in _SITE_NAME.split(title) if part]
    shown = [normalise(element.text) for element in page.descendants if element.tag == "h1"]
    return shown[0] if len(shown) == 1 and len(parts) > 1 and title.startswith(f"{shown[0]} ") else title


def _without_site(title: str, head: _Head) -> str:
    if site := re.escape(head.meta("og:site_name")):
        return re.sub(rf"^{site}\s*[:|–—·»•-]\s*|\s*[:|–—·»•-]\s*{site}$", "", title, flags=re.IGNORECASE)
    return max(_SITE_NAME.split(title), key=len)


def _address(head: _Head, url: str) -> str:
    """The page's own address, unless it gives its front page's for every page."""
    page = absolute(url).partition("#")[0]
    for said in (head.first('//link[@rel="canonical"]/@href'), head.meta("og:url")):
        address = absolute(said, url)
        if address.startswith("http") and (
            urlsplit(address).path.strip("/") or not urlsplit(page).path.strip("/")
        ):
            return address
    return page


def _authors(head: _Head, page: Element, words: PageWords) -> tuple[str, ...]:
    """Who wrote it, by the first of the places that name somebody."""
    shown = (element for element in page.descendants if element.get("rel", "itemprop") == "author")
    for names in (_people(head.described.get("author")), [head.meta("author")], map(_shown_name, shown)):
        named = [name for said in names if (name := words.name(normalise(said))) and not _is_address(name)]
        if named:
            return tuple(named)
    return ()


def _people(author: object) -> list[str]:
    people = author if isinstance(author, list) else [author]
    named = (person.get("name") if isinstance(person, dict) else person for person in people)
    return [name for name in named if isinstance(name, str)]


def _shown_name(element: Element) -> str:
    inner = (part for part in element.descendants if part.get("itemprop") == "name")
    return next(inner, element).text


def _is_address(name: str) -> bool:
    return name.startswith(("http:", "https:"))


def _date(head: _Head, main: Element, name: str, meta: str) -> datetime | None:
    """A date by Open Graph, by schema.org in JSON or in the markup; when it was published, by the first time shown."""
    shown = (f'//*[@itemprop="{name}"]/@{attribute}' for attribute in ("content", "datetime", "title"))
    said = [head.meta(meta, name.lower()), head.member(name), *head.all(*shown)]
    if name == "datePublished":
        said += head.all('//abbr[@class="published"]/@title')
        said += [time.get("datetime") for time in main.descendants if time.tag == "time"][:1]
        said += head.all("//time/@datetime")
    return next((date for text in said if (date := moment_of(text))), None)


def _labels(head: _Head, page: Element) -> tuple[str, ...]:
    shown = [element.text for element in page.descendants if "tag" in element.get("rel").split()]
    return tuple(
        dict.fromkeys([*head.all('//meta[@property="article:tag"]/@content'), *map(normalise, shown)])
    )


# ── comments ─────────────────────────────────────────────────────────────────────────────────────


def _comments(head: _Head, page: Element, url: str) -> Comments | None:
    """How many comments there are, where the page says so in schema.org or in a heading or link of its own."""
    said = [head.member("commentCount"), *head.all('//*[@itemprop="commentCount"]/@content')]
    counts = (int(text) for text in said if text.isdecimal())
    shown = (count for line in _comment_lines(page, url) if (count := _count_in(line)) is not None)
    count = next(counts, None)
    count = next(shown, None) if count is None else count
    return None if count is None else Comments(count, f"{url}#comments")


def _comment_lines(page: Element, url: str) -> Iterator[str]:
    """Headings of the comments, counters, and links to the comments of this page."""
    for part in comments_of(page):
        yield part.text
        yield from (inner.text for inner in part.descendants if inner.tag in {"h2", "h3", "h4", "h5", "h6"})
    for link in page.descendants:
        target, _, fragment = link.get("href").partition("#")
        if link.tag == "a" and fragment.startswith(("comment", "respond")) and target in {"", url}:
            yield link.text


def _count_in(line: str) -> int | None:
    """The only number of a short line: "3 comments", "Comments (3)"."""
    line = normalise(line)
    match = _COMMENT_COUNT.match(line) if len(line) <= _LONGEST_COUNT_LINE else None
    if match is None or re.search(r"\d", line[match.end() :]):
        return None
    return int(re.sub(r"\D", "", match[1]))
