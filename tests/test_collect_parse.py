"""collect/parse.py: feeds of every format, and of every kind of disrepair, as entries."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.collect.parse import is_page, parse_feed
from digest.errors import ParseError
from digest.model import Comments, Entry, PostKind, SourceFeed
from effort import effort

URL = "https://elm.example.org/feed.xml"
REAL = Path(__file__).parent.parent.parent / "shared" / "feeds"

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"
 xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"
 ><channel><title>Elm &amp;amp; Ash</title><link>https://elm.example.org/</link>%s</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns:yt="http://www.youtube.com/xml/schemas/2015"
 ><title>Elm</title><id>tag:elm.example.org,2026:blog</id><updated>2026-11-20T10:00:00Z</updated>%s</feed>"""
ATOM_ENTRY = "<entry><id>tag:elm.example.org,2026:1</id><title>T</title><updated>2026-11-20T10:00:00Z</updated>%s</entry>"


def rss(items: str) -> SourceFeed:
    """An RSS feed with these items, read."""
    return parse_feed((RSS % items).encode(), URL)


def item(inside: str) -> Entry:
    """The only item of an RSS feed, read."""
    (entry,) = rss(f"<item>{inside}</item>").entries
    return entry


def atom(inside: str) -> Entry:
    """The only entry of an Atom feed, read."""
    (entry,) = parse_feed((ATOM % (ATOM_ENTRY % inside)).encode(), URL).entries
    return entry


# ── formats ──────────────────────────────────────────────────────────────────────────────────────


def test_an_rss_item_becomes_an_entry() -> None:
    """Every field that RSS 2.0 and its usual modules have."""
    feed = rss(
        """<language>en-GB</language><ttl>90</ttl><item><title>The dam</title><link>/2026/dam</link>
        <guid isPermaLink="false">elm-17</guid><pubDate>Fri, 20 Nov 2026 11:30:00 +0100</pubDate>
        <dc:creator>Mira Halden</dc:creator><category>Water</category><category><![CDATA[Law &amp; order]]></category>
        <description>Short.</description><content:encoded><![CDATA[<p>The <b>long</b> text.</p>]]></content:encoded>
        <slash:comments>4</slash:comments><comments>/2026/dam#c</comments></item>"""
    )
    assert (feed.title, feed.url, feed.language, feed.ttl_minutes) == (
        "Elm & Ash",
        "https://elm.example.org/",
        "en",
        90,
    )
    assert feed.entries == (
        Entry(
            id="elm-17",
            url="https://elm.example.org/2026/dam",
            title="The dam",
            authors=("Mira Halden",),
            published=datetime(2026, 11, 20, 10, 30, tzinfo=UTC),
            labels=("Water", "Law & order"),
            language="en",
            html="<p>The <b>long</b> text.</p>",
            text="The long text.",
            summary="Short.",
            comments=Comments(4, "https://elm.example.org/2026/dam#c"),
        ),
    )


def test_an_atom_entry_becomes_an_entry() -> None:
    """Content before summary, relative links from xml:base, replies with their count, the next page."""
    body = ATOM % (
        '<link rel="next" href="?page=2"/><author><name>Desk</name></author>'
        '<entry xml:lang="de" xml:base="https://elm.example.org/2026/"><id>tag:elm.example.org,2026:7</id>'
        '<title type="html">Strom &amp;amp; &lt;em&gt;Wasser&lt;/em&gt;</title><link rel="edit" href="e"/>'
        '<link rel="replies" type="application/atom+xml" href="r.atom"/><link rel="replies" type="text/html" href="r"/>'
        '<link rel="alternate" type="text/html" href="strom"/><thr:total>12</thr:total>'
        "<published>2026-11-19T08:00:00</published><updated>2026-11-20T09:00:00.5+01:00</updated>"
        '<category term="w" label="Wasser"/><summary>Kurz.</summary>'
        '<content type="html">&lt;p&gt;&lt;a href="damm"&gt;Damm&lt;/a&gt;&lt;/p&gt;</content></entry>'
    )
    feed = parse_feed(body.encode(), URL)
    (entry,) = feed.entries
    assert feed.next_url == "https://elm.example.org/feed.xml?page=2"
    assert (entry.url, entry.title) == ("https://elm.example.org/2026/strom", "Strom & Wasser")
    assert entry.html == '<p><a href="https://elm.example.org/2026/damm">Damm</a></p>'
    assert (entry.text, entry.summary, entry.authors, entry.labels) == (
        "Damm",
        "Kurz.",
        ("Desk",),
        ("Wasser",),
    )
    assert entry.published == datetime(2026, 11, 19, 8, 0, tzinfo=UTC)
    assert entry.updated == datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    assert entry.comments == Comments(12, "https://elm.example.org/2026/r")
    assert entry.language == "de"


