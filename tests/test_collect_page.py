"""collect/page.py and collect/article.py: one web page as an entry."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.collect.page import read_page
from digest.collect.pagewords import PageWords
from digest.errors import ParseError
from digest.model import Comments, Entry, PostKind
from digest.resources import Resources
from effort import effort

URL = "https://elm.example.org/2026/11/water.html"
IN_EVERY_LANGUAGE = PageWords.merge(Resources().pages())

WORDS = "Mira Halden spoke in Vennby about the river and its people, and the hall listened for an hour. " * 4
BODY = f"""<p>{WORDS}</p><h3>Key Themes</h3><ul><li>Water: it belongs to all of us.</li></ul>
<h3>Key Quotes</h3><blockquote>“We drink what we protect.”<footer>— Mira Halden</footer></blockquote>
<h3>Related Posts</h3><ul><li><a href="/2026/10/dam.html">The dam</a></li></ul>
<h3>Related videos</h3><p><iframe src="https://www.youtube.com/embed/Abc-_123xyZ"></iframe></p>"""
OWN = (
    "Key Themes",
    "belongs to all",
    "We drink",
    "— Mira Halden",
    "Related Posts",
    "The dam",
    "Related videos",
)
AROUND = ("Home", "Archive", "Share", "Posted", "Nice!", "Imprint", "Subscribe", "Popular")
REMARK = "Nice! " + "I could not agree more with every word of this. " * 20

BLOGGER = f"""<html lang="en"><head><title>Elm Valley: Water talk</title></head><body class="item-view sidebar">
<header><h1>Elm Valley</h1></header><div class="main section" id="main"><div class="widget Blog" id="Blog1">
<div class="post hentry"><h3 class="post-title entry-title">Water talk</h3>
<div class="post-body entry-content" itemprop="description articleBody">{BODY}</div>
<div class="post-footer">Posted by <span itemprop="author"><span itemprop="name">Tomas Brandt</span></span> at
<abbr class="published" itemprop="datePublished" title="2026-11-20T08:00:00+01:00">8:00</abbr>
<span class="post-labels">Labels: <a rel="tag" href="/l/water">Water</a></span>
<div class="share-buttons"><a href="#">Share to nobody</a></div></div></div>
<div class="comments" id="comments"><h4>2 comments:</h4><ol><li class="comment"><p>{REMARK}</p></li></ol></div>
</div></div><aside class="sidebar-container"><h2>Archive</h2><a href="/2025">2025</a></aside><footer>Imprint</footer></body></html>"""

WORDPRESS = f"""<html lang="en-US"><head><title>Water talk – Elm Valley</title>
<meta property="og:site_name" content="Elm Valley"><meta property="article:published_time" content="2026-11-20T07:00:00+00:00">
<meta name="author" content="Tomas Brandt"><meta property="article:tag" content="Water"></head><body class="single-post">
<nav class="main-navigation"><ul><li><a href="/">Home</a></li></ul></nav><div id="content" class="site-content"><main>
<article id="post-7" class="post comments-open"><header class="entry-header"><h1 class="entry-title">Water talk</h1>
<div class="entry-meta">Posted on <time datetime="2026-11-20">20 November</time></div></header>
<div class="entry-content">{BODY}<div class="sharedaddy sd-sharing-enabled"><h3>Share this:</h3></div></div>
<footer class="entry-footer">Posted in <a rel="tag" href="/t/water">Water</a></footer></article>
<div id="comments" class="comments-area"><h2 class="comments-title">2 thoughts on “Water talk”</h2>
<ol><li><article class="comment-body"><div class="comment-content"><p>{REMARK}</p></div></article></li></ol></div></main>
<aside id="secondary" class="widget-area"><section class="widget"><h2>Popular</h2><a href="/a">A</a></section></aside></div>
<footer id="colophon">Imprint</footer></body></html>"""

STATIC = f"""<!doctype html><html lang=en><title>Water talk | Elm Valley</title><script type="application/ld+json">
{
    json.dumps(
        {
            "@graph": [
                {"@type": "WebSite"},
                {
                    "@type": ["BlogPosting"],
                    "headline": "Water talk",
                    "keywords": "x",
                    "author": [{"@type": "Person", "name": "Tomas Brandt"}],
                    "datePublished": "2026-11-20T07:00:00Z",
                    "commentCount": 2,
                },
            ]
        }
    )
}
</script><nav><a href=/>Home</a></nav><main><article class="c-story"><h1>Water talk</h1>
<p class="byline">By <a rel="author" href="/tomas">Tomas Brandt</a></p>
{
    BODY
}<div class="newsletter-signup">Subscribe to us</div><a rel=tag href=/t>Water</a></article></main><footer>Imprint</footer>"""

SOUP = f"""<html><head><title>Water talk</title><meta name=author content="By Tomas Brandt"></head><body><div><div>
<div><a href="/">Home</a> <a href="/a">Archive</a></div><div><div><h1>Water talk</h1><time datetime="2026-11-20T07:00:00Z"></time>
{BODY}<a rel="tag">Water</a></div></div><div><a href="#comments">2 comments</a></div></div></div></body></html>"""


def read(page: str) -> Entry:
    """The page, read."""
    return read_page(page.encode(), URL, IN_EVERY_LANGUAGE)


@pytest.mark.parametrize(
    "page", [BLOGGER, WORDPRESS, STATIC, SOUP], ids=["blogger", "wordpress", "static", "soup"]
)
def test_a_page_gives_what_its_feed_would(page: str) -> None:
    """Title, author, date, labels and comments, whichever way the page says them."""
    entry = read(page)
    assert (entry.id, entry.url, entry.title) == (URL, URL, "Water talk")
    assert (entry.authors, entry.labels, entry.language) == (("Tomas Brandt",), ("Water",), "en")
    assert entry.published in {datetime(2026, 11, 20, 7, tzinfo=UTC), datetime(2026, 11, 20, tzinfo=UTC)}
    assert entry.comments == Comments(2, f"{URL}#comments")
    assert [video.id for video in entry.videos] == ["Abc-_123xyZ"]


@pytest.mark.parametrize(
    "page", [BLOGGER, WORDPRESS, STATIC, SOUP], ids=["blogger", "wordpress", "static", "soup"]
)
def test_the_text_is_the_post_s_own(page: str) -> None:
    """All of its sections and none of what the site puts around them; the title is not repeated in it."""
    text = read(page).text
    assert [words for words in OWN if words not in text] == []
    assert [words for words in AROUND if words in text] == []
    assert text.startswith("Mira Halden spoke") or page is SOUP
    assert "Water talk" not in text


def test_links_follow_the_page_s_base() -> None:
    """<base> outweighs the page's address."""
    page = f'<base href="https://cdn.example.net/x/"><article><p>{WORDS}<a href="y">z</a></p></article>'
    assert '<a href="https://cdn.example.net/x/y">z</a>' in read(page).html


