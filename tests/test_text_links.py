"""text/links.py and text/videos.py: one address behind all its spellings."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Video
from digest.text import links
from digest.text.links import absolute, canonical, passage, text_fragment, video
from digest.text.videos import key

UUID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
SHORT_UUID = "kkGMgK9ZtnKfYAgnEtQxbv"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("c.html", "https://blog.example.org/a/c.html"),
        ("/c", "https://blog.example.org/c"),
        ("//cdn.example.net/x", "https://cdn.example.net/x"),
        ("#part", "https://blog.example.org/a/b.html#part"),
        (" https://example.net/two words ", "https://example.net/two%20words"),
        ("HTTPS://example.net/", "https://example.net/"),
        ("ht\ntps://exa\tmple.net/", "https://example.net/"),
        ("/\\example.net\\x?a\\b", "https://example.net/x?a%5Cb"),
        ('/a"b<c>', "https://blog.example.org/a%22b%3Cc%3E"),
        ("mailto:desk@example.org", "mailto:desk@example.org"),
    ],
)
def test_links_become_absolute_as_in_a_browser(url: str, expected: str) -> None:
    """Relative, scheme-less and untidy links lead where a browser would go."""
    assert absolute(url, "https://blog.example.org/a/b.html") == expected


def test_a_video_is_the_same_however_its_id_is_spelled() -> None:
    """PeerTube writes a UUID in full or in base 58; anywhere else two ids are two videos."""
    addresses = [f"https://tube.example/w/{SHORT_UUID}", f"https://tube.example/videos/watch/{UUID}"]
    assert {key(found) for each in addresses if (found := video(each))} == {("peertube", UUID)}
    other = Video("vimeo", SHORT_UUID, "https://vimeo.com/1")
    assert key(other) == ("vimeo", SHORT_UUID)
    beyond = "Z" * 22  # more than 128 bits
    assert key(Video("peertube", beyond, "https://tube.example/")) == ("peertube", beyond)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVa\nScRiPt:alert(1)",
        "\x01javascript:alert(1)",
        " java\tscript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "http://[::1",
        "http://example.org:99999/",
        "mailto:nobody",
        "blob:https://example.org/1",
        "https://example.org/" + "a" * 5_000,
        "",
    ],
)
def test_links_that_lead_nowhere_safe_are_empty(url: str) -> None:
    """Scripts, data, files, impossible hosts and endless addresses are no links."""
    assert absolute(url, "https://blog.example.org/") == ""


def test_a_relative_link_without_a_base_is_no_link() -> None:
    """There is nothing that it could be relative to."""
    assert absolute("a/b.html") == absolute("/a/b") == ""


@given(st.text(max_size=60), st.sampled_from(["", "https://example.org/a/"]))
def test_an_absolute_link_stays_as_it_is(url: str, base: str) -> None:
    """Whatever the source: http, https or mail, without whitespace or controls, and stable."""
    found = absolute(url, base)
    assert found == "" or found.startswith(("http://", "https://", "mailto:"))
    assert absolute(found) == found
    assert not any(character.isspace() or character < " " for character in found)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/post?id=7",
        "HTTPS://EXAMPLE.org:443/post?id=7",
        "https://example.org/x/../post?id=7#comments",
        "https://example.org/post?utm_source=feed&id=7&UTM_Medium=rss",
        "https://example.org/post?id=7&fbclid=abc&gclid=x&mc_cid=1&mc_eid=2",
        "https://example.org/post?id=7&_hsenc=q&ref_src=twsrc&at_custom1_x=3",
        "https://example.org/%70ost?id=7",
    ],
)
def test_spellings_of_one_address_are_one(url: str) -> None:
    """Case, ports, dots, escapes, fragments and campaigns do not make another page."""
    assert canonical(url) == "https://example.org/post?id=7"


@pytest.mark.parametrize(
    "query", ["id=7&utm=1", "reference=2", "m=1", "campaign=spring", "source=x", "gallery=1"]
)
def test_parameters_that_choose_a_page_stay(query: str) -> None:
    """Only known families of tracking parameters go; the mobile switch only on Blogger's pages."""
    assert canonical(f"https://example.org/post?{query}") == f"https://example.org/post?{query}"


