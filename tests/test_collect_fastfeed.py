"""collect/fastfeed.py: the fast way to read a feed gives what the careful way gives, or gives up."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import odd_feeds
from digest.collect import fastfeed, xmlfeed
from digest.collect.parse import parse_feed, parse_new

URL = "https://alder.example.org/feed"
_SPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/DTDs/PodCast-1.0.dtd" '
    'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:thr="http://purl.org/syndication/thread/1.0" '
    'xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:fb="http://rssnamespace.org/feedburner/ext/1.0" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:dcterms="http://purl.org/dc/terms/" '
)
_RSS = f'<rss version="2.0" {_SPACES} xmlns:atom="http://www.w3.org/2005/Atom"><channel>%s</channel></rss>'
_RDF = f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" {_SPACES} xmlns="http://purl.org/rss/1.0/">%s</rdf:RDF>'
_ATOM = f'<feed xmlns="http://www.w3.org/2005/Atom" {_SPACES} xml:lang="en-GB">%s</feed>'


def is_fast(document: str) -> bool:
    """Whether a document is plain enough."""
    return fastfeed.opened(document.encode(), URL) is not None


# ── the same entries ─────────────────────────────────────────────────────────────────────────────

_MEMBERS = [
    *("<title>One</title>", '<title type="html">Two &amp;lt;b&gt;x&lt;/b&gt;</title>', "<title/>", "<title>AT&amp;amp;T &amp;lt;i&gt;</title>"),
    *("<media:title>Three</media:title>", "<dc:title>Four</dc:title>", "<media:group><media:title>Five</media:title></media:group>"),
    *("<link>/a?x=1&amp;y=2</link>", "<link/>", '<link href="b" rel="alternate" type="text/html"/>', '<link href="c" rel="self"/>'),
    *('<link rel="enclosure" href="/v.mp4" type="Video/MP4"/>', '<link rel="replies" type="text/html" href="r" thr:count="3"/>'),
    *('<link href="z" xml:base="/base/"/>', '<link rel="next" href="?page=2"/>', '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" href="d"/>'),
    *("<guid>rel</guid>", '<guid isPermaLink="false">g-1</guid>', "<id>tag:alder.example.org,2026:1</id>", "<guid/>"),
    *("<pubDate>Fri, 20 Nov 2026 11:30:00 +0100</pubDate>", "<pubDate>20 Nov 26 10:00 EST</pubDate>", "<pubDate>soon</pubDate>"),
    *("<published>2026-11-20T10:00:00Z</published>", "<updated>2026-11-21</updated>", "<dc:date>2026-11-22T10:00</dc:date>"),
    *("<dcterms:issued>2026-11-01</dcterms:issued>", "<dcterms:modified>2026-11-02T01:02:03.5+02:00</dcterms:modified>"),
    *("<author>Mira Halden</author>", "<author>mira@alder.example (Mira Halden)</author>", "<dc:creator>Tomas Brandt</dc:creator>"),
    *("<author><name>Ada Lind</name><email>a@alder.example</email><uri>u</uri></author>", "<itunes:author>Radio</itunes:author>"),
    *("<itunes:owner><itunes:name>Owner</itunes:name><itunes:email>o@alder.example</itunes:email></itunes:owner>", "<author/>"),
    *("<category>Water</category>", '<category term="w" scheme="s" label="L"/>', '<category domain="d">Law</category>', "<category/>"),
    *("<dc:subject>Schools</dc:subject>", "<itunes:keywords>a, b</itunes:keywords>", "<media:keywords>c,,d</media:keywords>"),
    *('<itunes:category text="Talk"/>', "<media:category>m</media:category>", "<keywords>k</keywords>"),
    *("<description>&lt;p&gt;Long.&lt;/p&gt;</description>", "<description>Two\n\nlines</description>", "<summary>Short.</summary>"),
    *('<summary type="html">&lt;b&gt;S&lt;/b&gt;</summary>', "<itunes:summary>Heard.</itunes:summary>", "<description/>"),
    *('<content type="html" xml:lang="de">&lt;a href="x"&gt;Y&lt;/a&gt;</content>', "<content>plain &lt;1</content>"),
    *("<content:encoded><![CDATA[<p>Full <img src='i.png'></p>]]></content:encoded>", '<content type="html" xml:base="http://e.example/q/">&lt;img src="i.png"&gt;</content>'),
    *('<media:content url="/m.mp4" medium="video"><media:description type="plain">D</media:description></media:content>', '<media:thumbnail url="/t.jpg"/>'),
    *('<enclosure url="/e.mp4" type="video/mp4" length="1"/>', "<yt:videoId>Abc-_123xyZ</yt:videoId>", '<media:description>&amp; words</media:description>'),
    *("<comments>/c</comments>", "<slash:comments>4</slash:comments>", "<thr:total>5</thr:total>", "<fb:origLink>https://alder.example.org/o</fb:origLink>"),
    *('<source url="/s">S</source>', "<source><title>Q</title><id>i</id></source>", "<generator>g</generator>", "<x:y xmlns:x='urn:x'>z</x:y>"),
    *("<language>fr</language>", "<ttl>30</ttl>", "<sy:updatePeriod>daily</sy:updatePeriod>", "<image><url>u</url><title>P</title></image>"),
    *("<title>caf\u00c3\u00a9</title>", "<title>café “quoted”</title>", "<category>\u00c3\u00bc</category>", "<rights>r</rights>"),
    *("<media:group><media:community><media:statistics views='7'/></media:community></media:group>", '<link rel="prev-archive" href="/2025"/>'),
]  # fmt: skip
_members = st.lists(st.sampled_from(_MEMBERS), max_size=9).map("".join)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """RSS, RDF or Atom with members in any order and number."""
    feed, first, second = draw(_members), draw(_members), draw(_members)
    kind = draw(st.integers(0, 2))
    if kind == 0:
        return _RSS % f"{feed}<item>{first}</item><item>{second}</item>"
    if kind == 1:
        return _RDF % f'<channel>{feed}</channel><item rdf:about="x">{first}</item><item>{second}</item>'
    return _ATOM % f'{feed}<entry>{first}</entry><entry xml:lang="de" xml:base="/e/">{second}</entry>'


@given(documents())
@settings(max_examples=400, deadline=None)
def test_the_fast_way_gives_what_the_careful_way_gives(document: str) -> None:
    """Every field of every entry, and what the feed says of itself; else it gives up."""
    body = document.encode()
    if fastfeed.opened(body, URL) is not None:
        assert xmlfeed.read(body, URL).feed == xmlfeed._carefully(body, URL, ()).feed


def test_the_title_of_a_feed_s_picture_is_not_the_feed_s() -> None:
    """But as in feedparser, a second title of the feed counts if it stands behind the picture."""
    picture = "<image><title>P</title></image>"
    for said in (
        "<title>A</title>%s<title>B</title>",
        "%s<title>A</title>",
        "<title>A</title>%s",
        "<title>A</title>%s<title/>",
    ):
        for inner in (picture, "<image><url>u</url></image>", "<textInput><title>T</title></textInput>"):
            body = (_RSS % (said % inner + "<item><title>x</title></item>")).encode()
            assert fastfeed.opened(body, URL) is not None
            assert xmlfeed.read(body, URL).feed.title == xmlfeed._carefully(body, URL, ()).feed.title


def test_most_members_need_no_care() -> None:
    """A control: what is generated above is read the fast way, or comparing would mean nothing."""
    fast = [member for member in _MEMBERS if is_fast(_RSS % f"<item>{member}</item>")]
    assert len(fast) > 0.9 * len(_MEMBERS)


def test_the_corpus_is_read_the_same_either_way() -> None:
    """The odd feeds that it reads at all."""
    fast = 0
    for feed in odd_feeds.corpus():
        if feed.suffix == "xml" and fastfeed.opened(feed.body, URL):
            fast += 1
            assert xmlfeed.read(feed.body, URL).feed == xmlfeed._carefully(feed.body, URL, ()).feed, feed.name
    assert fast > 50


# ── giving up ────────────────────────────────────────────────────────────────────────────────────

_ITEM = "<item><title>A</title><link>/a</link></item>"


@pytest.mark.parametrize(
    "document",
    [
        _RSS % _ITEM + "<",
        _RSS % _ITEM.replace(">A<", ">A & B<"),
        _RSS % _ITEM.replace(">A<", ">A&nbsp;B<"),
        _RSS % _ITEM.replace(">A<", ">&#146;<"),
        _RSS % _ITEM.replace(">A<", ">\x93A\x94<"),
        _RSS % _ITEM.replace("<title>", "<title>x<b>y</b>"),
        _RSS % _ITEM.replace("<title>", '<title mode="base64">'),
        _RSS % _ITEM.replace("<title>", '<title type="application/octet-stream">'),
        _RSS % _ITEM.replace("<title>", "<zz:title>").replace("</title>", "</zz:title>"),
        _RSS % _ITEM.replace("<link>", '<image><title>B</title></image><link>'),
        _RSS % _ITEM.replace("<item>", '<item href="/b">'),
        _RSS % "<item><author>a@alder.example</author><dc:creator>b@alder.example</dc:creator></item>",
        (_RSS % _ITEM).replace("</channel>", "</channel><channel></channel>"),
        '<!DOCTYPE rss [<!ENTITY a "b">]>' + _RSS % _ITEM,
        '<?xml version="1.0" encoding="iso-8859-1"?>' + _RSS % _ITEM,
        _RDF.replace("xmlns=", "xmlns:atom='http://www.w3.org/2005/Atom' xmlns=") % _ITEM,
        _RDF.replace("http://purl.org/rss/1.0/\"", 'urn:other"') % _ITEM,
        _ATOM % '<entry><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">x</div></content></entry>',
        _RSS % (_ITEM * 1_001),
        "<opml><body/></opml>",
        "<html><body>x</body></html>",
    ],
    ids=range(21),
)  # fmt: skip
def test_whatever_is_not_plain_is_left_to_the_careful_way(document: str) -> None:
    """Broken, ambiguous, in another encoding, with markup that is not escaped, or no feed."""
    assert not is_fast(document)


def test_a_deep_document_is_left_to_the_careful_way() -> None:
    """libxml2 has a limit of its own."""
    assert not is_fast(_RSS % f"<item>{'<x>' * 5_000}{'</x>' * 5_000}</item>")


# ── what is known already ────────────────────────────────────────────────────────────────────────


def _feed(*items: str, title: str = "Alder") -> bytes:
    return (_RSS % f"<title>{title}</title>{''.join(items)}").encode()


FIRST = "<item><title>First</title><guid>1</guid></item>"
SECOND = "<item><title>Second</title><guid>2</guid></item>"
BROKEN = "<item><title>B & C</title><guid>3</guid></item>"
JSON = '{"version": "https://jsonfeed.org/version/1", "title": "Alder", "items": [{"id": "1", "title": "%s"}, {"id": "2"}]}'


@pytest.mark.parametrize(
    "body",
    [_feed(FIRST, SECOND), _feed(FIRST, BROKEN), (JSON % "First").encode()],
    ids=["fast", "careful", "json"],
)
def test_entries_that_are_known_are_not_read_again(body: bytes) -> None:
    """A hash for each entry; an entry whose hash is known is counted and left out."""
    first = parse_new(body, URL)
    assert first.feed == parse_feed(body, URL)
    assert (len(first.feed.entries), len(set(first.hashes)), first.unchanged) == (2, 2, ())
    again = parse_new(body, URL, frozenset(first.hashes))
    assert (again.feed.entries, again.hashes, again.unchanged) == ((), (), first.hashes)
    assert again.feed.title == "Alder"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (_feed(FIRST, SECOND), _feed(FIRST, SECOND.replace("Second", "Changed"))),
        ((JSON % "First").encode(), (JSON % "Changed").encode()),
    ],
)
def test_an_entry_that_changed_is_new(before: bytes, after: bytes) -> None:
    """And only that one."""
    known = frozenset(parse_new(before, URL).hashes)
    changed = parse_new(after, URL, known)
    assert [entry.title for entry in changed.feed.entries] == ["Changed"]
    assert len(changed.unchanged) == 1


def test_who_wants_no_hashes_gets_the_same_entries() -> None:
    """Hashing takes a tenth of the time."""
    body = _feed(FIRST, SECOND)
    read = xmlfeed.read(body, URL, None)
    assert read.feed == parse_feed(body, URL) == parse_new(body, URL).feed
    assert (read.hashes, read.unchanged) == (("", ""), ())
    assert xmlfeed._carefully(body, URL, None).hashes == ("", "")


def test_an_entry_is_not_known_under_another_feed() -> None:
    """What an entry inherits is part of its hash: the address of the feed, its title, its authors."""
    known = frozenset(parse_new(_feed(FIRST), URL).hashes)
    assert parse_new(_feed(FIRST), URL, known).unchanged == tuple(known)
    assert parse_new(_feed(FIRST), f"{URL}/moved", known).unchanged == ()
    assert parse_new(_feed(FIRST, title="Ash"), URL, known).unchanged == ()


def test_an_entry_is_known_wherever_it_stands() -> None:
    """A new one before it moves it, and changes nothing of it."""
    known = frozenset(parse_new(_feed(FIRST), URL).hashes)
    read = parse_new(_feed(SECOND, FIRST), URL, known)
    assert ([entry.title for entry in read.feed.entries], read.unchanged) == (["Second"], tuple(known))


def test_the_date_of_a_feed_changes_no_entry_of_it() -> None:
    """It changes with each new entry, and the others would be read again."""
    dated = "<lastBuildDate>Fri, 20 Nov 2026 08:0%d:00 GMT</lastBuildDate>"
    known = frozenset(parse_new(_feed(dated % 1, FIRST), URL).hashes)
    assert parse_new(_feed(dated % 2, FIRST), URL, known).unchanged == tuple(known)


def test_the_same_item_twice_is_two_entries() -> None:
    """Who they are is not for the parser to say."""
    assert len(parse_new(_feed(FIRST, FIRST), URL).feed.entries) == 2