@pytest.mark.parametrize(
    ("head", "address"),
    [
        (
            '<link rel="canonical" href="/2026/11/water.html?id=1">',
            "https://elm.example.org/2026/11/water.html?id=1",
        ),
        ('<meta property="og:url" content="https://elm.example.org/w">', "https://elm.example.org/w"),
        ('<link rel="canonical" href="https://elm.example.org/">', URL),
        ('<link rel="canonical" href="javascript:alert(1)">', URL),
        ("", URL),
    ],
)
def test_a_page_s_address_is_its_canonical_one(head: str, address: str) -> None:
    """Unless that is the site's front page, a mistake of many templates."""
    assert read_page(f"<head>{head}</head><p>{WORDS}".encode(), URL + "#top").url == address


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ('<meta property="og:title" content="Shared &amp;amp; read"><title>x</title>', "Shared & read"),
        (
            '<title>Elm Valley: Water talk</title><meta property="og:site_name" content="Elm Valley">',
            "Water talk",
        ),
        ("<title>A long enough title of a talk - Elm</title>", "A long enough title of a talk"),
        ("<title>Water</title>", "Water"),
        ("", ""),
    ],
)
def test_a_page_s_title_is_without_its_site_s(head: str, title: str) -> None:
    """As it is shared, else as the browser shows it."""
    assert read(f"<html><head>{head}</head><body><p>{WORDS}</p></body></html>").title == title


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="utf-8">', "utf-8"),
        ("", "utf-8"),
        ("", "cp1252"),
        ('<meta charset="utf-8">', "cp1252"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">', "cp1252"),
        ('<meta charset="windows-1251">', "utf-8-sig"),
        ('<meta charset="utf-8">', "utf-16"),
        ("<meta charset=unicode_escape>", "utf-8"),
    ],
)
def test_a_page_is_decoded_as_browsers_do(head: str, encoding: str) -> None:
    """A mark outweighs a declaration; Latin-1 is Windows-1252; codecs that are no charsets are not used."""
    page = f"<html><head>{head}</head><body><p>Größe – “{WORDS}”</p></body></html>"
    assert read_page(page.encode(encoding), URL).text.startswith("Größe – “Mira")