def test_blogger_s_mobile_page_is_the_page() -> None:
    """``?m=1`` and ``?spref`` change its looks."""
    assert (
        canonical("http://elm.example.org/2026/11/a.html?m=1&spref=tw")
        == "http://elm.example.org/2026/11/a.html"
    )


_PARTS = [
    "https://",
    "elm.example.org",
    "a-b.example",
    "/",
    "x",
    ".",
    "..",
    "?",
    "&",
    "=",
    "#",
    "m=1",
    "utm_a=1",
    "a=",
    "%41",
    "é",
]


@given(st.lists(st.sampled_from(_PARTS), max_size=12).map("".join))
def test_what_is_canonical_at_a_glance_is_canonical(rest: str) -> None:
    """Most addresses need no normalising, and those give what normalising would give."""
    url = f"https://elm.example.org/{rest}"
    assert canonical(url) == links._normalised(url)


def test_international_hosts_are_spelled_in_ascii() -> None:
    """One name, however it is written; what IDNA refuses is no host."""
    assert canonical("https://bücher.example/ä") == "https://xn--bcher-kva.example/%C3%A4"
    assert canonical(f"https://{'a' * 80}.example/") == canonical("mailto:a@example.org") == ""


# ── videos ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/watch?v=Abc-_123xyZ",
        "http://youtube.com/watch?feature=share&v=Abc-_123xyZ&t=42s&list=PL1234",
        "https://m.youtube.com/watch?v=Abc-_123xyZ&app=desktop",
        "https://music.youtube.com/watch?v=Abc-_123xyZ",
        "https://youtu.be/Abc-_123xyZ?si=tracking&t=3",
        "//www.youtube.com/embed/Abc-_123xyZ?rel=0&amp;start=7",
        "https://www.youtube-nocookie.com/embed/Abc-_123xyZ?controls=0",
        "https://youtube.com/shorts/Abc-_123xyZ?feature=share",
        "https://www.youtube.com/live/Abc-_123xyZ",
        "http://www.youtube.com/v/Abc-_123xyZ&hl=en_US&fs=1",
        "http://www.youtube.com/e/Abc-_123xyZ",
        "https://www.youtube.com/watch/Abc-_123xyZ",
        "https://www.youtube.com/watch_popup?v=Abc-_123xyZ",
        "https://www.youtube.com/#!v=Abc-_123xyZ",
        "https://youtube.googleapis.com/v/Abc-_123xyZ",
        "https://www.youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3DAbc-_123xyZ%26feature%3Dshare",
        "https://consent.youtube.com/m?continue=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3DAbc-_123xyZ&gl=DE",
        "https://www.google.com/url?sa=t&url=https%3A%2F%2Fyoutu.be%2FAbc-_123xyZ",
        "https://cdn.embedly.com/widgets/media.html?src=https%3A%2F%2Fwww.youtube.com%2Fembed%2FAbc-_123xyZ&key=x",
    ],
)
def test_every_spelling_of_a_youtube_address_is_one_video(url: str) -> None:
    """One id, one page to watch it on, one picture."""
    found = video(url)
    assert found is not None
    assert (found.platform, found.id) == ("youtube", "Abc-_123xyZ")
    assert found.url == "https://www.youtube.com/watch?v=Abc-_123xyZ"
    assert found.thumbnail == "https://i.ytimg.com/vi/Abc-_123xyZ/hqdefault.jpg"