def test_xhtml_content_is_html() -> None:
    """Also where every line break is an element with an end."""
    content = '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>a<br/>b &amp; c</p></div></content>'
    assert atom(content).text == "a\nb & c"


def test_plain_text_content_keeps_its_paragraphs() -> None:
    """And its angle brackets are words."""
    entry = atom('<content type="text">One &lt;two&gt;\nthree\n\nfour</content>')
    assert entry.text == "One <two>\nthree\n\nfour"


def test_rdf_and_old_dialects_are_feeds() -> None:
    """RSS 1.0 with Dublin Core, RSS 0.91 with Netscape's document type, Atom 0.3."""
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
      xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="x"><title>R</title></channel>
      <item rdf:about="https://elm.example.org/r"><title>A</title><link>https://elm.example.org/r</link>
      <dc:date>2026-11-01</dc:date></item></rdf:RDF>"""
    old = """<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "https://elm.example.org/rss.dtd">
      <rss version="0.91"><channel><title>O</title><item><title>B</title><link>https://elm.example.org/o</link></item>
      </channel></rss>"""
    atom03 = """<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Z</title><entry><title>C</title><id>urn:z</id>
      <link rel="alternate" type="text/html" href="https://elm.example.org/z"/><issued>2026-11-02T10:00:00Z</issued></entry></feed>"""
    first, second, third = (parse_feed(body.encode(), URL).entries[0] for body in (rdf, old, atom03))
    assert (first.title, first.published) == ("A", datetime(2026, 11, 1, tzinfo=UTC))
    assert (second.title, second.url) == ("B", "https://elm.example.org/o")
    assert (third.title, third.published) == ("C", datetime(2026, 11, 2, 10, tzinfo=UTC))


def test_a_json_feed_is_a_feed() -> None:
    """Version 1.1 with its authors and attachments, and 1.0 with its author; ids may be numbers."""
    data = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Elm",
        "home_page_url": "https://elm.example.org/",
        "language": "en",
        "next_url": "/feed2.json",
        "author": {"name": "Desk"},
        "items": [
            {
                "id": 17,
                "url": "/dam",
                "title": "The dam",
                "content_html": '<p><a href="more">More</a> water</p>',
                "summary": "About the dam.",
                "date_published": "2026-11-20T10:00:00+02:00",
                "tags": ["Water", 3],
                "authors": [{"name": "Mira Halden"}, {"url": "x"}],
                "attachments": [{"url": "https://elm.example.org/dam.mp4", "mime_type": "video/mp4"}],
            },
            {"id": "b", "content_text": "Only\n\ntext", "external_url": "https://example.net/x"},
            "nonsense",
        ],
    }
    feed = parse_feed(b"\xef\xbb\xbf\n" + json.dumps(data).encode(), URL)
    first, second = feed.entries
    assert (feed.title, feed.next_url, feed.author) == ("Elm", "https://elm.example.org/feed2.json", "Desk")
    assert (first.id, first.url, first.labels) == ("17", "https://elm.example.org/dam", ("Water",))
    assert first.html == '<p><a href="https://elm.example.org/more">More</a> water</p>'
    assert (first.authors, first.summary) == (("Mira Halden",), "About the dam.")
    assert first.published == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert [(video.platform, video.url) for video in first.videos] == [
        ("file", "https://elm.example.org/dam.mp4")
    ]
    assert (second.text, second.url, second.authors) == ("Only\n\ntext", "https://example.net/x", ("Desk",))


# ── text ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("Plain", "Plain"),
        ("Bread &amp; water", "Bread & water"),
        ("Bread &amp;amp; water", "Bread & water"),
        ("<![CDATA[Bread &amp; <i>water</i>]]>", "Bread & water"),
        ("1 &lt; 2", "1 < 2"),
        ("caf&#233; &#146;x&#146;", "café ’x’"),
        ("a\u202eb\n  c", "ab c"),
    ],
)
def test_titles_are_text_unescaped_once(source: str, title: str) -> None:
    """Without markup, invisible characters and line breaks."""
    assert item(f"<title>{source}</title><guid>x</guid>").title == title


def test_an_atom_title_of_type_text_is_literal() -> None:
    """RFC 4287 §3.1.1.1: its angle brackets are words."""
    body = ATOM % "<entry><id>urn:x</id><title>The &lt;b&gt; tag</title></entry>"
    assert parse_feed(body.encode(), URL).entries[0].title == "The <b> tag"


@pytest.mark.parametrize(
    "source",
    [
        "&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two &amp;amp; three&lt;/p&gt;",
        "&amp;lt;p&amp;gt;One&amp;lt;/p&amp;gt;&amp;lt;p&amp;gt;Two &amp;amp; three&amp;lt;/p&amp;gt;",
        "<![CDATA[&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two &amp;amp; three&lt;/p&gt;]]>",
        "One\n\nTwo &amp; three",
    ],
)
def test_html_is_recognised_however_often_it_was_escaped(source: str) -> None:
    """Escaped once, twice, and not at all."""
    assert item(f"<title>x</title><description>{source}</description>").text == "One\n\nTwo & three"


def test_the_longer_of_description_and_content_is_the_text() -> None:
    """Some blogs put a stub into content:encoded; the other one is the summary if it says something else."""
    entry = item(
        "<description>A long and full description.</description><content:encoded>Stub</content:encoded>"
    )
    assert (entry.text, entry.summary) == ("A long and full description.", "")


@pytest.mark.parametrize(
    "summary", ["The river rose.", "The river […]", "The river rose. It … Continue reading The dam"]
)
def test_a_summary_that_is_the_beginning_of_the_text_is_none(summary: str) -> None:
    """Excerpts that blog systems cut off say nothing of their own."""
    content = "<content:encoded>The river rose. It fell again.</content:encoded>"
    assert item(f"<title>x</title><description>{summary}</description>{content}").summary == ""


@pytest.mark.parametrize(
    ("source", "authors"),
    [
        ("<author>mira@elm.example (Mira Halden)</author>", ("Mira Halden",)),
        (
            "<dc:creator>Mira Halden</dc:creator><dc:creator>Tomas Brandt</dc:creator>",
            ("Mira Halden", "Tomas Brandt"),
        ),
        ("<author>Mira Halden &lt;mira@elm.example&gt;</author>", ("Mira Halden",)),
        ("<author>desk@elm.example</author>", ()),
        ("<author>noreply@blogger.com (Unknown)</author>", ()),
        ("", ()),
    ],
)
def test_authors_are_names(source: str, authors: tuple[str, ...]) -> None:
    """No addresses, no placeholders."""
    assert item(f"<title>x</title>{source}").authors == authors


def test_blogger_s_kinds_are_no_labels() -> None:
    """Nor are other categories that Google's schemas define."""
    labels = (
        '<category scheme="http://www.blogger.com/atom/ns#" term="Water"/><category term="Schools"/>'
        '<category scheme="http://schemas.google.com/g/2005#kind" term="http://schemas.google.com/blogger/2008/kind#post"/>'
    )
    assert atom(labels).labels == ("Water", "Schools")