def test_a_cyrillic_page_is_read_by_its_declaration() -> None:
    """And its language by its words, where the page does not name one."""
    page = (
        '<meta charset="koi8-r"><p>'
        + "Министр говорила о школах долины, и родители слушали её весь вечер. " * 3
    )
    entry = read_page(page.encode("koi8-r"), URL)
    assert (entry.text[:7], entry.language) == ("Министр", "ru")


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("3 comments", 3),
        ("Kommentare (12)", 12),
        ("1,204 responses", 1204),
        ("No comments yet", None),
        ("Leave a comment before 3 May 2026", None),
        ("", None),
    ],
)
def test_comments_are_counted_only_where_the_page_counts_them(line: str, count: int | None) -> None:
    """One number in a short heading; dates and invitations are none."""
    comments = read(
        f'<article><p>{WORDS}</p></article><div id="comments"><h3>{line}</h3><p>Text</p></div>'
    ).comments
    assert (comments.count if comments else None) == count


def test_links_to_the_comments_of_other_posts_do_not_count() -> None:
    """Lists of recent posts have them."""
    assert read(f'<p>{WORDS}</p><a href="/other#comments">9 comments</a>').comments is None


def test_an_aside_in_a_post_is_the_post_s() -> None:
    """Boxes with themes or quotes stand in one; those around the post are dropped."""
    page = f"<aside>Around it</aside><article><p>{WORDS}</p><aside><h3>Key Themes</h3>Water</aside></article>"
    text = read(page).text
    assert "Key Themes" in text
    assert "Around it" not in text


def test_long_text_is_kept_whatever_it_is_called() -> None:
    """A body in a box called "author" or "sidebar" is still the body."""
    assert (
        "Mira Halden"
        in read(f'<div class="wrap"><div class="author sidebar"><p>{WORDS}</p></div></div>').text
    )


def test_the_page_of_a_video_is_a_video() -> None:
    """Its address says so."""
    entry = read_page(
        b"<title>A talk - YouTube</title><p>Words", "https://www.youtube.com/watch?v=Abc-_123xyZ&t=3"
    )
    assert (entry.kind, entry.videos[0].id) == (PostKind.VIDEO, "Abc-_123xyZ")


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "nothing to read"),
        (b" \n", "nothing to read"),
        (b"<!-- x -->", "nothing to read"),
        (b"x" * 11_000_000, "large"),
    ],
    ids=["empty", "blank", "comment", "large"],
)
def test_a_page_without_words_says_so(body: bytes, why: str) -> None:
    """One sentence with the address."""
    with pytest.raises(ParseError, match=why) as caught:
        read_page(body, URL)
    assert str(caught.value).startswith(URL)


@pytest.mark.parametrize(
    "body",
    [
        b"<div>" * 400_000,
        b"<a href=x>" * 200_000,
        b'<script type="application/ld+json">' + b"[" * 500_000 + b"</script><p>x",
        b"<article class='" + b"post-body " * 100_000 + b"'><p>x",
        b"<meta charset=utf-16><p>" + b"\xff" * 100_000,
        b"<div class=comments><h3>" * 20_000,
        b"<title>x</title>" + b"<section>" * 90 + b"<p>x</p>" * 50_000,
    ],
    ids=["deep", "links", "json", "classes", "bytes", "comments", "wide"],
)
def test_no_page_takes_long(body: bytes) -> None:
    """Ten megabytes of malice do not run away: seconds of work, where a quadratic reader takes minutes."""
    with effort() as spent, contextlib.suppress(ParseError):
        read_page(body, URL)
    assert spent.seconds < 6


@given(st.binary(max_size=300) | st.text(alphabet="<>/=\"' abcdivhp1\n&;", max_size=300).map(str.encode))
@settings(max_examples=150, deadline=None)
def test_nothing_escapes_but_our_own_error(body: bytes) -> None:
    """Whatever the bytes."""
    try:
        entry = read_page(body, URL)
    except ParseError:
        return
    assert entry.title or entry.text


# ── where the text is ────────────────────────────────────────────────────────────────────────────


def test_the_title_tells_which_part_of_a_page_without_names_is_the_post() -> None:
    """Comments and recommendations stand beside the element that has the only title and most of the text."""
    page = f"""<div><div class="_a1"><a href="/">Home</a></div><div class="_b2"><h1>Water talk</h1>{BODY}</div>
    <div class="_c3"><h3>2 comments</h3><p>{REMARK[:200]}</p></div><div><h3>You may also like</h3><a href="/x">X</a></div></div>"""
    text = read(page).text
    assert "— Mira Halden" in text
    assert [words for words in ("Nice!", "You may also like", "comments") if words in text] == []


def test_footers_go_and_signatures_stay() -> None:
    """A footer within the text is furniture, one within a quotation is who said it."""
    page = f"<article><h1>Water talk</h1>{BODY}<footer>31 views · Filed under Water</footer></article>"
    text = read(page).text
    assert "— Mira Halden" in text
    assert "31 views" not in text


