"""A corpus of odd and broken feeds, each with the entries that are to be read in it, written for this project.

Two entries, in three dialects of XML and in JSON, are damaged in every way that we have heard of, and a few that we have
not. What is expected was written down with the damage, from the rules (HAZARDS: recover what has an id or link and a
title; XML 1.0 characters only; titles are text, unescaped once), not from what the parser answered.

``python tests/odd_feeds.py`` writes the corpus into tests/feeds: ``NAME.xml`` or ``NAME.json``, and beside it
``NAME.expected.json``, the entries with those fields that are told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "feeds"
URL = "https://birch.example.org/feed"

Expected = Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class OddFeed:
    """One feed of the corpus."""

    name: str
    suffix: str
    body: bytes
    expected: Expected


FERRY: dict[str, object] = {
    "id": "tag:birch.example.org,2026:ferry",
    "url": "https://birch.example.org/2026/ferry",
    "title": "The ferry sails again",
    "published": "2026-11-18T09:30:00Z",
    "text": "Ines Kolb took the first ferry.\n\nIt needs an hour.",
}
BRIDGE: dict[str, object] = {
    "id": "tag:birch.example.org,2026:bridge",
    "url": "https://birch.example.org/2026/bridge",
    "title": "Fünf Brücken",
    "published": "2026-11-19T16:00:00Z",
    "text": "“Eine davon ist neu”, sagt Jonas Weidt – endlich.",
}
BOTH: Expected = (FERRY, BRIDGE)

FERRY_HTML = "&lt;p&gt;Ines Kolb took the &lt;b&gt;first&lt;/b&gt; ferry.&lt;/p&gt;&lt;p&gt;It needs an hour.&lt;/p&gt;"
BRIDGE_HTML = "&lt;p&gt;“Eine davon ist neu”, sagt Jonas Weidt – endlich.&lt;/p&gt;"

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
RSS = f"""{DECLARATION}<rss version="2.0"><channel><title>Birch &amp; Water</title><link>https://birch.example.org/</link>
<description>News of the valley</description>
<item><title>The ferry sails again</title><link>https://birch.example.org/2026/ferry</link>
<guid isPermaLink="false">tag:birch.example.org,2026:ferry</guid><pubDate>Wed, 18 Nov 2026 09:30:00 GMT</pubDate>
<description>{FERRY_HTML}</description></item>
<item><title>Fünf Brücken</title><link>https://birch.example.org/2026/bridge</link>
<guid isPermaLink="false">tag:birch.example.org,2026:bridge</guid><pubDate>Thu, 19 Nov 2026 17:00:00 +0100</pubDate>
<description>{BRIDGE_HTML}</description></item>
</channel></rss>
"""
ATOM = f"""{DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom"><title>Birch &amp; Water</title>
<id>tag:birch.example.org,2026:blog</id><updated>2026-11-20T10:00:00Z</updated>
<entry><title>The ferry sails again</title><link rel="alternate" href="https://birch.example.org/2026/ferry"/>
<id>tag:birch.example.org,2026:ferry</id><published>2026-11-18T09:30:00Z</published>
<content type="html">{FERRY_HTML}</content></entry>
<entry><title>Fünf Brücken</title><link rel="alternate" href="https://birch.example.org/2026/bridge"/>
<id>tag:birch.example.org,2026:bridge</id><published>2026-11-19T17:00:00+01:00</published>
<content type="html">{BRIDGE_HTML}</content></entry>
</feed>
"""
RDF = f"""{DECLARATION}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://birch.example.org/"><title>Birch &amp; Water</title>
<link>https://birch.example.org/</link></channel>
<item rdf:about="tag:birch.example.org,2026:ferry"><title>The ferry sails again</title>
<link>https://birch.example.org/2026/ferry</link><dc:date>2026-11-18T09:30:00Z</dc:date>
<description>{FERRY_HTML}</description></item>
<item rdf:about="tag:birch.example.org,2026:bridge"><title>Fünf Brücken</title>
<link>https://birch.example.org/2026/bridge</link><dc:date>2026-11-19T17:00:00+01:00</dc:date>
<description>{BRIDGE_HTML}</description></item>
</rdf:RDF>
"""
DIALECTS = {"rss": RSS, "atom": ATOM, "rdf": RDF}
_ENDS = {
    "rss": ("</item>", "</channel></rss>"),
    "atom": ("</entry>", "</feed>"),
    "rdf": ("</item>", "</rdf:RDF>"),
}

# ── damage that no entry may suffer from ─────────────────────────────────────────────────────────

_HARMLESS: Mapping[str, Callable[[str], bytes]] = {
    "as-it-should-be": lambda text: text.encode(),
    "blank-lines-first": lambda text: b"\n\r\n  \t" + text.encode(),
    "byte-order-mark": lambda text: text.encode("utf-8-sig"),
    "mark-then-blank-line": lambda text: b"\xef\xbb\xbf\n" + text.encode(),
    "utf-16-with-mark": lambda text: text.encode("utf-16"),
    "utf-16-declared": lambda text: text.replace("UTF-8", "UTF-16").encode("utf-16"),
    "utf-16-big-end": lambda text: b"\xfe\xff" + text.replace("UTF-8", "utf-16").encode("utf-16-be"),
    "utf-16-no-mark": lambda text: text.replace("UTF-8", "utf-16").encode("utf-16-le"),
    "utf-32-with-mark": lambda text: text.encode("utf-32"),
    "windows-1252-declared": lambda text: text.replace("UTF-8", "windows-1252").encode("cp1252"),
    "windows-1252-as-latin-1": lambda text: text.replace("UTF-8", "iso-8859-1").encode("cp1252"),
    "windows-1252-as-utf-8": lambda text: text.encode("cp1252"),
    "utf-8-as-latin-1-with-mark": lambda text: text.replace("UTF-8", "iso-8859-1").encode("utf-8-sig"),
    "no-declaration": lambda text: text.removeprefix(DECLARATION).encode(),
    "lower-case-encoding": lambda text: text.replace("UTF-8", "utf8").encode(),
    "single-quotes": lambda text: text.replace('"', "'").encode(),
    "line-feeds-of-windows": lambda text: text.replace("\n", "\r\n").encode(),
    "style-sheet-first": lambda text: text.replace("?>\n", '?>\n<?xml-stylesheet href="look.xsl" type="text/xsl"?>', 1).encode(),
    "comment-first": lambda text: text.replace("?>\n", "?>\n<!-- <div> of <p>whom</p>? -->\n", 1).encode(),
    "comment-with-dashes": lambda text: text.replace("?>\n", "?>\n<!-- made -- by hand -->\n", 1).encode(),
    "comments-inside": lambda text: text.replace("<title>", "<!-- here --><title>").encode(),
    "outer-doctype": lambda text: text.replace("?>\n", '?>\n<!DOCTYPE feed SYSTEM "https://birch.example.org/feed.dtd">\n', 1).encode(),
    "standalone": lambda text: text.replace("?>", ' standalone="yes"?>', 1).encode(),
    "control-characters": lambda text: text.replace("The ferry", "The\x0b \x01ferry").encode(),
    "nul-bytes": lambda text: text.replace("ferry sails", "ferry\x00 sails").encode(),
    "invisible-characters": lambda text: text.replace("The ferry", "The\u200b ferry\u202e").encode(),
    "decomposed-letters": lambda text: text.replace("ü", "u\u0308").encode(),
    "references-for-letters": lambda text: text.replace("ü", "&#252;").encode(),
    "hexadecimal-references": lambda text: text.replace("ü", "&#xFC;").encode(),
    "names-for-letters": lambda text: text.replace("ü", "&uuml;").encode(),
    "references-of-windows": lambda text: text.replace("“", "&#147;").replace("”", "&#148;").replace("–", "&#150;").encode(),
    "impossible-references": lambda text: text.replace("The ferry", "The &#x1F;&#0;&#1114112;ferry").encode(),
    "half-surrogates": lambda text: text.replace("The ferry", "The &#xD83D;ferry").encode(),
    "text-in-cdata": lambda text: text.replace("<title>", "<title><![CDATA[").replace("</title>", "]]></title>").replace("&amp;", "&").encode(),
    "space-around": lambda text: text.replace("<title>", "<title>\n\t ").replace("</title>", " \n</title>").encode(),
    "no-break-spaces": lambda text: text.replace("ferry sails", "ferry&nbsp;sails").encode(),
    "lines-in-titles": lambda text: text.replace("ferry sails", "ferry\n  sails").encode(),
    "unknown-elements": lambda text: text.replace("<title>", '<x:y xmlns:x="urn:x" z="1">w</x:y><title>').encode(),
    "prefix-not-declared": lambda text: text.replace("<title>The", "<wave:high>w</wave:high><title>The").encode(),
    "attribute-twice": lambda text: text.replace("<title>The", '<title a="1" a="2">The').encode(),
    "attribute-without-quotes": lambda text: text.replace("<title>The", "<title a=1>The").encode(),
    "noise-first": lambda text: b"Warning: something of the server on line 7\n" + text.encode(),
    "noise-last": lambda text: text.encode() + b"\n<!-- cached --> <script>x()</script> bye",
    "escaped-twice": lambda text: text.replace("&lt;", "&amp;lt;").replace("&gt;", "&amp;gt;").encode(),
    "scripts": lambda text: text.replace("&lt;p&gt;It", "&lt;script&gt;alert(1)&lt;/script&gt;&lt;p&gt;It").encode(),
    "stray-end-tags": lambda text: text.replace("<title>The", "</b></span><title>The").encode(),
    "no-end": lambda text: text.rstrip().rsplit("</", 1)[0].encode(),
}  # fmt: skip

# ── damage that shows ────────────────────────────────────────────────────────────────────────────


def _damaged(dialect: str) -> Iterator[tuple[str, str, Expected]]:
    """Name, document and what is left of it."""
    text = DIALECTS[dialect]
    item_end, end = _ENDS[dialect]

    def ferry(**changes: object) -> Expected:
        return ({**FERRY, **changes}, BRIDGE)

    yield (
        "bare-ampersand",
        text.replace("ferry sails", "ferry & the crew sail"),
        ferry(title="The ferry & the crew sail again"),
    )
    yield (
        "unknown-entity",
        text.replace("ferry sails", "ferry &bogus; sails"),
        ferry(title="The ferry &bogus; sails again"),
    )
    yield (
        "less-than",
        text.replace("The ferry", "5 &lt; 6: the ferry"),
        ferry(title="5 < 6: the ferry sails again"),
    )
    yield (
        "title-escaped-twice",
        text.replace("The ferry", "Q &amp;amp; A: the ferry"),
        ferry(
            title="Q & A: the ferry sails again" if dialect != "atom" else "Q &amp; A: the ferry sails again"
        ),
    )
    yield "long-title", text.replace("The ferry", "o" * 600), ferry(title="o" * 500)
    yield "no-title", text.replace("<title>The ferry sails again</title>", ""), ferry(title="")
    yield (
        "nonsense-date",
        text.replace("2026-11-18T09:30:00Z", "soon").replace("Wed, 18 Nov 2026 09:30:00 GMT", "soon"),
        ferry(published=None),
    )
    yield (
        "number-for-a-date",
        text.replace("2026-11-18T09:30:00Z", "1700000000").replace(
            "Wed, 18 Nov 2026 09:30:00 GMT", "1700000000"
        ),
        ferry(published=None),
    )
    yield (
        "thirteenth-month",
        text.replace("2026-11-18T09:30:00Z", "2026-13-01").replace(
            "Wed, 18 Nov 2026 09:30:00 GMT", "2026-13-01"
        ),
        ferry(published=None),
    )
    yield "relative-link", text.replace("https://birch.example.org/2026/ferry", "/2026/ferry"), BOTH
    yield (
        "script-for-a-link",
        text.replace("https://birch.example.org/2026/ferry", "javascript:alert(1)"),
        ferry(url=""),
    )
    cut = text.index(item_end) + len(item_end)
    yield "cut-in-second", text[: cut + 40], (FERRY,)
    third = text.replace(end, f"{item_end.replace('/', '')}<title>A third one")
    yield "cut-in-a-title", third, BOTH
    yield (
        "twice-the-same",
        text.replace(
            text[cut : text.rindex(item_end) + len(item_end)],
            text[cut : text.rindex(item_end) + len(item_end)] * 2,
        ),
        (FERRY, BRIDGE, BRIDGE),
    )
    yield (
        "tag-not-closed",
        text.replace(
            FERRY_HTML, FERRY_HTML.replace("&lt;", "<").replace("&gt;", ">").replace("hour.", "hour.<br>")
        ),
        BOTH,
    )
    yield "second-document", text + text, (*BOTH, *BOTH)
    yield "empty", text[: text.index("<item" if dialect != "atom" else "<entry")] + end, ()


_JSON: dict[str, object] = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Birch & Water",
    "items": [
        {
            "id": FERRY["id"],
            "url": FERRY["url"],
            "title": FERRY["title"],
            "date_published": FERRY["published"],
            "content_html": "<p>Ines Kolb took the <b>first</b> ferry.</p><p>It needs an hour.</p>",
        },
        {
            "id": BRIDGE["id"],
            "url": BRIDGE["url"],
            "title": BRIDGE["title"],
            "date_published": "2026-11-19T17:00:00+01:00",
            "content_text": BRIDGE["text"],
        },
    ],
}


def _json_feeds() -> Iterator[tuple[str, bytes, Expected]]:
    plain = json.dumps(_JSON, ensure_ascii=False)
    items = _JSON["items"]
    assert isinstance(items, list)

    def with_first(**changes: object) -> bytes:
        return json.dumps({**_JSON, "items": [{**items[0], **changes}, items[1]]}).encode()

    yield "as-it-should-be", plain.encode(), BOTH
    yield "escaped", json.dumps(_JSON).encode(), BOTH
    yield "byte-order-mark", plain.encode("utf-8-sig"), BOTH
    yield "blank-lines-first", b"\n\n \t" + plain.encode(), BOTH
    yield "version-1", plain.replace("1.1", "1").encode(), BOTH
    yield "noise-among-items", json.dumps({**_JSON, "items": [None, 3, "x", [], *items]}).encode(), BOTH
    yield "number-for-an-id", with_first(id=17), ({**FERRY, "id": "17"}, BRIDGE)
    yield "no-id", with_first(id=None), ({**FERRY, "id": FERRY["url"]}, BRIDGE)
    yield "no-title", with_first(title=None), ({**FERRY, "title": ""}, BRIDGE)
    yield "list-for-a-title", with_first(title=["x"]), ({**FERRY, "title": ""}, BRIDGE)
    yield "nonsense-date", with_first(date_published="soon"), ({**FERRY, "published": None}, BRIDGE)
    yield "number-for-a-date", with_first(date_published=1700000000), ({**FERRY, "published": None}, BRIDGE)
    yield "relative-link", with_first(url="/2026/ferry"), BOTH
    yield "script-for-a-link", with_first(url="javascript:alert(1)"), ({**FERRY, "url": ""}, BRIDGE)
    yield (
        "scripts",
        with_first(content_html="<script>x</script><p>One</p>"),
        ({**FERRY, "text": "One"}, BRIDGE),
    )
    yield "half-a-surrogate", with_first(title="The \ud83dferry sails again"), BOTH
    yield "control-characters", with_first(title="The \x01ferry\x0b sails again"), BOTH
    yield "strange-types", with_first(authors="x", tags={"a": 1}, attachments=7, summary=[]), BOTH
    yield "empty", json.dumps({**_JSON, "items": []}).encode(), ()


def corpus() -> Iterator[OddFeed]:
    """All of them."""
    for dialect, text in DIALECTS.items():
        for name, damage in _HARMLESS.items():
            yield OddFeed(f"{dialect}-{name}", "xml", damage(text), BOTH)
        for name, damaged, expected in _damaged(dialect):
            yield OddFeed(f"{dialect}-{name}", "xml", damaged.encode(), expected)
    for name, body, expected in _json_feeds():
        yield OddFeed(f"json-{name}", "json", body, expected)


def main() -> None:
    """Write the corpus."""
    FOLDER.mkdir(exist_ok=True)
    for feed in corpus():
        (FOLDER / f"{feed.name}.{feed.suffix}").write_bytes(feed.body)
        expected = json.dumps(feed.expected, ensure_ascii=False, indent=1)
        (FOLDER / f"{feed.name}.expected.json").write_text(expected + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
