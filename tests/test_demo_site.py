"""The sample blog and channel: feeds that parse, pages that exist, links that lead somewhere."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest
import requests
from feedparser.api import parse
from feedparser.util import FeedParserDict
from lxml import etree, html

from digest.demo.loopback import Answer, Request, listening
from digest.demo.pictures import png
from digest.demo.site import BLOG_FEED, CHANNEL_FEED, CHANNEL_PAGE, Site, serve
from digest.errors import DigestError

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
KNOWN_HOSTS = {"www.youtube.com", "m.youtube.com", "youtu.be", "www.youtube-nocookie.com", "www.blogger.com"}


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """The samples on loopback, as of NOW."""
    with serve(NOW) as url:
        yield url


@pytest.fixture(scope="module")
def site(base: str) -> Site:
    """What the server at ``base`` shows, to compare with."""
    return Site(base, NOW)


def get(url: str, **headers: str) -> requests.Response:
    """A page, not following any proxy of this machine."""
    with requests.Session() as session:
        session.trust_env = False
        return session.get(
            url, headers={name.replace("_", "-"): value for name, value in headers.items()}, timeout=5
        )


def parsed(document: bytes) -> FeedParserDict:
    """A feed as a feed reader's parser sees it."""
    feed: FeedParserDict = parse(document)
    return feed


def elements(page: etree._Element, path: str) -> list[etree._Element]:
    """What an XPath finds."""
    found = page.xpath(path)
    assert isinstance(found, list)
    return [element for element in found if isinstance(element, etree._Element)]


def text_of(element: etree._Element) -> str:
    """The visible text, white space made one."""
    return " ".join("".join(str(part) for part in element.itertext()).split())


# ── the feeds ────────────────────────────────────────────────────────────────────────────────────


def test_the_blogs_feed_parses_without_complaint(base: str, site: Site) -> None:
    """Atom with every post once, newest first, and complete links."""
    feed = parsed(get(base + BLOG_FEED).content)
    assert not feed.bozo
    assert [entry.link for entry in feed.entries] == [post.url for post in site.posts]
    assert len({entry.id for entry in feed.entries}) == len(site.posts)
    assert [int(entry.thr_total) for entry in feed.entries] == [len(post.comments) for post in site.posts]
    assert all(link.get("rel") and link.get("type") for entry in feed.entries for link in entry.links)
    dates = [entry.published_parsed for entry in feed.entries]
    assert dates == sorted(dates, reverse=True)


def test_the_feed_has_the_whole_text_of_each_post(base: str, site: Site) -> None:
    """Blogger publishes full HTML as escaped text (RFC 4287 §3.1.1.2), and so does the sample."""
    root = etree.fromstring(get(base + BLOG_FEED).content)
    contents = root.findall("{*}entry/{*}content")
    assert [content.get("type") for content in contents] == ["html"] * len(site.posts)
    assert [content.text for content in contents] == [post.html for post in site.posts]


def test_ids_do_not_depend_on_the_address(site: Site) -> None:
    """The same post has the same id on another port, as it has after a move of a real blog."""
    moved = Site("http://127.0.0.1:1", NOW)
    for path in (BLOG_FEED, site.posts[0].comments_feed):
        ids = [
            [element.text for element in etree.fromstring(answer.body).iter("{*}id")]
            for answer in (site.respond(Request(path, {})), moved.respond(Request(path, {})))
            if answer
        ]
        assert ids[0] == ids[1]


def test_following_next_gives_every_post_once(base: str, site: Site) -> None:
    """Paging by rel=next ends, and loses and repeats nothing (RFC 5005 §3)."""
    found, url = [], f"{base}{BLOG_FEED}?max-results=4"
    while url:
        feed = parsed(get(url).content)
        found += [entry.link for entry in feed.entries]
        url = next((link.href for link in feed.feed.links if link.rel == "next"), "")
    assert found == [post.url for post in site.posts]


@pytest.mark.parametrize(
    "query", ["max-results=0", "max-results=-1", "start-index=x", "start-index=99999999999", "max-results=١"]
)
def test_nonsense_in_a_query_still_gives_a_feed(base: str, query: str) -> None:
    """Whatever the numbers say, the answer is a valid document with at least one post."""
    feed = parsed(get(f"{base}{BLOG_FEED}?{query}").content)
    assert not feed.bozo
    assert feed.entries