@pytest.mark.parametrize(
    "line",
    [
        "© 2026 Elm Valley",
        "Copyright Elm Valley. Webmaster: mail",
        "(c) 2026 Elm",
        "You are visitor number 4711 since 1999.",
        "Letzte Änderung: 3. Mai 2004",
        "Dernière mise à jour : 12 avril 2005. Écrivez-moi.",
    ],
)
def test_a_colophon_behind_the_last_rule_goes(line: str) -> None:
    """Pages of 1998 have no footer; a rule in the middle of a text stays, with what follows it."""
    page = f"<body><h1>Water talk</h1>{BODY}<hr>{{}}</body>"
    assert line not in read(page.format(f"<p>{line}</p>")).text
    assert "The dam stands" in read(page.format("<p>The dam stands.</p>")).text


@pytest.mark.parametrize(
    "name",
    [
        "heateor_sss_sharing_container",
        "kg-card kg-signup-card",
        "subscription-widget-wrap",
        "elementor-widget-share-buttons",
        "paylas-butonlari share",
        "newsletter-box",
        "td_block_related_posts",
        "compartilhar",
    ],
)
def test_what_plug_ins_put_into_a_text_goes(name: str) -> None:
    """Whatever prefix their class names have; what says more than a few lines stays."""
    page = f'<div class="post-content">{BODY}<div class="{name}"><p>%s</p></div></div>'
    assert "Click me" not in read(page % "Click me").text
    assert "Click me" in read(page % ("Click me. " + WORDS)).text


@pytest.mark.parametrize("separator", [" – ", " - ", " | ", " — "])
def test_the_site_s_name_is_no_part_of_a_title_as_shared(separator: str) -> None:
    """Where the page names its site, or shows the title alone as its only heading."""
    head = f'<meta property="og:title" content="Water talk{separator}Elm Valley">'
    assert read(f"<head>{head}</head><h1>Water talk</h1>{BODY}").title == "Water talk"
    named = f'{head}<meta property="og:site_name" content="Elm Valley">'
    assert read(f"<head>{named}</head>{BODY}").title == "Water talk"
    assert read(f"<head>{head}</head><h1>Another</h1>{BODY}").title == f"Water talk{separator}Elm Valley"


@pytest.mark.parametrize(
    "piece",
    [
        '<p><a href="#">Click me</a></p>',
        '<div><a href="javascript:history.back()">Click me</a> <a href="#">Tweet</a></div>',
        '<div class="nav-1"><a href="/b"><span>Next interview</span><b>Click me</b></a></div>',
        '<p><a href="/b">Nächster Beitrag</a></p>',
        "<table><tr><td>Copyright © 2026 Elm Valley. Click me to leave the list.</td></tr></table>",
        '<div id="templateFooter"><p>Click me</p></div>',
        '<div class="mw-jump-link">Click me</div>',
        '<div id="toc"><ul><li><a href="#a">Click me</a></li></ul></div>',
    ],
)
def test_controls_pagers_and_notices_go(piece: str) -> None:
    """Links that lead nowhere or to the next post, and the small print of mails and wikis."""
    text = read(f'<div class="post-content">{BODY}{piece}</div>').text
    assert "Click me" not in text
    assert "Nächster" not in text


def test_links_in_a_list_stay_wherever_they_lead() -> None:
    """A list of posts may have placeholders for links, and titles that begin with "Next"."""
    links = '<ul><li><a href="#">Next stop: the dam</a></li><li><a href="/b">Water</a></li></ul>'
    text = read(f'<div class="post-content">{BODY}{links}</div>').text
    assert "Next stop: the dam" in text
    assert "Water" in text


def test_a_table_in_the_header_of_a_text_is_about_the_page() -> None:
    """Its status, its date, who links to it."""
    header = "<header><h1>Water talk</h1><table><tr><th>Status</th><td>Reviewed</td></tr></table></header>"
    assert "Reviewed" not in read(f"<article>{header}{BODY}</article>").text


def test_articles_that_are_parts_of_a_text_are_not_the_text() -> None:
    """Where the page's only title stands outside of them."""
    parts = f"<article><h2>One</h2>{BODY}</article><article><h2>Two</h2><p>The dam stands.</p></article>"
    assert "The dam stands." in read(f"<main><h1>Water talk</h1>{parts}</main>").text


def test_a_header_around_a_heading_is_the_heading() -> None:
    """Themes put them into texts."""
    html = f"<div class='x'><h1>Water talk</h1>{BODY}<header><h2>Key quotes</h2></header><p>“Water waits.”</p></div>"
    assert "Key quotes" in read(f"<body>{html}</body>").text
