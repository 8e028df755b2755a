"""text/html.py: what is left of untrusted HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.text.html import LARGEST, document, sanitise
from effort import effort
from hostile_markup import vectors

SAFE_TAGS = re.compile(
    "a|abbr|article|aside|b|blockquote|br|caption|cite|code|dd|del|details|div|dl|dt|em|figcaption|figure|footer|"
    "h[1-6]|header|hr|i|img|ins|li|main|mark|nav|ol|p|pre|q|s|section|small|span|strong|sub|summary|sup|"
    "table|tbody|td|tfoot|th|thead|time|tr|u|ul"
)
SAFE_ATTRIBUTES = frozenset(
    {"href", "title", "src", "alt", "datetime", "lang", "dir", "cite", "start", "colspan", "rowspan"}
)
BASE = "https://blog.example.org/2026/post.html"


class Inspector(HTMLParser):
    """Collects what an independent parser sees in a result that must not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.findings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not SAFE_TAGS.fullmatch(tag):
            self.findings.append(f"<{tag}>")
        for name, value in attrs:
            if name not in SAFE_ATTRIBUTES:
                self.findings.append(f"{tag} {name}={value}")
            if name in {"href", "src", "cite"} and not (value or "").startswith(
                ("https://", "http://", "mailto:")
            ):
                self.findings.append(f"{tag} {name}={value}")

    def handle_comment(self, data: str) -> None:
        self.findings.append(f"<!--{data}-->")


def findings(html: str) -> list[str]:
    """What is dangerous or out of place in HTML."""
    inspector = Inspector()
    inspector.feed(html)
    inspector.close()
    return inspector.findings


def test_the_inspector_sees_what_is_dangerous() -> None:
    """A control: nearly every vector is found in its raw state, so that silence means something."""
    raw = list(vectors())
    assert len(raw) >= 200
    assert sum(bool(findings(vector)) for vector in raw) > 0.9 * len(raw)


@pytest.mark.parametrize("vector", list(vectors()))
def test_no_vector_survives(vector: str) -> None:
    """Alone, inside a paragraph, after broken markup, and in the attribute of a link."""
    for source in (
        vector,
        f"<p>before {vector} after</p>",
        f"<table><tr>{vector}",
        f'<a title="{vector}">x</a>',
    ):
        safe = sanitise(source, BASE)
        assert findings(safe) == []
        assert sanitise(safe) == safe


_PIECES = st.sampled_from(
    [
        *(
            "<b>",
            "</b>",
            "<i>",
            "</i>",
            "<a href=/x>",
            "</a>",
            "<p>",
            "</p>",
            "<div>",
            "</div>",
            "<br>",
            "<hr>",
            "<li>",
        ),
        *(
            "<ul>",
            "</ul>",
            "<table>",
            "<tr>",
            "<td>",
            "</table>",
            "<pre>",
            "\n",
            "</pre>",
            "<h2>",
            "</h2>",
            "<dl>",
        ),
        *(
            "<dt>",
            "<dd>",
            "<blockquote>",
            "<footer>",
            "</blockquote>",
            "<cite>",
            "</cite>",
            "<span style='font-weight:700'>",
        ),
        *(
            "</span>",
            "<iframe src=//youtu.be/Abc-_123xyZ></iframe>",
            "<svg>",
            "<style>",
            "</style>",
            "<select>",
            "<!--",
            "-->",
        ),
        *(
            "<details>",
            "<summary>",
            "<img src=/p.png>",
            "<form>",
            "<nobr>",
            "<math>",
            "<q>",
            "</q>",
            "<object>",
            "</object>",
        ),
        *(
            "text",
            " ",
            "\u00a0",
            "&lt;b&gt;",
            "&amp;",
            "<",
            ">",
            "“",
            "\u200d",
            "e\u0301",
            "<p hidden>",
            "<caption>",
        ),
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join) | st.text(max_size=60))
@settings(max_examples=400)
def test_whatever_the_markup_the_result_is_safe_and_final(source: str) -> None:
    """Nothing raises, nothing unsafe is left, and sanitising again changes nothing."""
    safe = sanitise(source, BASE)
    assert findings(safe) == []
    assert sanitise(safe) == safe


@given(st.lists(_PIECES, max_size=40).map("".join))
@settings(max_examples=400)
def test_every_line_of_a_document_is_in_its_text(source: str) -> None:
    """Lines are in order, trimmed, without line breaks outside <pre>, and hold all words; spans stay inside."""
    found = document(sanitise(source, BASE))
    end = 0
    for line in found.lines:
        words = found.words(line)
        assert end <= line.start <= line.end
        assert words == words.strip()
        assert "\n" not in words or "pre" in line.path
        assert words or line.anchors or line.tag == "hr"
        spans = [
            *line.bolds,
            *line.italics,
            *line.cites,
            *line.quotes,
            *((a.start, a.end) for a in line.anchors),
        ]
        assert all(line.start <= start <= stop <= line.end for start, stop in spans)
        end = line.end
    assert "".join("".join(found.words(line).split()) for line in found.lines) == "".join(found.text.split())


