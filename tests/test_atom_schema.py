"""The schema check finds what it must: controls for every test that relies on its silence."""

from __future__ import annotations

import pytest

from atom_schema import check

GOOD = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<id>tag:example.org,2026:weekly</id><title>Weekly</title><updated>2026-11-22T09:00:00Z</updated>
<author><name>Desk</name><uri>https://example.org/</uri></author>
<link rel="self" type="application/atom+xml" href="https://example.org/atom.xml"/>
<link rel="alternate" type="text/html" href="https://example.org/"/>
<entry>
<id>tag:example.org,2026:weekly/1</id><title>One</title>
<published>2026-11-21T09:00:00Z</published><updated>2026-11-22T09:00:00+00:00</updated>
<link rel="alternate" type="text/html" href="https://example.org/1"/>
<link rel="related" type="text/html" href="https://blog.example.org/a"/>
<category term="water" scheme="tag:example.org,2026:themes" label="Water"/>
<content type="html">&lt;p&gt;Hello &lt;a href="https://example.org/x"&gt;x&lt;/a&gt;&lt;/p&gt;</content><summary>Hello</summary>
</entry>
</feed>"""

THREAD = 'xmlns:thr="http://purl.org/syndication/thread/1.0" thr:count'
HISTORY = 'xmlns="http://purl.org/syndication/history/1.0"'
MEDIA = 'xmlns="http://search.yahoo.com/mrss/"'

BROKEN = [
    ("not well-formed", "</entry>", ""),
    ("not atom:feed", "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"),
    ("has no id", "<id>tag:example.org,2026:weekly</id>", ""),
    ("has no title, or an empty one", "<title>One</title>", "<title> </title>"),
    ("has 2 title elements", "<title>One</title>", "<title>One</title><title>Two</title>"),
    ("no absolute IRI (§4.2.6)", "<id>tag:example.org,2026:weekly/1</id>", "<id>weekly/1</id>"),
    ("share the id", "2026:weekly/1</id>", "2026:weekly</id>"),
    ("no date of RFC 3339", "2026-11-21T09:00:00Z", "2026-11-21 09:00:00"),
    ("no date of RFC 3339", "2026-11-21T09:00:00Z", "2026-11-21T09:00:00"),
    ("no date of RFC 3339", "2026-11-21T09:00:00Z", "2026-13-21T09:00:00Z"),
    ("updated before it was published", "2026-11-21T09:00:00Z", "2026-11-23T09:00:00Z"),
    ("updated after its feed", "<updated>2026-11-22T09:00:00Z", "<updated>2026-11-20T09:00:00Z"),
    ("has no xml:lang", ' xml:lang="en"', ""),
    ("has an author", "<author><name>Desk</name><uri>https://example.org/</uri></author>", ""),
    ("author: has no name", "<name>Desk</name>", ""),
    ("its uri", "<uri>https://example.org/</uri>", "<uri>/home</uri>"),
    ("0 links to itself", 'rel="self"', 'rel="related"'),
    ("2 alternates", 'rel="related"', 'rel="alternate"'),
    (
        "2 links alternate to https://example.org/1",
        'rel="related" type="text/html" href="https://blog.example.org/a"',
        'rel="alternate" type="text/html" href="https://example.org/1"',
    ),
    ("is no media type", 'rel="related" type="text/html"', 'rel="related"'),
    ("is no registered relation", 'rel="related"', 'rel="friend"'),
    ("rel ''", 'rel="related" ', ""),
    ("is no absolute IRI (§4.2.7.1)", "https://blog.example.org/a", "/a"),
    ("is no number of bytes", 'rel="related"', 'rel="enclosure" length="12 KB"'),
    ("is of no replies", 'rel="related"', f'rel="related" {THREAD}="3"'),
    ("is of no replies", 'rel="related"', f'rel="replies" {THREAD}="some"'),
    ("links to the current document", "<entry>", f"<archive {HISTORY}/><entry>"),
    ("media:thumbnail", "<summary>", f'<thumbnail {MEDIA} url="/p.jpg" width="1" height="1"/><summary>'),
    ("media:thumbnail", "<summary>", f'<thumbnail {MEDIA} url="https://a.example/p.jpg"/><summary>'),
    ("source: has no updated", "<summary>", "<source><id>tag:x,2026:</id><title>X</title></source><summary>"),
    ("type 'CDATA'", '<content type="html">', '<content type="CDATA">'),
    ("must not have elements", "&lt;p&gt;Hello", "<p/>&lt;p&gt;Hello"),
    ("has the address '/x'", "https://example.org/x", "/x"),
    ("has the address 'javascript:x'", "https://example.org/x", "javascript:x"),
    ("has a <script>", "&lt;p&gt;Hello", "&lt;script&gt;1&lt;/script&gt;"),
    ("has a handler onclick", "&lt;p&gt;Hello", "&lt;p onclick=x&gt;Hello"),
    ("no absolute scheme", ' scheme="tag:example.org,2026:themes"', ""),
    ("has no label", ' label="Water"', ""),
    ("that Atom does not know there", "<summary>Hello</summary>", "<description>Hello</description>"),
    ("source: has no id", "<summary>Hello</summary>", "<source><title>S</title></source>"),
    ("plain text with elements", "<summary>Hello</summary>", "<summary><b>Hello</b></summary>"),
]


def test_a_feed_that_keeps_the_rules_has_no_finding() -> None:
    """Silence means valid."""
    assert check(GOOD.encode()) == []


@pytest.mark.parametrize(("finding", "was", "becomes"), BROKEN)
def test_each_broken_rule_is_found(finding: str, was: str, becomes: str) -> None:
    """Breaking one rule of a valid feed gives the finding that names it."""
    broken = GOOD.replace(was, becomes, 1)
    assert broken != GOOD
    assert any(finding in found for found in check(broken.encode())), check(broken.encode())


def test_an_entry_needs_content_or_a_page() -> None:
    """RFC 4287 §4.1.2: without content there must be an alternate link."""
    start, end = GOOD.index("<content"), GOOD.index("<summary>")
    without = (GOOD[:start] + GOOD[end:]).replace(
        'rel="alternate" type="text/html" href="https://example.org/1"',
        'rel="via" type="text/html" href="https://example.org/1"',
    )
    assert check(without.encode()) == [
        "tag:example.org,2026:weekly/1: has neither content nor an alternate link (§4.1.2)"
    ]