def test_the_channels_feed_is_like_youtubes(base: str, site: Site) -> None:
    """media:group with title, description and a thumbnail that is there."""
    answer = get(base + CHANNEL_FEED)
    feed = parsed(answer.content)
    assert not feed.bozo
    assert [entry.yt_videoid for entry in feed.entries] == [video.id for video in site.videos]
    assert [entry.summary for entry in feed.entries] == [video.description for video in site.videos]
    for entry in feed.entries:
        assert get(entry.media_thumbnail[0]["url"]).headers["Content-Type"] == "image/png"


@pytest.mark.parametrize("query", ["", "?channel_id=", "?channel_id=UCsomebodyelse"])
def test_another_channel_is_not_found(base: str, query: str) -> None:
    """Without its id the channel has no feed."""
    assert get(base + CHANNEL_FEED.partition("?")[0] + query).status_code == 404


def test_a_posts_comments_have_a_feed(base: str, site: Site) -> None:
    """Each comment refers to the post it answers (RFC 4685)."""
    post = max(site.posts, key=lambda post: len(post.comments))
    feed = parsed(get(base + post.comments_feed).content)
    assert not feed.bozo
    assert [entry.author for entry in feed.entries] == [comment.author for comment in post.comments]
    assert all(entry.link.startswith(f"{post.url}#c") for entry in feed.entries)


def test_nothing_is_dated_in_the_future(site: Site) -> None:
    """Posts, comments and videos count back from now."""
    dates = [post.published for post in site.posts] + [video.published for video in site.videos]
    dates += [comment.published for post in site.posts for comment in post.comments]
    assert max(dates) < NOW


def test_the_same_moment_gives_the_same_bytes(site: Site) -> None:
    """Every page is a function of address and moment."""
    again = Site(site.base_url, NOW)
    for path in site.paths:
        assert site.respond(Request(path, {})) == again.respond(Request(path, {}))


# ── the pages ────────────────────────────────────────────────────────────────────────────────────


def test_every_post_has_its_page(site: Site) -> None:
    """With its title, its words, its comments and its labels around it."""
    for post in site.posts:
        page = html.fromstring(get(post.url).content.decode())
        assert page.findtext(".//h1") == post.title
        assert [link.get("href") for link in elements(page, "//link[@rel='canonical']")] == [post.url]
        (body,) = elements(page, f"//*[@id='post-body-{post.id}']")
        assert text_of(body) == text_of(html.fromstring(f"<div>{post.html}</div>"))
        assert [text_of(one) for one in elements(page, "//dd[@class='comment-body']/p")] == [
            comment.text for comment in post.comments
        ]


def test_every_link_leads_somewhere(base: str, site: Site) -> None:
    """Links stay on the site and exist, down to their fragment, or lead to the two platforms it imitates."""
    pages = {path: html.fromstring(answer.body.decode()) for path, answer in html_pages(site)}
    for path, page in pages.items():
        for element in page.iter("a", "img", "link", "iframe"):
            url = element.get("href") or element.get("src")
            if not url:
                continue
            target = urlsplit(url)
            if not url.startswith(base):
                assert target.hostname in KNOWN_HOSTS, f"{url} on {path}"
                continue
            answer = get(url)
            assert answer.status_code == 200, f"{url} on {path}"
            if target.fragment:
                assert f'id="{target.fragment}"' in answer.text, f"{url} on {path}"


def html_pages(site: Site) -> Iterator[tuple[str, Answer]]:
    """All HTML pages of the site."""
    for path in site.paths:
        answer = site.respond(Request(path, {}))
        if answer and answer.content_type.startswith("text/html"):
            yield path, answer


@pytest.mark.parametrize(("path", "feed"), [("/", BLOG_FEED), (CHANNEL_PAGE, CHANNEL_FEED)])
def test_the_feed_is_found_from_the_front_page(base: str, path: str, feed: str) -> None:
    """Autodiscovery: rel=alternate with the type of a feed."""
    page = html.fromstring(get(base + path).content.decode())
    links = elements(page, "//link[@rel='alternate'][contains(@type, '+xml')]")
    assert [link.get("href") for link in links] == [base + feed]