def test_feedburner_s_redirect_is_not_the_address() -> None:
    """The original link is."""
    links = "<link>https://proxy.example.net/~r/x</link><feedburner:origLink>https://elm.example.org/dam</feedburner:origLink>"
    assert item(f"<title>x</title>{links}").url == "https://elm.example.org/dam"


def test_an_item_without_id_or_link_is_known_by_its_words() -> None:
    """The same words give the same identity, others another."""
    first, same, other = (item(f"<title>{title}</title>").id for title in ("A", "A", "B"))
    assert first == same != other


# ── dates ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Fri, 20 Nov 2026 10:00:00 GMT", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 10:00:00 EST", datetime(2026, 11, 20, 15, tzinfo=UTC)),
        ("20 Nov 26 10:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20 10:00:00 +0100", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("Thu, 31 Dec 2026 23:30:00 -0500", datetime(2027, 1, 1, 4, 30, tzinfo=UTC)),
        ("1700000000", None),
        ("2026-13-01", None),
        ("2026-02-30T10:00:00Z", None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_utc_or_nothing(source: str, expected: datetime | None) -> None:
    """A date without a zone is in UTC; nonsense is no date."""
    assert item(f"<title>x</title><pubDate>{source}</pubDate>").published == expected


def test_an_entry_that_was_only_updated_was_published_then() -> None:
    """Some feeds give nothing else."""
    assert atom("").published == atom("").updated == datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "minutes"),
    [
        ("<ttl>30</ttl>", 30),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 360),
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", 60),
        ("<ttl>soon</ttl>", None),
        ("<sy:updatePeriod>often</sy:updatePeriod>", None),
    ],
)
def test_how_long_a_feed_wants_to_be_left_alone(asked: str, minutes: int | None) -> None:
    """By ttl or by the syndication module."""
    assert rss(asked).ttl_minutes == minutes


