"""``digest parse`` and ``digest extract``: one document from outside, in formats that stay, and without another request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import loopback
from digest.demo import site
from digest.model import SPAN_JOINT
from digest.text.language import normalise
from installation import NOW, Blog, Ran, command

PARSE_KEYS = [
    "id", "url", "title", "authors", "published", "updated", "labels", "language", "html", "text", "videos",
    "comments",
]  # fmt: skip
EXTRACT_KEYS = [
    "id", "url", "title", "language", "text", "summary", "themes", "quotes", "related_posts", "related_videos",
    "embedded_videos",
]  # fmt: skip
QUOTE_KEYS = {"text", "speaker", "topics", "spans", "start", "end", "origin", "confidence", "link"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
SHARED = Path(__file__).parents[2] / "shared" / "feeds"


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """The sample blog and channel on loopback."""
    with site.serve(datetime.now(UTC)) as address:
        yield address


def lines(*arguments: object) -> list[dict[str, Any]]:
    """The JSON lines that a command printed."""
    ran = command(*arguments, "--json")
    assert (ran.code, ran.err) == (0, ""), ran
    return ran.rows


def from_site(verb: str, base: str, path: str) -> list[dict[str, Any]]:
    return lines(verb, base + path, "--allow", base.removeprefix("http://"))


def check_entry(entry: dict[str, Any]) -> None:
    """The promises that docs/formats.md makes of a line of ``parse``."""
    assert list(entry)[: len(PARSE_KEYS)] == PARSE_KEYS
    for key in ("id", "url", "title", "language", "html", "text"):
        assert isinstance(entry[key], str), key
    assert entry["id"]
    for key in ("published", "updated"):
        assert entry[key] is None or TIME.fullmatch(entry[key])
    assert entry["comments"] is None or list(entry["comments"]) == ["count", "url"]
    assert not re.search(r"<(script|iframe|style)|\son\w+=|javascript:", entry["html"], re.IGNORECASE)
    for video in entry["videos"]:
        assert list(video) == ["platform", "id", "url", "title", "channel", "thumbnail"]


def check_post(post: dict[str, Any]) -> None:
    """The promises that docs/formats.md makes of a line of ``extract``."""
    assert list(post)[: len(EXTRACT_KEYS)] == EXTRACT_KEYS
    for theme in post["themes"]:
        assert (list(theme), theme["origin"] in ("listed", "derived")) == (
            ["title", "description", "origin"],
            True,
        )
    for quote in post["quotes"]:
        check_quote(quote, post["text"])
    for link in post["related_posts"]:
        assert list(link) == ["title", "url"]
    for video in post["related_videos"]:
        assert list(video) == ["title", "url", "platform", "id"]
    for video in post["embedded_videos"]:
        assert list(video) == ["platform", "id", "url"]


def check_quote(quote: dict[str, Any], text: str) -> None:
    """Its spans are in order, and what stands there, normalised and joined, is its text: verbatim."""
    assert set(quote) >= QUOTE_KEYS
    spans = quote["spans"]
    assert spans == sorted(spans)
    assert (quote["start"], quote["end"]) == (spans[0][0], spans[-1][1])
    assert quote["text"] == SPAN_JOINT.join(normalise(text[start:end]) for start, end in spans)
    assert quote["origin"] in ("listed", "prose")
    assert 0 <= quote["confidence"] <= 1


# ── the samples ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", [site.BLOG_FEED, site.CHANNEL_FEED])
def test_every_entry_of_a_feed_is_a_line(base: str, path: str) -> None:
    """Posts and videos alike, in the format that stays."""
    entries = from_site("parse", base, path)
    assert len(entries) > 5
    for entry in entries:
        check_entry(entry)
        assert entry["published"]
    if path == site.CHANNEL_FEED:
        assert all(entry["videos"][0]["platform"] == "youtube" for entry in entries)


def test_every_post_of_a_feed_is_a_line(base: str) -> None:
    """With the same text as ``parse`` gives, into which every offset points."""
    parsed = {entry["id"]: entry for entry in from_site("parse", base, site.BLOG_FEED)}
    posts = from_site("extract", base, site.BLOG_FEED)
    assert [post["id"] for post in posts] == list(parsed)
    for post in posts:
        check_post(post)
        assert post["text"] == parsed[post["id"]]["text"]
    assert sum(len(post["quotes"]) for post in posts) > 20
    assert sum(len(post["themes"]) for post in posts) > 20
    assert all(quote["speaker"] for post in posts for quote in post["quotes"] if quote["origin"] == "listed")


def test_a_page_gives_what_its_feed_gives(base: str) -> None:
    """One HTML page is one line; its quotes are those that the feed of the same post has."""
    post = next(post for post in from_site("extract", base, site.BLOG_FEED) if len(post["quotes"]) > 3)
    path = post["url"].removeprefix(base)
    (page,) = from_site("extract", base, path)
    check_post(page)
    assert (page["url"], page["title"]) == (post["url"], post["title"])
    assert {quote["text"] for quote in post["quotes"]} <= {quote["text"] for quote in page["quotes"]}
    (entry,) = from_site("parse", base, path)
    check_entry(entry)


# ── files, addresses, canaries ───────────────────────────────────────────────────────────────────


def test_a_file_has_the_address_that_it_is_given(tmp_path: Path) -> None:
    """``--url`` makes relative links absolute; without it they stay what they are."""
    page = tmp_path / "page.html"
    page.write_text(
        "<html lang=en><title>Mill Lane</title><article><h1>Mill Lane</h1>"
        "<p>The <a href='/weir'>weir</a> was opened by the mill, and many people came to see it.</p>"
        "<h2>Related Posts</h2><ul><li><a href='../bell'>The bell</a></li></ul></article></html>",
        encoding="utf-8",
    )
    (post,) = lines("extract", page, "--url", "https://hollin.test/2026/mill-lane")
    assert post["url"] == "https://hollin.test/2026/mill-lane"
    assert post["related_posts"] == [{"title": "The bell", "url": "https://hollin.test/bell"}]
    (entry,) = lines("parse", page, "--url", "https://hollin.test/2026/mill-lane")
    assert 'href="https://hollin.test/weir"' in entry["html"]


def test_neither_follows_a_link(tmp_path: Path) -> None:
    """Pages, pictures, comments, next pages: named in a document and never asked for, even where allowed."""
    with loopback.serve(lambda request: request.send(loopback.response(b"no"))) as canary:
        blog = Blog()
        blog.write("sluice", at=NOW)
        body = blog.body.decode()
        trap = canary.url("/trap")
        for old, new in (
            ("https://hollin.test/sluice", trap),
            (
                "&lt;p&gt;Ines",
                f"&lt;img src=&quot;{trap}&quot;&gt;&lt;p&gt;&lt;a href=&quot;{trap}&quot;&gt;Ines&lt;/a&gt;",
            ),
            ("<title>Mill", f'<link rel="next" href="{trap}"/><link rel="self" href="{trap}"/><title>Mill'),
        ):
            assert old in body
            body = body.replace(old, new, 1)
        feed = tmp_path / "feed.xml"
        feed.write_text(body, encoding="utf-8")
        for verb in ("parse", "extract"):
            (line,) = lines(verb, feed, "--allow", canary.endpoint)
            assert line["url"] == trap
        assert canary.connections == 0


def test_a_private_address_is_fetched_only_where_it_is_named() -> None:
    """Without ``--allow`` this machine and its network are out of bounds."""
    blog = Blog()
    blog.write("sluice", at=NOW)
    with loopback.serve(blog.answer) as server:
        refused: Ran = command("parse", server.url("/feed"), "--json")
        assert (refused.code, refused.out, server.connections) == (1, "", 0)
        assert "could not be fetched" in refused.err
        (entry,) = lines("parse", server.url("/feed"), "--allow", server.endpoint)
    assert entry["title"] == "The sluice"


def test_what_is_neither_feed_nor_page_is_told(tmp_path: Path) -> None:
    """A picture, an empty file, half a feed without an entry: exit 1 and a sentence, never a traceback."""
    for number, body in enumerate(
        (b"", b"\x89PNG\r\n\x1a\n\0\0", b"<rss><channel><title>cut", b"%PDF-1.7 \xff")
    ):
        file = tmp_path / f"{number}.bin"
        file.write_bytes(body)
        ran = command("extract", file, "--json")
        if ran.code == 0:  # a feed without entries has no lines
            assert ran.out == ""
        else:
            assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 1), ran


def test_people_read_it_too(base: str) -> None:
    """Without ``--json``: titles and dates; themes, quotes and who said them."""
    allow = ("--allow", base.removeprefix("http://"))
    parsed = command("parse", base + site.BLOG_FEED, *allow).out
    assert re.search(r"^.+ \(\d{4}-\d\d-\d\d, \d+ words\) http://", parsed, re.MULTILINE)
    read = command("extract", base + site.BLOG_FEED, *allow).out
    assert re.search(r"^  theme \(listed\): .+: .+", read, re.MULTILINE)
    assert re.search(r"^  “.+” — \w+.*\(listed\)$", read, re.MULTILINE)


# ── real feeds ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not SHARED.is_dir(), reason="no folder of real feeds beside the checkout")
@pytest.mark.parametrize("name", sorted(path.name for path in SHARED.glob("*.*") if path.suffix != ".md"))
def test_real_feeds_keep_the_formats(name: str) -> None:
    """All entries of Blogger, WordPress, a news site, JSON Feed and YouTube, every quote verbatim."""
    file = SHARED / name
    body = file.read_text(encoding="utf-8", errors="replace")
    there = len(re.findall(r"<(?:entry|item)[\s>]", body)) or body.count('"date_published"')
    entries = lines("parse", file)
    posts = lines("extract", file)
    assert len(entries) == len(posts) == there
    for entry in entries:
        check_entry(entry)
    for post in posts:
        check_post(post)