@pytest.mark.parametrize(
    ("url", "platform", "id", "page"),
    [
        ("https://vimeo.com/123456789", "vimeo", "123456789", "https://vimeo.com/123456789"),
        ("https://vimeo.com/channels/talks/123456789", "vimeo", "123456789", "https://vimeo.com/123456789"),
        ("https://vimeo.com/groups/a/videos/123456789", "vimeo", "123456789", "https://vimeo.com/123456789"),
        ("//player.vimeo.com/video/123456789?title=0", "vimeo", "123456789", "https://vimeo.com/123456789"),
        (
            "https://player.vimeo.com/video/12345?h=0a1b2c3d4e",
            "vimeo",
            "12345",
            "https://vimeo.com/12345/0a1b2c3d4e",
        ),
        (
            "https://vimeo.com/12345/0a1b2c3d4e?share=copy",
            "vimeo",
            "12345",
            "https://vimeo.com/12345/0a1b2c3d4e",
        ),
        ("https://vimeo.com/moogaloop.swf?clip_id=12345", "vimeo", "12345", "https://vimeo.com/12345"),
        (
            f"https://tube.example/w/{SHORT_UUID}",
            "peertube",
            SHORT_UUID,
            f"https://tube.example/w/{SHORT_UUID}",
        ),
        (f"https://tube.example/videos/watch/{UUID}", "peertube", UUID, f"https://tube.example/w/{UUID}"),
        (
            f"https://tube.example/videos/embed/{UUID}?start=1",
            "peertube",
            UUID,
            f"https://tube.example/w/{UUID}",
        ),
        ("https://dai.ly/x8abcd", "dailymotion", "x8abcd", "https://www.dailymotion.com/video/x8abcd"),
        ("https://www.dailymotion.com/video/x8abcd_a-title", "dailymotion", "x8abcd", None),
        ("//www.dailymotion.com/embed/video/x8abcd?autoplay=1", "dailymotion", "x8abcd", None),
        ("https://geo.dailymotion.com/player/x1.html?video=x8abcd", "dailymotion", "x8abcd", None),
        (
            "https://www.facebook.com/watch/?v=1234567",
            "facebook",
            "1234567",
            "https://www.facebook.com/watch/?v=1234567",
        ),
        ("https://m.facebook.com/elm/videos/a-title/1234567/", "facebook", "1234567", None),
        ("https://www.facebook.com/reel/1234567", "facebook", "1234567", None),
        (
            "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Felm%2Fvideos%2F1234567%2F",
            "facebook",
            "1234567",
            None,
        ),
        ("https://fb.watch/aBc_123/", "facebook", "aBc_123", "https://fb.watch/aBc_123/"),
        ("https://www.blogger.com/video.g?token=AD6v5dx-x_1", "blogger", "AD6v5dx-x_1", None),
        ("https://example.org/a%20b.mp4?x=1#t=3", "file", "https://example.org/a%20b.mp4?x=1", None),
        ("https://example.org/clip.WebM", "file", "https://example.org/clip.WebM", None),
    ],
)
def test_videos_of_other_platforms(url: str, platform: str, id: str, page: str | None) -> None:
    """Vimeo, PeerTube on any host, Dailymotion, Facebook, Blogger's own player, and plain files."""
    found = video(url)
    assert found is not None
    assert (found.platform, found.id) == (platform, id)
    assert page is None or found.url == page


@pytest.mark.parametrize(
    "url",
    [
        "https://www.youtube.com/playlist?list=PL1234567890",
        "https://www.youtube.com/embed/videoseries?list=PL1234567890",
        "https://www.youtube.com/embed/live_stream?channel=UC1234567890",
        "https://www.youtube.com/channel/UC1234567890abcdefghij",
        "https://www.youtube.com/@elmvalley",
        "https://www.youtube.com/watch?v=too-short",
        "https://i.ytimg.com/vi/Abc-_123xyZ/hqdefault.jpg",
        "https://notyoutube.com/watch?v=Abc-_123xyZ",
        "https://youtube.com.evil.example/embed/Abc-_123xyZ",
        "https://vimeo.com/elmvalley",
        "https://vimeo.com/event/123",
        f"https://tube.example/w/p/{SHORT_UUID}",
        "https://tube.example/w/index.php",
        "https://drive.google.com/file/d/1aBcD/preview",
        "https://www.scribd.com/embeds/12345/content",
        "https://open.spotify.com/embed/track/1aBcD",
        "https://www.google.com/maps/embed?pb=1",
        "https://www.facebook.com/elmvalley",
        "https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fyoutu.be%2FAbc-_123xyZ",
        "https://www.dailymotion.com/elmvalley",
        "https://www.blogger.com/profile/123",
        "javascript:youtube.com/embed/Abc-_123xyZ",
        "http://[bad/embed/Abc-_123xyZ",
        "",
    ],
)
def test_what_is_no_video(url: str) -> None:
    """Playlists, channels, pictures, documents, maps, music, share buttons, and hosts that only look alike."""
    assert video(url) is None