@pytest.mark.parametrize(
    ("asked", "hours"),
    [
        ("<skipHours><hour>5</hour><hour> 23 </hour><hour>5</hour><hour>24</hour></skipHours>", (0, 5, 23)),
        ("<skipHours><hour>25</hour><hour>noon</hour><hour>-1</hour></skipHours>", ()),
        ("<skipHours/>", ()),
        ("<skipHours><day>5</day></skipHours>", ()),
        ("", ()),
    ],
)
def test_the_hours_in_which_a_feed_wants_to_be_left_alone(asked: str, hours: tuple[int, ...]) -> None:
    """RSS 2.0 skipHours: sorted, each once, nonsense dropped."""
    assert rss(asked).skip_hours == hours


def test_an_older_page_is_that_of_a_paged_or_of_an_archived_feed() -> None:
    """RFC 5005: next before prev-archive."""
    archived = '<link rel="prev-archive" href="/2025.atom"/>'
    assert parse_feed((ATOM % archived).encode(), URL).next_url == "https://elm.example.org/2025.atom"
    both = archived + '<link rel="next" href="?page=2"/>'
    assert parse_feed((ATOM % both).encode(), URL).next_url == "https://elm.example.org/feed.xml?page=2"


# ── videos ───────────────────────────────────────────────────────────────────────────────────────

MEDIA_GROUP = """<yt:videoId>Abc-_123xyZ</yt:videoId><author><name>Elm Valley TV</name></author>
<link rel="alternate" href="https://www.youtube.com/watch?v=Abc-_123xyZ"/>
<media:group><media:title>T</media:title><media:content url="https://www.youtube.com/v/Abc-_123xyZ?version=3"
type="application/x-shockwave-flash"/><media:thumbnail url="https://i3.ytimg.com/vi/Abc-_123xyZ/hqdefault.jpg"/>
<media:description>About water &amp; people.

More: https://elm.example.org/?a=1&amp;lt=2</media:description></media:group>"""


def test_an_entry_of_a_channel_is_its_video() -> None:
    """With title, channel and picture; its description is plain text in paragraphs."""
    entry = atom(MEDIA_GROUP)
    (video,) = entry.videos
    assert entry.kind is PostKind.VIDEO
    assert (video.platform, video.id, video.title, video.channel) == (
        "youtube",
        "Abc-_123xyZ",
        "T",
        "Elm Valley TV",
    )
    assert video.thumbnail == "https://i3.ytimg.com/vi/Abc-_123xyZ/hqdefault.jpg"
    assert entry.text == "About water & people.\n\nMore: https://elm.example.org/?a=1&lt=2"


