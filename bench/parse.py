"""How fast feeds are parsed, beside feedparser and beside the least that could be done: medians of five runs.

Run as ``python bench/parse.py [--short]``. The 200 feeds are written here, in the markup of the systems that real
ones come from. Times are of the processor, so that another job on the machine does not count. With
``DIGEST_FEEDPARSER_TESTS`` naming the ``tests`` folder of feedparser's source distribution, our entries are also
compared with feedparser's on its own files.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from html import escape
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import nh3
from lxml import etree

from digest.collect import fastfeed
from digest.collect.entries import to_text
from digest.collect.parse import parse_feed, parse_new
from digest.errors import ParseError
from digest.model import Entry
from digest.text.links import absolute

URL = "https://elm.example.org/feed.xml"
Feed = tuple[str, bytes]

# ── two hundred feeds ────────────────────────────────────────────────────────────────────────────

_STARTS = [
    "ba",
    "de",
    "fi",
    "gro",
    "ha",
    "ji",
    "kla",
    "lo",
    "mi",
    "nu",
    "or",
    "pe",
    "qua",
    "ri",
    "sta",
    "tu",
    "ver",
    "wo",
    "ze",
    "ulm",
]
_ENDS = ["n", "r", "st", "l", "mer", "ten", "ding", "ly", "rock", "ship", "se", "d", "na", "vel", "tor"]
_COMMON = [
    "the",
    "of",
    "and",
    "to",
    "in",
    "that",
    "is",
    "for",
    "on",
    "with",
    "as",
    "was",
    "by",
    "it",
    "from",
    "at",
    "this",
    "have",
    "are",
    "not",
]


class _Writer:
    """Words, sentences and paragraphs, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def word(self) -> str:
        if self.random.random() < 0.42:
            return self.random.choice(_COMMON)
        return self.random.choice(_STARTS) + self.random.choice(_ENDS)

    def sentence(self, least: int = 6, most: int = 24) -> str:
        return " ".join(self.word() for _ in range(self.random.randint(least, most))).capitalize() + "."

    def title(self) -> str:
        return " ".join(self.word() for _ in range(self.random.randint(3, 9))).capitalize()

    def prose(self, attributes: str = "") -> str:
        """Sentences, with a link and an emphasis here and there."""
        parts = []
        for _ in range(self.random.randint(2, 6)):
            text, chance = self.sentence(), self.random.random()
            if chance < 0.15:
                text = f'<a href="https://example.net/{self.word()}/{self.word()}?a=1&amp;b=2"{attributes}>{text}</a>'
            elif chance < 0.25:
                text = f"<em>{text}</em> “{self.sentence()}”"
            elif chance < 0.3:
                text = f"<strong>{text}</strong>"
            parts.append(text)
        return " ".join(parts)

    def many(self, least: int, most: int, part: Callable[[], str]) -> str:
        return "".join(part() for _ in range(self.random.randint(least, most)))


def _wordpress(w: _Writer) -> str:
    def part() -> str:
        chance = w.random.random()
        if chance < 0.08:
            return f'\n<h2 class="wp-block-heading">{w.title()}</h2>\n'
        if chance < 0.16:
            src = f"https://elm.example.org/wp-content/uploads/2026/11/{w.word()}"
            return (
                f'<figure class="wp-block-image size-large"><img loading="lazy" decoding="async" width="1024" height="683" '
                f'src="{src}-1024x683.jpg" alt="{w.title()}" class="wp-image-{w.random.randint(1, 9999)}" '
                f'srcset="{src}-1024x683.jpg 1024w, {src}-300x200.jpg 300w, {src}-768x512.jpg 768w" '
                f'sizes="(max-width: 1024px) 100vw, 1024px" /><figcaption class="wp-element-caption">{w.sentence()}</figcaption></figure>\n'
            )
        if chance < 0.22:
            items = w.many(3, 6, lambda: f"<li>{w.prose()}</li>\n")
            return f'<ul class="wp-block-list">\n{items}</ul>\n'
        if chance < 0.26:
            return f'<blockquote class="wp-block-quote is-layout-flow"><p>{w.prose()}</p><cite>{w.title()}</cite></blockquote>\n'
        return f"<p>{w.prose(' target=&quot;_blank&quot; rel=&quot;noopener&quot;'.replace('&quot;', chr(34)))}</p>\n\n"

    return w.many(8, 24, part)