def test_a_video_keeps_the_title_of_its_player() -> None:
    """Cleaned and of a sane length."""
    found = video("https://youtu.be/Abc-_123xyZ", "  A\u202e talk\n about   water " + "x" * 1_000)
    assert found is not None
    assert found.title.startswith("A talk about water xxx")
    assert len(found.title) == 300


def test_redirects_inside_redirects_end() -> None:
    """A wrapper around a wrapper is opened, one around that is not."""
    url = "https://youtu.be/Abc-_123xyZ"
    for _ in range(5):
        url = "https://www.google.com/url?q=" + url.replace("&", "%26").replace("?", "%3F")
    assert video(url) is None


@given(st.text(max_size=80))
def test_no_address_is_too_odd(url: str) -> None:
    """Nothing raises, and what is found is always on the web."""
    found = video(f"https://www.youtube.com/{url}")
    assert found is None or found.url.startswith("https://")
    assert video(url) is None or url


# ── text fragments ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "fragment"),
    [
        (["We drink what we protect"], "text=We drink what we protect"),
        (
            ["one two three four five six seven eight nine ten eleven twelve"],
            "text=one two three four five,eight nine ten eleven twelve",
        ),
        (["first line of words\nlast line here"], "text=first line of words,last line here"),
        (["one two three four five six seven\n\nthe end"], "text=one two three four five,the end"),
        (["water belongs", "to everyone"], "text=water belongs&text=to everyone"),
        (["spaces \u00a0 collapse"], "text=spaces collapse"),
    ],
)
def test_a_fragment_names_the_words(words: list[str], fragment: str) -> None:
    """Short words as they are; of long ones the first and the last, neither across a block."""
    url = text_fragment("https://example.org/post", words)
    assert unquote(url) == f"https://example.org/post#:~:{fragment}"


def test_the_directive_s_own_characters_are_escaped() -> None:
    """A dash, a comma and an ampersand in the words are words."""
    assert text_fragment("https://example.org/", ["so-called, R&D"]).endswith("text=so%2Dcalled%2C%20R%26D")


def test_a_fragment_of_the_page_is_kept_and_an_old_directive_replaced() -> None:
    """``#part`` stays in front of the directive."""
    assert text_fragment("https://example.org/#part", ["x"]) == "https://example.org/#part:~:text=x"
    assert text_fragment("https://example.org/#part:~:text=y", ["x"]) == "https://example.org/#part:~:text=x"
    assert text_fragment("https://example.org/#part", [" \n "]) == "https://example.org/#part"


TWICE = "He said, “I resign,” twice.\n\nThen, on the second day, she said, “I resign.”"


def test_words_that_stand_earlier_too_take_along_what_is_before_them() -> None:
    """With the mark that opens them, because a browser wants nothing between; the first of them needs nothing."""
    first, second = TWICE.index("I resign"), TWICE.rindex("I resign")
    url = "https://example.org/post"
    assert unquote(passage(url, TWICE, [(first, first + 8)])) == f"{url}#:~:text=I resign"
    assert unquote(passage(url, TWICE, [(second, second + 9)])).endswith("text=I resign.")
    assert unquote(passage(url, TWICE, [(second, second + 8)])) == (
        f"{url}#:~:text=second day, she said, “-,I resign"
    )
    assert passage("", TWICE, [(first, first + 8)]) == ""


def test_what_is_before_does_not_reach_into_another_line_or_half_a_word() -> None:
    """A browser searches whole words within a block."""
    url = "https://example.org/post"
    assert unquote(passage(url, "a dam\n\n“a dam", [(8, 13)])) == f"{url}#:~:text=“-,a dam"
    assert unquote(passage(url, "a dam\n\na dam", [(7, 12)])) == f"{url}#:~:text=a dam"
    long = f"a dam {'w' * 58} so a dam"
    assert unquote(passage(url, long, [(len(long) - 5, len(long))])) == f"{url}#:~:text=so-,a dam"