@pytest.mark.parametrize(
    ("told", "views"), [('views="0"', 0), ('views="1234"', 1234), ('views="many"', None), ("", None)]
)
def test_a_video_s_views_are_known(told: str, views: int | None) -> None:
    """None yet is not the same as nothing said: a premiere has none."""
    community = f"<media:community><media:statistics {told}/></media:community></media:group>"
    assert atom(MEDIA_GROUP.replace("</media:group>", community)).views == views


def test_an_entry_of_a_peertube_channel_is_its_video() -> None:
    """A feed of the site that plays the video."""
    page = "https://tube.example/w/kkGMgK9ZtnKfYAgnEtQxbv"
    body = RSS % f"<item><title>A talk</title><link>{page}</link><description>Words.</description></item>"
    (entry,) = parse_feed(body.encode(), "https://tube.example/feeds/videos.xml").entries
    assert (entry.kind, entry.videos[0].platform, entry.text) == (PostKind.VIDEO, "peertube", "Words.")


def test_a_post_with_a_video_is_still_a_post() -> None:
    """Its own media first, then the players in it, each once."""
    entry = item(
        '<title>x</title><media:content url="https://elm.example.org/a.mp4" medium="video"/>'
        "<description>&lt;p&gt;Words&lt;/p&gt;&lt;iframe src='//youtu.be/Abc-_123xyZ'&gt;&lt;/iframe&gt;"
        "&lt;iframe src='//www.youtube.com/embed/Abc-_123xyZ'&gt;&lt;/iframe&gt;</description>"
    )
    assert entry.kind is PostKind.ARTICLE
    assert [video.platform for video in entry.videos] == ["file", "youtube"]


def test_media_alone_is_a_video() -> None:
    """An item that has nothing else to say."""
    entry = item(
        '<title>x</title><enclosure url="https://elm.example.org/a.mp4" type="video/mp4" length="1"/>'
    )
    assert (entry.kind, entry.videos[0].title) == (PostKind.VIDEO, "x")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://1.bp.blogspot.com/-a/b/s72-c/reel.jpg", "https://1.bp.blogspot.com/-a/b/s640/reel.jpg"),
        ("https://1.bp.blogspot.com/s72-c/b/s72-c/s.png", "https://1.bp.blogspot.com/s72-c/b/s640/s.png"),
        ("https://blogger.googleusercontent.com/img/a/AV=s72-w-c-h72", None),
        (
            "https://blogger.googleusercontent.com/img/a/AV=s72-c",
            "https://blogger.googleusercontent.com/img/a/AV=s640",
        ),
        ("https://blogger.googleusercontent.com/img/b/s72-w400-c/x.jpg", None),
        ("https://3.bp.blogspot.com/-a/s1600/reel.jpg", None),
        ("https://elm.example.org/s72-c/reel.jpg", None),
        ("https://bp.blogspot.com.example.org/s72-c/reel.jpg", None),
    ],
)
def test_a_small_square_of_blogger_gives_way_to_the_whole_picture(given: str, expected: str | None) -> None:
    """Its servers cut pictures to the size that their address names; what another host names so stays."""
    enclosure = '<enclosure url="https://elm.example.org/a.mp4" type="video/mp4" length="1"/>'
    entry = item(f'<title>x</title>{enclosure}<media:thumbnail url="{given}" width="72" height="72"/>')
    assert entry.videos[0].thumbnail == (expected or given)


def test_replies_of_a_link_are_counted() -> None:
    """RFC 4685 §4: thr:count on the link; without any count nothing is known."""
    assert atom('<link rel="replies" type="text/html" href="/r" thr:count="3"/>').comments == Comments(
        3, "https://elm.example.org/r"
    )
    assert atom('<link rel="replies" type="text/html" href="/r"/>').comments is None