def _blogger(w: _Writer) -> str:
    def part() -> str:
        chance = w.random.random()
        if chance < 0.1:
            src = f"https://blogger.example.net/img/{w.word()}/s1600/{w.word()}.jpg"
            return (
                f'<div class="separator" style="clear: both; text-align: center;"><a href="{src}" imageanchor="1" '
                f'style="margin-left: 1em; margin-right: 1em;"><img border="0" data-original-height="900" '
                f'data-original-width="1600" height="225" src="{src}" width="400" /></a></div><br />'
            )
        if chance < 0.14:
            return '<iframe allowfullscreen="" class="BLOG_video_class" height="266" src="https://www.youtube.com/embed/Abc-_123xyZ" width="320" youtube-src-id="Abc-_123xyZ"></iframe><br />'
        if chance < 0.3:
            return f'<div style="text-align: justify;"><span style="font-family: georgia;">{w.prose()}</span></div><div><br /></div>'
        if chance < 0.36:
            return f"<b>{w.title()}</b><br />"
        return f"{w.prose()}<br /><br />"

    return w.many(8, 24, part)


def _substack(w: _Writer) -> str:
    def part() -> str:
        chance = w.random.random()
        if chance < 0.1:
            src = f"https://cdn.example.net/image/fetch/{w.word()}"
            return (
                f'<div class="captioned-image-container"><figure><a class="image-link image2" target="_blank" href="{src}.png">'
                f'<div class="image2-inset"><picture><source type="image/webp" srcset="{src}.webp 424w, {src}2.webp 848w" sizes="100vw">'
                f'<img src="{src}.png" width="1456" height="816" class="sizing-normal" alt="" title="{w.title()}" srcset="{src}.png 424w" '
                f'sizes="100vw" fetchpriority="high"></picture><div></div></div></a></figure></div>'
            )
        if chance < 0.16:
            return f"<h3>{w.title()}</h3>"
        if chance < 0.2:
            return f"<div><hr></div><blockquote><p>{w.prose()}</p></blockquote>"
        return f"<p>{w.prose()}</p>"

    return w.many(15, 40, part)


def _ghost(w: _Writer) -> str:
    def part() -> str:
        if w.random.random() < 0.1:
            return f'<figure class="kg-card kg-image-card"><img src="https://elm.example.org/content/{w.word()}.jpg" class="kg-image" alt="{w.title()}" loading="lazy" width="2000" height="1333"></figure>'
        return f"<p>{w.prose()}</p>" if w.random.random() < 0.9 else f'<h2 id="{w.word()}">{w.title()}</h2>'

    return w.many(10, 30, part)


_RSS = (
    '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">'
    '<channel><title>{title}</title><atom:link href="{url}" rel="self" type="application/rss+xml" />'
    "<link>https://elm.example.org</link><description>{about}</description>"
    "<lastBuildDate>Fri, 20 Nov 2026 10:00:00 +0000</lastBuildDate><language>en-US</language>"
    "<sy:updatePeriod>hourly</sy:updatePeriod><generator>https://elm.example.org/?v=6.8</generator>{items}</channel></rss>"
)
_ATOM = (
    '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:yt="http://www.youtube.com/xml/schemas/2015">'
    "<id>tag:elm.example.org,1999:blog-1</id><updated>2026-11-20T10:00:00.000+01:00</updated><title type='text'>{title}</title>"
    '<link rel="alternate" type="text/html" href="https://elm.example.org/" /><author><name>{about}</name></author>{items}</feed>'
)


def _rss_item(w: _Writer, at: int, html: str, more: str = "") -> str:
    categories = w.many(1, 6, lambda: f"<category><![CDATA[{w.word()}]]></category>")
    return (
        f"<item><title>{w.title()}</title><link>https://elm.example.org/2026/11/{w.word()}-{at}/</link>"
        f"<dc:creator><![CDATA[Mira Halden]]></dc:creator><pubDate>Fri, {at % 28 + 1:02} Nov 2026 10:{at % 60:02}:00 +0000</pubDate>"
        f'{categories}<guid isPermaLink="false">https://elm.example.org/?p={at}</guid>'
        f"<description><![CDATA[<p>{w.sentence(30, 50)} [&#8230;]</p>]]></description>{more}"
        + (f"<content:encoded><![CDATA[{html}]]></content:encoded>" if html else "")
        + f"<slash:comments>{at % 7}</slash:comments></item>"
    )


