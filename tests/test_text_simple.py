"""text/simple.py: markup that is simple is read in one pass, and as the careful way reads it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.text import html, simple
from digest.text.document import document

BASE = "https://rowan.example.org/"


@pytest.mark.parametrize(
    "source",
    [
        "words alone",
        "<p>A <b>bold</b> word, a <a href='/x' class=\"y\">link</a><br/>and <em>more</em></p>",
        '<div style="text-align: left;"><img src="p.png" alt="" width="640" data-original-width="1600" /></div>',
        "<ul><li>one</li><li>two</li></ul><hr><blockquote><p>said</p></blockquote>",
        '<table border="1"><tbody><tr><td>1</td></tr></tbody></table>',
        "<!-- wp:paragraph --><p>x</p><!-- /wp:paragraph -->",
        '<span style="font-weight: normal; font-family: serif">x</span>',
        "<pre>a\n  b</pre>",
        "<picture><source srcset='a.webp' type=\"image/webp\"><img src='a.png'></picture>",
    ],
)
def test_what_most_posts_are_made_of_is_simple(source: str) -> None:
    """Paragraphs, lists, tables, pictures, links, and styles that only decorate."""
    assert simple.is_simple(source)


@pytest.mark.parametrize(
    "source",
    [
        '<iframe src="https://youtu.be/Abc-_123xyZ"></iframe>',
        '<div data-src="https://rowan.example.org/a.mp4">x</div>',
        '<p style="display: none">x</p>',
        '<p style="font-weight:bold">x</p>',
        '<span style="x:y;font-style: italic">x</span>',
        "<p hidden>x</p>",
        '<img src="x" width="1" height="1">',
        '<img class="wp-smiley" src="x" alt="🙂">',
        '<b style="font-weight:normal">x</b>',
        "<b class='a'>x</b>",
        "<script>x</script>",
        "<svg><title>x</title></svg>",
        "<a name='x'/>y",
        "1 < 2",
        "<!--> <script>x</script> -->",
        "<P>x</P>",
        "<p title=x>y</p>",
        "\0",
        "<p>" * 4_000,
        "x" * 200_000,
    ],
)
def test_what_means_something_is_not_simple(source: str) -> None:
    """Players, hidden parts, bold by style, counting pixels, tricks with syntax, too much of anything."""
    assert not simple.is_simple(source)


_PIECES = [
    *("<b>", "</b>", "<i>", "</i>", "<p>", "</p>", "<div>", "</div>", "<br>", "<br/>", "<hr>", "<li>", "</li>", "<ul>"),
    *("</ul>", "<ol>", "</ol>", "<table>", "<tr>", "<td>", "</td>", "</table>", "<pre>", "</pre>", "<h2>", "</h2>", "<h3>"),
    *("</h3>", "<dl>", "</dl>", "<dt>", "<dd>", "<blockquote>", "</blockquote>", "<cite>", "</cite>", "</span>", "</font>"),
    *("<center>", "</center>", "<!--x-->", "<caption>", "<colgroup>", "<code>", "</code>", "<q>", "</q>", "</em>", "</a>"),
    *("&lt;b&gt;", "&amp;", "&nbsp;", "&#8203;", "&#13;", "text", "“", "\u0338", "e\u0301", "\u00a0", " ", "\n", "a  b"),
    *("<a href='/x'>", '<a href="http://e.example/" title="t">', '<img src="/p.png" alt=" a">', "<font size=2>"),
    *('<span style="color:red">', '<em class="x">', "<img src='/q' width=\"1\">", "<div dir='rtl'>"),
    *('<iframe src="//youtu.be/Abc-_123xyZ"></iframe>', "<button class='x'>Play</button>"),
]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=25).map("".join))
@settings(max_examples=1_500, deadline=None)
def test_the_one_pass_agrees_with_the_careful_ones(source: str) -> None:
    """Its HTML is final, and its text and its links without words are those of the document."""
    found = html._simply(source, BASE)
    if found is None:
        return
    read = document(found.html)
    wordless = tuple((anchor.url, anchor.title) for anchor in read.anchors if anchor.start == anchor.end)
    assert (found.text, found.wordless) == (read.text, wordless)
    assert html._rewritten(found.html, "") == found.html
    assert html.sanitise(found.html) == found.html


_TIDY = st.recursive(
    st.sampled_from(["words", "more words ", "a &amp; b", "<br>", '<img src="https://e.example/p.png">']),
    lambda inner: st.tuples(
        st.sampled_from(["b", "em", "div", "blockquote", "ul", "section", "span", "h3", "p", "figure"]),
        st.lists(inner, max_size=4),
    ).map(lambda pair: f"<{pair[0]}>{''.join(pair[1])}</{pair[0]}>"),
    max_leaves=15,
)


@given(_TIDY)
@settings(max_examples=500, deadline=None)
def test_of_tidy_markup_both_ways_make_the_same(source: str) -> None:
    """Where every element is closed in its place, one pass and the careful rewriting give the same HTML."""
    found = html._simply(source, BASE)
    if found is not None:
        assert found.html == html._rewritten(source, BASE)


def test_players_and_pixels_do_not_make_a_post_hard() -> None:
    """They are mended where they stand, and the rest is read in one pass."""
    source = (
        '<p>Before</p><iframe src="https://www.youtube.com/embed/Abc-_123xyZ" title="A talk"></iframe>'
        '<img src="https://count.example/1" width="1" height="1"><center>After</center>'
    )
    found = html._simply(source, BASE)
    assert found == html.Safe(
        '<p>Before</p><a href="https://www.youtube.com/watch?v=Abc-_123xyZ" title="A talk"></a><div>After</div>',
        "Before\n\nAfter",
        (("https://www.youtube.com/watch?v=Abc-_123xyZ", "A talk"),),
    )


@pytest.mark.parametrize(
    "source",
    [
        "<!--" * 30_000,
        "<p title='" * 12_000,
        "<a href='/x'>" * 2_999,
        "<b><p>" * 1_499,
        '<p style="' * 12_000,
        "<img " * 20_000,
        "<img " + "width='1 " * 12_000,
        "<iframe " * 15_000,
        "<object>" * 15_000,
        "<video><source>" * 8_000,
        "<button><p>" * 8_000,
        "<button>" + "<p>" * 30_000,
        "<svg><g>" * 15_000,
        "<a href='/x'><b>" * 1_400,
    ],
    ids=range(14),
)
def test_nothing_makes_looking_slow(source: str) -> None:
    """Whether source is simple, and what can be mended in it, is told in linear time."""
    started = time.process_time()
    html.safe(source, BASE)
    assert time.process_time() - started < 4