# ── disrepair ────────────────────────────────────────────────────────────────────────────────────

GOOD_ITEM = "<item><title>A</title><link>https://elm.example.org/a</link><description>x</description></item>"


@pytest.mark.parametrize(
    "body",
    [
        b"\n \n" + (RSS % GOOD_ITEM).encode(),
        b"\xef\xbb\xbf" + (RSS % GOOD_ITEM).encode(),
        b"\xef\xbb\xbf\n" + (RSS % GOOD_ITEM).encode(),
        (RSS % GOOD_ITEM).encode("utf-16"),
        (RSS % GOOD_ITEM).replace("?>", ' encoding="utf-16"?>', 1).encode("utf-16"),
        (RSS % GOOD_ITEM).replace("?>", ' encoding="iso-8859-1"?>', 1).encode("utf-8-sig"),
        (RSS % GOOD_ITEM.replace(">A<", ">A\x0b\x01<")).encode(),
        (RSS % GOOD_ITEM.replace(">x<", ">Q & A, x&nbsp;y &bogus; &#1114112; &#x1F;<")).encode(),
        (RSS % GOOD_ITEM.replace(">x<", "><b>x<br></p><")).encode(),
        (RSS % (GOOD_ITEM + "<item><title>B</ti")).encode()[:-60],
        (RSS % (GOOD_ITEM + "<item><description>no title, no link")).encode(),
        (RSS % GOOD_ITEM).encode().replace(b"</channel></rss>", b""),
        b"Warning: a notice of the server\n" + (RSS % GOOD_ITEM).encode(),
    ],
    ids=range(13),
)
def test_what_can_be_recovered_is(body: bytes) -> None:
    """Blank lines, marks, wrong declarations, control characters, bare ampersands, missing ends, noise in front."""
    assert [entry.title for entry in parse_feed(body, URL).entries] == ["A"]


def test_a_wrong_charset_is_repaired() -> None:
    """Latin letters in a document that calls itself UTF-8."""
    body = (
        (RSS % GOOD_ITEM).replace(">A<", ">Größe<").replace("?>", ' encoding="utf-8"?>', 1).encode("latin-1")
    )
    assert parse_feed(body, URL).entries[0].title == "Größe"


def test_ampersands_in_cdata_are_left_alone() -> None:
    """They are the HTML's own."""
    entry = item(
        "<title>a & b</title><description><![CDATA[<a href='/?x=1&copy=2'>Q & A</a>]]></description>"
    )
    assert (entry.title, entry.text) == ("a & b", "Q & A")
    assert entry.html == '<a href="https://elm.example.org/?x=1&amp;copy=2">Q &amp; A</a>'