# ── players ──────────────────────────────────────────────────────────────────────────────────────

WATCH = "https://www.youtube.com/watch?v=Abc-_123xyZ"


@pytest.mark.parametrize(
    "player",
    [
        '<iframe src="https://www.youtube.com/embed/Abc-_123xyZ?rel=0" allowfullscreen></iframe>',
        '<iframe src="//www.youtube-nocookie.com/embed/Abc-_123xyZ"/>',
        '<iframe data-src="https://www.youtube.com/embed/Abc-_123xyZ" src="about:blank" class="lazyload"></iframe>',
        '<iframe class="BLOG_video_class" youtube-src-id="Abc-_123xyZ" src="https://www.youtube.com/embed/Abc-_123xyZ">',
        '<embed src="http://www.youtube.com/v/Abc-_123xyZ&fs=1" type="application/x-shockwave-flash">',
        '<object width="480"><param name="movie" value="http://www.youtube.com/v/Abc-_123xyZ"></param>'
        '<embed src="http://www.youtube.com/v/Abc-_123xyZ"></embed></object>',
        '<object class="BLOGGER-youtube-video" data="https://youtube.com/v/Abc-_123xyZ" data-thumbnail-src="x"></object>',
        '<amp-youtube data-videoid="Abc-_123xyZ" layout="responsive"></amp-youtube>',
        '<lite-youtube videoid="Abc-_123xyZ"><button>Play</button></lite-youtube>',
        '<div class="video" data-video-url="https://youtu.be/Abc-_123xyZ"><img src="t.jpg"></div>',
        '<div class="youtube-player" data-video-id="Abc-_123xyZ"></div>',
        '<div data-embed-url="https://youtu.be/Abc-_123xyZ"><iframe src="https://youtu.be/Abc-_123xyZ"></iframe></div>',
        '<noscript>Your browser is old</noscript><iframe src="https://youtu.be/Abc-_123xyZ"></iframe>',
    ],
)
def test_a_player_becomes_an_empty_link_in_its_place(player: str) -> None:
    """Whatever plays it, its video and its position in the text are known, and it can no longer play."""
    html = sanitise(f"<p>Before</p>{player}<p>After</p>")
    assert html.count(f'<a href="{WATCH}"></a>') == html.count("<a ") == 1
    lines = document(html).lines
    anchored = next(line for line in lines if line.anchors)
    assert (lines[0].end, anchored.start, anchored.end) == (6, 6, 6)
    assert "Play" not in html
    assert "browser" not in html


@pytest.mark.parametrize(
    ("player", "url"),
    [
        ('<iframe src="https://player.vimeo.com/video/12345"></iframe>', "https://vimeo.com/12345"),
        (
            '<video controls><source src="/v/talk.mp4" type="video/mp4">No video</video>',
            "https://blog.example.org/v/talk.mp4",
        ),
        ('<video src="talk.webm"></video>', "https://blog.example.org/2026/talk.webm"),
        (
            '<iframe src="https://www.blogger.com/video.g?token=AD6v5dx"></iframe>',
            "https://www.blogger.com/video.g?token=AD6v5dx",
        ),
        (
            '<div class="fb-video" data-href="https://www.facebook.com/elm/videos/123456/"></div>',
            "https://www.facebook.com/watch/?v=123456",
        ),
    ],
)
def test_players_of_other_platforms(player: str, url: str) -> None:
    """Their links are absolute too."""
    assert sanitise(player, BASE) == f'<a href="{url}"></a>'


def test_a_player_s_title_is_kept() -> None:
    """As text, in the link's title."""
    html = sanitise(
        '<iframe src="https://youtu.be/Abc-_123xyZ" title="Talk &quot;one&quot; &lt;b&gt;"></iframe>'
    )
    (anchor,) = document(html).anchors
    assert (anchor.url, anchor.title) == (WATCH, 'Talk "one" <b>')


@pytest.mark.parametrize(
    "frame", ["https://www.google.com/maps/embed?pb=1", "https://open.spotify.com/embed/x", ""]
)
def test_other_frames_go(frame: str) -> None:
    """Maps, music and frames without an address leave nothing behind."""
    assert sanitise(f'<p>a</p><iframe src="{frame}"></iframe><p>b</p>') == "<p>a</p><p>b</p>"