def _atom_entry(w: _Writer, at: int, html: str) -> str:
    return (
        f"<entry><id>tag:blogger.com,1999:blog-1.post-{at}</id><published>2026-11-{at % 28 + 1:02}T10:00:00.003+01:00</published>"
        f"<updated>2026-11-{at % 28 + 1:02}T11:00:00.120+01:00</updated><category scheme='http://www.blogger.com/atom/ns#' term='{w.word()}'/>"
        f"<title type='text'>{w.title()}</title><content type='html'>{escape(html)}</content>"
        f"<link rel='replies' type='text/html' href='https://elm.example.org/{at}.html#comment-form' title='0 Comments'/>"
        f"<link rel='alternate' type='text/html' href='https://elm.example.org/2026/11/{at}.html' title='x'/>"
        "<author><name>Tomas Brandt</name><uri>https://elm.example.org/p</uri><email>noreply@blogger.com</email></author><thr:total>3</thr:total></entry>"
    )


def _video_entry(w: _Writer, at: int) -> str:
    id = f"Abc-_123x{at:02}"
    return (
        f"<entry><id>yt:video:{id}</id><yt:videoId>{id}</yt:videoId><yt:channelId>UCx</yt:channelId><title>{w.title()}</title>"
        f'<link rel="alternate" href="https://www.youtube.com/watch?v={id}"/><author><name>Elm Valley</name><uri>https://example.net</uri></author>'
        f"<published>2026-11-{at % 28 + 1:02}T15:00:07+00:00</published><updated>2026-11-20T21:15:54+00:00</updated><media:group>"
        f'<media:title>{w.title()}</media:title><media:content url="https://www.youtube.com/v/{id}?version=3" type="application/x-shockwave-flash" width="640" height="390"/>'
        f'<media:thumbnail url="https://i1.ytimg.com/vi/{id}/hqdefault.jpg" width="480" height="360"/>'
        f"<media:description>{w.many(3, 12, lambda: w.sentence() + chr(10))}https://example.net/{w.word()}</media:description><media:community>"
        '<media:starRating count="10" average="5.00" min="1" max="5"/><media:statistics views="100"/></media:community></media:group></entry>'
    )


def _podcast_item(w: _Writer, at: int) -> str:
    notes = w.many(3, 8, lambda: f"<p>{w.prose()}</p>")
    more = (
        f"<itunes:author>Elm Radio</itunes:author><itunes:summary>{w.sentence()}</itunes:summary><itunes:duration>31:0{at % 9}</itunes:duration>"
        f'<enclosure url="https://cdn.example.net/{at}.mp3" length="12345678" type="audio/mpeg"/>'
    )
    return _rss_item(w, at, notes, more)


_KINDS: Sequence[tuple[str, int, int, str, Callable[[_Writer, int], str]]] = (
    ("WordPress", 60, 10, _RSS, lambda w, at: _rss_item(w, at, _wordpress(w))),
    ("Blogger", 45, 25, _ATOM, lambda w, at: _atom_entry(w, at, _blogger(w))),
    ("Substack", 25, 20, _RSS, lambda w, at: _rss_item(w, at, _substack(w))),
    ("Ghost", 25, 15, _RSS, lambda w, at: _rss_item(w, at, _ghost(w))),
    ("podcast", 15, 30, _RSS, _podcast_item),
    ("YouTube", 15, 15, _ATOM, _video_entry),
    ("headlines", 15, 40, _RSS, lambda w, at: _rss_item(w, at, "")),
)


def feeds(share: float = 1.0) -> Iterator[Feed]:
    """Feeds by the name of the system that writes such ones."""
    for kind, count, entries, document, item in _KINDS:
        for number in range(max(1, round(count * share))):
            w = _Writer(number)
            items = "".join(item(w, at) for at in range(entries))
            yield kind, document.format(title=w.title(), about=w.title(), url=URL, items=items).encode()


# ── the ways to read them ────────────────────────────────────────────────────────────────────────


def _feedparser(body: bytes) -> None:
    feedparser.parse(BytesIO(body), response_headers={"content-location": URL})