def test_the_titles_of_a_silent_feed_help_to_tell_its_language() -> None:
    """Of a short entry as well; one in another language is told by itself."""
    titles = [
        "The dam and the ferry",
        "Who has the keys of the valley",
        "News from the town hall",
        "Was wird aus der Brücke und dem Tal",
    ]
    feed = parse_feed(
        (RSS % "".join(f"<item><title>{title}</title></item>" for title in titles)).encode(), URL
    )
    assert [entry.language for entry in feed.entries] == ["en", "en", "en", "de"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"hello", "broken"),
        (b"<x><y/></x>", "neither RSS"),
        (b"<!DOCTYPE html><html><body>Please sign in</body></html>", "web page"),
        (b'{"items": []}', "JSON"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": 3}', "JSON"),
        (b'{"a": ' + b"[" * 100_000, "JSON"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "JSON"),
        (
            b'<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><rss version="2.0"><channel/></rss>',
            "entities",
        ),
        (b"<?xml version='1.0'?><!-- c --><!DOCTYPE x SYSTEM 'file:///x' [ ]><rss/>", "entities"),
        ((RSS % "<!DOCTYPE x [").encode("utf-16")[:40] + b"\x00", "not a feed"),
        (b"<rss>" + b"<x>" * 100_000, "inside each other"),
        (
            b"<rss><x " + b" ".join(b'a%d="1"' % number for number in range(50_000)) + b"/></rss>",
            "attributes",
        ),
        (b"<rss>" + b"<x " * 100_000, "no end"),
        (
            (
                RSS % ("<item>" + "".join(f"<category>{n}</category>" for n in range(60_000)) + "</item>")
            ).encode(),
            "labels",
        ),
        (
            (
                RSS
                % ("<item><media:keywords>" + ",".join(map(str, range(60_000))) + "</media:keywords></item>")
            ).encode(),
            "labels",
        ),
        (
            (
                RSS % ("<item><title " + " ".join(f'a{n}="1"' for n in range(60_000)) + ">x</title></item>")
            ).encode(),
            "attributes",
        ),
        (b"<rss>" + b"x" * (10 * 1024 * 1024), "too large"),
        (bytes(range(256)) * 50, "not a feed"),
    ],
    ids=range(20),
)
def test_what_is_no_feed_says_why(body: bytes, why: str) -> None:
    """One sentence with the address, and nothing but our own error, in no time."""
    with effort() as spent:
        with pytest.raises(ParseError, match=why) as caught:
            parse_feed(body, URL)
        assert str(caught.value).startswith(URL)
    assert spent.seconds < 2


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: (RSS % text).encode("utf-8", "replace"))
)
@settings(max_examples=150, deadline=None)
def test_nothing_escapes_but_our_own_error(body: bytes) -> None:
    """Whatever the bytes."""
    try:
        feed = parse_feed(body, URL)
    except ParseError:
        return
    assert all(entry.id for entry in feed.entries)


@pytest.mark.parametrize("newest_first", [True, False])
def test_of_many_entries_the_newest_are_kept(newest_first: bool) -> None:
    """A thousand, whichever way the feed is ordered, and without parsing the rest."""
    days = sorted(range(1_500), reverse=newest_first)
    items = "".join(
        f"<item><title>{day}</title><guid>{day}</guid><pubDate>2026-01-{1 + day // 60:02}T00:{day % 60:02}:00Z</pubDate></item>"
        for day in days
    )
    kept = [int(entry.title) for entry in rss(items).entries]
    assert kept == [day for day in days if day >= 500]


def test_what_a_page_is_and_what_not() -> None:
    """By the first tag that tells; JSON and feeds may have HTML in them."""
    assert is_page(b"<!-- x -->\n<!doctype HTML><title>x</title>")
    assert is_page("<html><body>ü</body></html>".encode("utf-16"))
    assert not is_page((RSS % "<description>&lt;html&gt;<p >x</p ></description>").encode())
    assert not is_page(b'{"version": "x", "items": [{"content_html": "<p class=x>"}]}')
    assert not is_page(b"words")


@pytest.mark.skipif(not REAL.is_dir(), reason=f"the real feeds are not at {REAL.name}/ beside this checkout")
@pytest.mark.parametrize(
    ("name", "count", "kind"),
    [
        ("blogger.atom", 25, PostKind.ARTICLE),
        ("blog.xml", 10, PostKind.ARTICLE),
        ("wordpress.rss", 10, PostKind.ARTICLE),
        ("news.atom", 60, PostKind.ARTICLE),
        ("jsonfeed.json", 20, PostKind.ARTICLE),
        ("youtube.xml", 15, PostKind.VIDEO),
        ("youtube-de.xml", 15, PostKind.VIDEO),
    ],
)
def test_real_feeds_are_read_in_full(name: str, count: int, kind: PostKind) -> None:
    """All entries, each with its own id, address, title, date, text and language."""
    entries = parse_feed((REAL / name).read_bytes(), f"https://feeds.example.org/{name}").entries
    assert len(entries) == len({entry.id for entry in entries}) == count
    assert {entry.kind for entry in entries} == {kind}
    for entry in entries:
        assert entry.url.startswith("http")
        assert entry.title
        assert entry.published
        assert entry.authors
        assert entry.language in {"en", "de", "es"}
        assert entry.videos or kind is PostKind.ARTICLE
    assert sum(bool(entry.text) for entry in entries) >= count - 1