def test_a_share_button_of_a_video_is_no_player() -> None:
    """A link to a video stays the link that it is, with its words."""
    html = sanitise('<a href="https://youtu.be/Abc-_123xyZ" data-url="https://youtu.be/x">Watch it</a>')
    assert html == '<a href="https://youtu.be/Abc-_123xyZ">Watch it</a>'


# ── looks, links, leftovers ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("source", "safe"),
    [
        ('<p style="font-weight: bold">Key Themes</p>', "<p><b>Key Themes</b></p>"),
        ('<span style="font-weight:700;font-style:italic">x</span>', "<span><i><b>x</b></i></span>"),
        ('<b style="font-weight:normal" id="docs-internal"><p>x</p></b>', "<p>x</p>"),
        ('<h2 style="font-weight:bold">x</h2>', "<h2>x</h2>"),
        ('<p style="display:none">x</p><p hidden>y</p><p style="visibility: hidden">z</p>w', "w"),
        ('<b style="display: none">x</b>y', "y"),
        ("<center>x</center>y", "<div>x</div>y"),
        ("<kbd>x</kbd><strike>y</strike>", "<code>x</code><s>y</s>"),
        ('<a href="/x">y</a>', '<a href="https://blog.example.org/x">y</a>'),
        ('<a href="#note" class="c" target="_blank">1</a>', f'<a href="{BASE}#note">1</a>'),
        (
            '<img src="p.png" alt=" a\n b" width="3">',
            '<img src="https://blog.example.org/2026/p.png" alt="a b">',
        ),
        (
            '<img src="data:image/gif;base64,R0" data-src="/p.png">',
            '<img src="https://blog.example.org/p.png">',
        ),
        ('<img src="https://count.example/pixel" width="1" height="1">', ""),
        ('<img class="wp-smiley" src="https://s.example/1f642.png" alt="🙂">', "🙂"),
        (
            "<details><summary>More</summary><p>x</p></details>",
            "<details><summary>More</summary><p>x</p></details>",
        ),
        ('<p lang="de" dir="ltr" class="x" id="y">z</p>', '<p lang="de" dir="ltr">z</p>'),
        ('<time datetime="2026-11-20">today</time>', '<time datetime="2026-11-20">today</time>'),
        ("a\u202eb\x00c<!-- x --><o:p></o:p>", "abc"),
        ("<p>1 < 2 & 3 > 2</p>", "<p>1 &lt; 2 &amp; 3 &gt; 2</p>"),
        ('<a name="more"/>after', "<a></a>after"),
        ("<ruby>漢<rp>(</rp><rt>かん</rt></ruby>", "漢"),
    ],
)
def test_what_becomes_of_markup(source: str, safe: str) -> None:
    """Looks that mean something become tags; what is hidden, decorates or counts readers goes."""
    assert sanitise(source, BASE) == safe


def test_links_without_a_base_keep_only_what_is_absolute() -> None:
    """A relative link of unknown origin would lead to us."""
    assert (
        sanitise('<a href="/x">y</a><a href="mailto:a@example.org">z</a>')
        == '<a>y</a><a href="mailto:a@example.org">z</a>'
    )


# ── caps ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 50_000,
        "<b>" * 80_000,
        "<dd><li>" * 30_000,
        "<q><p></q></p>" * 18_000,
        "".join(f"<div><b {number}></div>" for number in range(13_000)),
        "<a " + " ".join(f"a{number}=1" for number in range(40_000)) + ">x",
        "".join(f"<p><a href=/{number}>" for number in range(15_000)),
        "<table><tr><td>" * 16_000,
        "<" * 260_000,
        "<!--" * 60_000,
        '<a x="' * 40_000,
        "&" * 260_000,
        "<svg><title>" * 20_000,
        "<div data-src=https://example.org/a.mp4>" * 6_000,
    ],
    ids=lambda source: re.sub(r"\d+.*", "", source[:24]),
)
def test_nothing_takes_long(source: str) -> None:
    """html5ever alone needs seconds to minutes for some of these."""
    with effort() as spent:
        safe = sanitise(source, BASE)
        document(safe)
    assert spent.seconds < 4
    assert len(safe) <= 8 * LARGEST


def test_what_is_too_long_is_cut_between_tags() -> None:
    """Neither half a tag nor half a character reference is left, and cutting again changes nothing."""
    html = sanitise("<p>word &amp; word</p>" * 20_000)
    assert html.endswith("</p>")
    assert len(html) <= LARGEST + len("</p>")
    assert sanitise(html) == html
    assert re.fullmatch(r"x(?:&amp;)+", sanitise("x" + "&amp;" * 60_000))


def test_what_is_too_deep_is_lifted() -> None:
    """A hundred levels are kept, and all words."""
    html = sanitise("<div>" * 300 + "deep" + "</div>" * 300 + "<p>after</p>")
    assert html.count("<div>") == 100
    assert document(html).text == "deep\n\nafter"