def _limit(body: bytes) -> None:
    """lxml for the feed and nh3 for every longer text in it, and nothing else."""
    for element in etree.fromstring(body).iter():
        if element.text and len(element.text) > 200:
            nh3.clean(element.text)


def _ways(bodies: Sequence[bytes]) -> Mapping[str, Callable[[bytes], object]]:
    known = frozenset(hashed for body in bodies for hashed in parse_new(body, URL).hashes)
    hashes = frozenset(sha256(body).hexdigest() for body in bodies)
    return {
        "feedparser": _feedparser,
        "digest": lambda body: parse_feed(body, URL),
        "digest, entries known": lambda body: parse_new(body, URL, known),
        "digest, body known": lambda body: sha256(body).hexdigest() in hashes,
        "lxml + nh3 alone": _limit,
    }


def _seconds(way: Callable[[bytes], object], bodies: Sequence[bytes]) -> float:
    started = time.process_time()
    for body in bodies:
        way(body)
    return time.process_time() - started


def _table(found: Sequence[Feed], runs: int) -> None:
    """Milliseconds a feed and the ratio to feedparser, for each kind and for all."""
    kinds = {kind: [body for name, body in found if name == kind] for kind, _ in found}
    ways = _ways([body for _, body in found])
    medians = {
        (kind, name): statistics.median(_seconds(way, bodies) for _ in range(runs)) * 1000
        for kind, bodies in kinds.items()
        for name, way in ways.items()
    }
    print("| feeds | KB each | fast path | " + " | ".join(ways) + " |")
    print("|---|---|---|" + "---|" * len(ways))
    rows: list[tuple[str, list[bytes], dict[str, float]]] = [
        (kind, bodies, {name: medians[kind, name] for name in ways}) for kind, bodies in kinds.items()
    ]
    rows.append(
        ("all", [body for _, body in found], {name: sum(row[2][name] for row in rows) for name in ways})
    )
    for kind, bodies, times in rows:
        fast = sum(fastfeed.opened(body, URL) is not None for body in bodies)
        cells = [
            f"{ms / len(bodies):.2f} ms (×{times['feedparser'] / max(ms, 1e-6):.1f})" for ms in times.values()
        ]
        print(
            f"| {kind} | {sum(map(len, bodies)) / len(bodies) / 1024:.0f} | {fast}/{len(bodies)} | "
            + " | ".join(cells)
            + " |"
        )


# ── feedparser's own files ───────────────────────────────────────────────────────────────────────


def _same(theirs: Any, ours: Entry) -> bool:
    """Whether title, link and id say the same: a title as text, a link if it leads anywhere, an id if there is one."""
    return (
        to_text(theirs.get("title", "")) == ours.title
        and absolute(theirs.get("link", ""), URL) == ours.url
        and theirs.get("id", ours.id) in {ours.id, ""}
    )


def _compare(folder: Path) -> None:
    counts = dict.fromkeys(
        ("files", "same number of entries", "same title, link and id", "refused by both"), 0
    )
    for path in sorted(folder.rglob("*.xml")):
        body = path.read_bytes()
        theirs = feedparser.parse(BytesIO(body), response_headers={"content-location": URL}).entries
        counts["files"] += 1
        try:
            ours = parse_feed(body, URL).entries
        except ParseError:
            ours = ()
            counts["refused by both"] += not theirs
        if len(ours) == len(theirs):
            counts["same number of entries"] += 1
            counts["same title, link and id"] += all(map(_same, theirs, ours))
    for name, count in counts.items():
        print(f"{name}: {count} ({count / counts['files']:.1%})")


def main() -> None:
    """Print what was asked for."""
    warnings.simplefilter("ignore")
    short = "--short" in sys.argv
    packages = ", ".join(f"{name} {version(name)}" for name in ("feedparser", "lxml", "nh3"))
    build = "as it is" if Path(str(fastfeed.__file__)).suffix == ".py" else "compiled"
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {packages}; digest {build}\n"
    )
    _table(list(feeds(0.1 if short else 1.0)), runs=3 if short else 5)
    if folder := os.environ.get("DIGEST_FEEDPARSER_TESTS"):
        print()
        _compare(Path(folder))


if __name__ == "__main__":
    main()