def test_a_label_page_lists_the_posts_with_that_label(base: str, site: Site) -> None:
    """Labels of any script work."""
    for label in ("Press freedom", "گفت‌وگو"):
        page = html.fromstring(get(f"{base}/search/label/{quote(label)}").content.decode())
        titles = [text_of(title) for title in elements(page, "//h3")]
        assert titles == [post.title for post in site.posts if label in post.labels]


# ── the server ───────────────────────────────────────────────────────────────────────────────────


def test_an_unchanged_page_is_not_sent_again(base: str) -> None:
    """Either validator is enough; the tag goes before the date (RFC 9110 §13.2.2)."""
    first = get(base + BLOG_FEED)
    tag, date = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in (
        {"If_None_Match": tag},
        {"If_None_Match": f'"other", W/{tag}'},
        {"If_Modified_Since": date},
    ):
        again = get(base + BLOG_FEED, **headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == tag
    assert get(base + BLOG_FEED, If_None_Match='"other"', If_Modified_Since=date).status_code == 200


@pytest.mark.parametrize("date", ["", "yesterday", "Sun, 01 Jan 2006 00:00:00 GMT", "9999999999"])
def test_an_old_or_broken_date_gets_the_page(base: str, date: str) -> None:
    """A date that says nothing is ignored."""
    assert get(base + BLOG_FEED, If_Modified_Since=date).status_code == 200


def test_head_is_get_without_a_body(base: str) -> None:
    """The same headers, no bytes."""
    with requests.Session() as session:
        session.trust_env = False
        answer = session.head(base + BLOG_FEED, timeout=5)
    assert answer.content == b""
    assert int(answer.headers["Content-Length"]) == len(get(base + BLOG_FEED).content)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/2026/11/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/pictures/s640/unknown.png",
        "/feeds",
    ],
)
def test_what_is_not_there_is_not_found(base: str, path: str) -> None:
    """Only the pages that exist are served."""
    assert get(base + path).status_code == 404


def test_a_foreign_name_gets_nothing(base: str) -> None:
    """A page elsewhere whose name points at this machine cannot read it (DNS rebinding)."""
    assert get(base + BLOG_FEED, Host="attacker.example").status_code == 421


def test_a_port_that_is_taken_is_named(base: str) -> None:
    """One sentence with the port and what to do."""
    port = urlsplit(base).port
    with pytest.raises(DigestError, match=f"127.0.0.1:{port} .*choose another port"), serve(NOW, port or 0):
        pass


def test_the_server_ends_with_its_block() -> None:
    """Nothing listens any more."""
    with listening(lambda _: lambda _request: Answer(b"here")) as url:
        assert get(url).text == "here"
    with pytest.raises(requests.ConnectionError):
        get(url)


# ── the pictures ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("width", "height"), [(72, 72), (1, 1), (160, 90)])
def test_a_picture_is_a_whole_png(width: int, height: int) -> None:
    """Its header has the size, its chunks their checksums, its data a row of palette indices per line."""
    data, chunks = png("harbour", width, height), {}
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    place = 8
    while place < len(data):
        length = int.from_bytes(data[place : place + 4])
        body = data[place + 4 : place + 8 + length]
        assert zlib.crc32(body) == int.from_bytes(data[place + 8 + length : place + 12 + length])
        chunks[body[:4]] = body[4:]
        place += 12 + length
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (width, height)
    pixels = zlib.decompress(chunks[b"IDAT"])
    assert len(pixels) == (width + 1) * height
    assert max(pixels) < len(chunks[b"PLTE"]) // 3


def test_different_names_give_different_views() -> None:
    """And the same name always the same one."""
    assert png("harbour", 80, 45) != png("ferry", 80, 45)
    assert png("harbour", 80, 45) == png("harbour", 80, 45)


def test_a_week_later_everything_is_a_week_newer() -> None:
    """The demo always looks as if somebody wrote yesterday."""
    earlier, later = (Site("http://127.0.0.1:1", moment) for moment in (NOW, NOW + timedelta(days=7)))
    shifts = {b.published - a.published for a, b in zip(earlier.posts, later.posts, strict=True)}
    assert shifts == {timedelta(days=7)}
