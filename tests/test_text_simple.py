"""text/simple.py: markup that is simple is read in one pass, and as the careful way reads it."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.text import html, simple, tokens
from digest.text.document import document
from effort import effort

BASE = "https://rowan.example.org/"


def is_simple(source: str) -> bool:
    """Whether one pass reads it."""
    return simple.read(source, BASE) is not None


@pytest.mark.parametrize(
    ("source", "safe"),
    [
        ("words alone", "words alone"),
        ("<P>A <b class=x>bold</b> <i/>word<br/></P>", "<p>A <b>bold</b> <i></i>word<br></p>"),
        ("<a href='/x' class=\"y\">link</a>", '<a href="https://rowan.example.org/x">link</a>'),
        ("<a href=/x?a=1&copy=2&amp;b=3>x</a>", '<a href="https://rowan.example.org/x?a=1&amp;copy=2&amp;b=3">x</a>'),
        ('<a href="http://127.0.0.1:8000/x">x</a>', '<a href="http://127.0.0.1:8000/x">x</a>'),
        ('<a href="http://elm/x#y">x</a>', '<a href="http://elm/x#y">x</a>'),
        ('<img alt=" a\n b" src="p.png" width="640" />', '<img src="https://rowan.example.org/p.png" alt="a b">'),
        ("<ul><li>one</li>\n<li>two</li></ul><hr>", "<ul><li>one</li>\n<li>two</li></ul><hr>"),
        ("<table border=1><tbody> <tr><td>1</td></tr></tbody></table>", "<table><tbody> <tr><td>1</td></tr></tbody></table>"),
        ("<!-- wp:paragraph --><p>x</p><!-- /wp:paragraph -->", "<p>x</p>"),
        ("<pre>a\n  b</pre>", "<pre>a\n  b</pre>"),
        ("<picture><source srcset='a.webp'>x</picture>", "x"),
        ('<center><font size="2">x</font><o:p></o:p></center>', "<div>x</div>"),
        ("1 &lt; 2 & 3 > 2 &nbsp;&eacute;", "1 &lt; 2 &amp; 3 &gt; 2 &nbsp;é"),
        ('<p style="font-weight:bold">x</p>', "<p><b>x</b></p>"),
        ('<span style="color:red;font-weight:700;font-style:italic">x</span>', "<span><i><b>x</b></i></span>"),
        ('<span style="font-weight:bold"></span>', "<span></span>"),
        ('<b style="font-weight:normal"><p>x</p></b>', "<p>x</p>"),
        ('a<div style="display: none"><p>b</p><span hidden>c</span></div>d<q hidden>e</q>', "ad"),
        ('a<img src="https://count.example/1" width="1" height=1>b', "ab"),
        ('a<img class="wp-smiley" src="x" alt="🙂">b', "a🙂b"),
        ("a<script>if (b > c) { }</script><style>p { }</style>d", "ad"),
        ('<svg viewBox="0 0 1 1"><title>x</title><path d="M1 1"/></svg>y<button>z</button>', "y"),
        ('<iframe src="https://maps.example/"></iframe>x', "x"),
        ("e\u0301\u200b x", "é x"),
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ("<p>a<div>b</div></p>c</span>", "<p>a</p><div>b</div><p></p>c"),
        ("<ul><li>a<li><p>b<ul><li>c</ul><li>d</ul>e", "<ul><li>a</li><li><p>b</p><ul><li>c</li></ul></li><li>d</li></ul>e"),
        ("<dl><dt>a<dd><p>b<dt>c</dl>", "<dl><dt>a</dt><dd><p>b</p></dd><dt>c</dt></dl>"),
        ("<p>a<hr>b", "<p>a</p><hr>b"),
        ("<div>a<i>b", "<div>a<i>b</i></div>"),
        ('<a style="&#100;isplay:none" href="https://elm.example/">x</a>y', "y"),
        ('<a style="margin:0" target="_blank" href="https://elm.example/">x</a>', '<a href="https://elm.example/">x</a>'),
        ("<table><tbody><tr><td>a", "<table><tbody><tr><td>a</td></tr></tbody></table>"),
    ],
)  # fmt: skip
def test_what_most_posts_are_made_of_is_simple(source: str, safe: str) -> None:
    """Paragraphs, lists, tables, pictures, links; looks, what is hidden, drawings; and it becomes what it shall."""
    found = simple.read(source, BASE)
    assert found is not None
    assert found.html == safe
    assert found.text == document(safe).text


@pytest.mark.parametrize(
    "source",
    [
        "<b><i>x</b></i>",
        "<b\u00a0r>x</b>",
        "<b\x0b>x</b>",
        "<p><b>x<p>y</p>",
        "<p>x</div><b></p>y",
        "<h2>x</h3>",
        "<table></p></table>",
        "x</body>",
        "<p hidden>a<p>b</p>",
        "<a href=/x>y<a href=/z>w</a></a>",
        "<h2><h3>x</h3></h2>",
        "<li>x</li>",
        "<table>x<tr><td>1</td></tr></table>",
        "<table><tr><td>1</td></tr></table>",
        "<table><!-- -->x</table>",
        "<table><tbody></tbody>x</table>",
        "<pre>\nx</pre>",
        "<pre><a href='/x'>y</a></pre>",
        "<p/>x",
        "<form>x</form>",
        "<select><option>x</option></select>",
        "<math><mi>x</mi></math>",
        "<svg>words</svg>",
        "<svg><foreignObject><p>x</p></foreignObject></svg>",
        "<script>a < b</script>",
        "<script>x",
        '<iframe src="https://youtu.be/Abc-_123xyZ">',
        '<a href="/x"><iframe src="https://youtu.be/Abc-_123xyZ"></iframe></a>',
        '<object data="https://youtu.be/Abc-_123xyZ"></object>',
        '<div data-video-url="https://youtu.be/Abc-_123xyZ">x</div>',
        '<a href="http://xn--e.example/">x</a>',
        '<a href="http://[::1]/">x</a>',
        '<a href="http://1.2.3.256/">x</a>',
        '<a href="http://1.2.3/">x</a>',
        '<a href="http://a.example.7/">x</a>',
        '<p title="a > b">x</p>',
        '<p title="a"class="b">x</p>',
        "1 < 2",
        "<!--> <script>x</script> -->",
        "<!doctype html>",
        "&lt;<!-- -->\u0338",
        "e<!-- -->\u0301",
        "\0",
        "<i>" * 100 + "</i>" * 100,
        "<p title='" + "x" * 5_000 + "'>y</p>",
        "x" * 300_000,
    ],
)
def test_what_html5_would_put_elsewhere_is_not_simple(source: str) -> None:
    """Wrong nesting, elements with rules of their own, odd syntax and addresses, too much of anything."""
    assert not is_simple(source)


_PIECES = [
    *("<b>", "</b>", "<i>", "</i>", "<p>", "</p>", "<div>", "</div>", "<br>", "<br/>", "<hr>", "<li>", "</li>", "<ul>"),
    *("</ul>", "<ol>", "</ol>", "<table>", "<tbody>", "<tr>", "<td colspan=2>", "</td>", "</table>", "<pre>", "</pre>"),
    *("<h2>", "</h2>", "<h3>", "</h3>", "<dl>", "</dl>", "<dt>", "<dd>", "<blockquote>", "</blockquote>", "<cite>", "</cite>"),
    *("</span>", "</font>", "<center>", "</center>", "<!--x-->", "<caption>", "<colgroup>", "<code>", "</code>", "<q>", "</q>"),
    *("</em>", "</a>", "<kbd>", "<menu>", "<address>", "<x-y>", "</x-y>", "<wbr>", "<picture>", "<source srcset='x'>", "<ruby>"),
    *("&lt;b&gt;", "&amp;", "&nbsp;", "&#8203;", "&#13;", "&#10;", "&notit;", "text", "“", "\u0338", "e\u0301", "\u0301", "🙂"),
    *("\u00a0", " ", "\n", "\t", "a  b", ">", "\u00ad", "<a name='q'>", "<a name='q'/>", "<img class=emoji alt='🙂' src='x'>"),
    *("<a href='/x'>", '<a href="http://e.example/" title="t">', '<img src="/p.png" alt=" a">', "<font size=2>", "<a href=/y?a&b>"),
    *('<span style="color:red">', '<em class="x">', "<img src='/q' width=\"1\">", "<div dir='rtl'>", "<del datetime='2026'>"),
    *('<span style="font-weight:bold">', '<p style="font-style:italic">', '<b style="font-weight:normal">', "<span hidden>", "<p hidden>"),
    *('<div style="display:none">', "<center style='font-weight:700;font-style:italic'>", "<a href='http://xn--a/'>"),
    *('<iframe src="//youtu.be/Abc-_123xyZ"></iframe>', "<button class='x'>", "</button>", "<style>", "</style>", "<script>"),
    *("</script>", '<div data-video-url="https://youtu.be/Abc-_123xyZ">', "<a href='javascript:alert(1)'>", "<label>"),
]  # fmt: skip


def careful(source: str) -> html.Safe:
    """What comes out where nothing is taken for simple."""
    found = html._rewritten(html._tidied(source), BASE)
    while (again := html._rewritten(html._tidied(found), "")) != found:
        found = again
    return html._carefully(found)


def _check(source: str) -> None:
    """One pass agrees with the careful way, and nothing would ever change what it wrote."""
    found = simple.read(source, BASE)
    if found is not None:
        expected = careful(source)
        assert (found.text, found.wordless) == (expected.text, expected.wordless)
        assert found.html == expected.html
        assert html._SAFE.clean(found.html) == found.html
        assert html.sanitise(found.html) == found.html


@example("<table>&#8203;&#10;")
@given(st.lists(st.sampled_from(_PIECES), max_size=25).map("".join))
@settings(max_examples=1_000, deadline=None)
def test_of_any_markup_the_one_pass_agrees_with_the_careful_way(source: str) -> None:
    """Start and end tags, texts and references in any order."""
    _check(source)


def _element(pair: tuple[str, list[str]]) -> str:
    start, inner = pair
    name = start[1:].split(" ")[0].rstrip(">")
    return f"{start}{''.join(inner)}</{name}>"


_STARTS = [piece for piece in _PIECES if re.fullmatch(r"<(?!br|hr|img)[a-z].*[^/]>", piece)]
_TIDY = st.recursive(
    st.sampled_from([piece for piece in _PIECES if piece[0] != "<" or piece[1] in "!bh"]),
    lambda inner: st.tuples(st.sampled_from(_STARTS), st.lists(inner, max_size=4)).map(_element),
    max_leaves=15,
)


@given(_TIDY)
@settings(max_examples=1_000, deadline=None)
def test_of_tidy_markup_the_one_pass_agrees_with_the_careful_way(source: str) -> None:
    """Every element closed in its place, which does not mean that it may stand there."""
    _check(source)


def test_most_posts_need_no_care() -> None:
    """A control: tidy markup is mostly simple, or comparing would mean nothing."""
    starts = [start for start in _STARTS if is_simple(_element((start, ["x"])))]
    assert len(starts) > 0.6 * len(_STARTS)


@pytest.mark.parametrize("end", [";", "", "x", "=", "=;", ";x"])
@pytest.mark.parametrize(
    "name", ["amp", "copy", "not", "notin", "nbsp", "#65", "#x41", "#1114112", "#0", "x", "&amp"]
)
def test_character_references_are_read_as_html5_reads_them(name: str, end: str) -> None:
    """With and without their semicolon, in a text and in an attribute, where the rules differ."""
    for source in (
        f"a &{name}{end} b",
        f'<a href="https://elm.example/?a&{name}{end}">x</a>',
        f'<img src="/x" alt="&{name}{end}">',
    ):
        _check(source)
        assert is_simple(source)


def test_players_and_pixels_do_not_make_a_post_hard() -> None:
    """They are mended where they stand, and the rest is read in one pass."""
    source = (
        '<p>Before</p><iframe src="https://www.youtube.com/embed/Abc-_123xyZ" title="A talk"></iframe>'
        '<img src="https://count.example/1" width="1" height="1"><center>After</center>'
    )
    assert simple.read(source, BASE) == html.Safe(
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
        "<span hidden>" * 80 + "<b></b>" * 20_000,
        "<div hidden><p>x</p></div>y" * 9_000,
        "<div hidden>" * 85 + "<p>x" * 30_000,
        "<span style='font-weight:bold'>" * 85 + "<i>x</i>" * 20_000,
        "<ul>" + "<li>x" * 40_000,
        "</p>" * 60_000,
        "</div>" * 40_000,
        "<a href='/x'><p></p></a>" * 10_000,
        "<svg>" + "<path/>" * 30_000,
        "<script>" * 25_000,
        "<br>" * 50_000,
        "&" * 200_000,
        "<b style='" + "font-weight:" * 300 + "'>",
    ],
    ids=range(27),
)
def test_nothing_makes_looking_slow(source: str) -> None:
    """Whether source is simple is told in linear time, whatever comes of it."""
    with effort() as spent:
        simple.read(source, BASE)
    assert spent.seconds < 0.5
    with effort() as spent:
        html.safe(source, BASE)
    assert spent.seconds < 4


def test_a_tag_that_is_too_long_is_not_remembered() -> None:
    """A picture inside an address may be as large as a post, and thousands of tags are kept."""
    assert not is_simple(f'<img src="data:image/png;base64,{"A" * tokens.LONGEST}">')
