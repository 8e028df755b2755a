"""From what a person types, or what a page says, to the addresses where a feed may be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.collect.discover import (
    MOST_OFFERS,
    Offer,
    Page,
    address,
    is_comments,
    read_links,
    usual_places,
)
from digest.model import Entry, SourceFeed

SITE = "https://quay.example.org/"


def page(head: str = "", body: str = "", url: str = SITE) -> Page:
    """What a page with this head and body says."""
    return read_links(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode(), url)


def offered(head: str, url: str = SITE) -> list[str]:
    return [offer.url for offer in page(head, url=url).offered]


def link(href: str, title: str = "", kind: str = "application/rss+xml", rel: str = "alternate") -> str:
    return f'<link rel="{rel}" type="{kind}" title="{title}" href="{href}">'


# ── what is typed ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("https://quay.example.org/feed", "https://quay.example.org/feed"),
        ("  <https://quay.example.org/> \n", "https://quay.example.org/"),
        ("quay.example.org", "https://quay.example.org"),
        ("quay.example.org:8080/blog", "https://quay.example.org:8080/blog"),
        ("youtube.com/@quay", "https://youtube.com/@quay"),
        ("//quay.example.org/feed", "https://quay.example.org/feed"),
        ("feed://quay.example.org/rss", "http://quay.example.org/rss"),
        ("feed:https://quay.example.org/rss", "https://quay.example.org/rss"),
        ("podcast://quay.example.org/rss", "http://quay.example.org/rss"),
        ("@ada@social.example.net", "https://social.example.net/@ada"),
    ],
)
def test_an_address_is_read_as_people_write_it(typed: str, meant: str) -> None:
    """Pasted from a browser, a reader, a business card or a profile."""
    assert address(typed) == meant


@pytest.mark.parametrize(
    "typed", ["", "quay", "ada@example.org", "mailto:ada@example.org", "ftp://a.example.org/", "javascript:alert(1)", "file:///etc/hosts"]
)  # fmt: skip
def test_what_is_no_web_address_is_none(typed: str) -> None:
    """A word, a mail address, another scheme."""
    assert address(typed) == ""


# ── what a page offers ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "head",
    [
        link("/feed.xml"),
        link("feed.xml", kind="application/atom+xml"),
        link("https://quay.example.org/feed.xml", kind="application/rdf+xml"),
        link("/feed.xml", kind="text/xml"),
        link("/feed.xml", kind="Application/RSS+XML; charset=utf-8"),
        link("/feed.xml", rel="ALTERNATE home"),
        link("/feed.xml", rel="feed", kind=""),
        '<link rel=alternate href="/feed.xml">',
        '<base href="https://quay.example.org/"><link rel="alternate" type="application/rss+xml" href="feed.xml"/>',
        "</head><body>" + link("/feed.xml"),  # where it does not belong, and browsers find it all the same
    ],
)
def test_a_feed_is_found_by_its_link(head: str) -> None:
    """However the link is written, and relative to the page or its base."""
    assert offered(head) == ["https://quay.example.org/feed.xml"]


@pytest.mark.parametrize(
    "head",
    [
        link("/de/", kind="text/html"),
        link("/wp-json/wp/v2/posts/7", kind="application/json"),
        link("/oembed?format=json&url=x", kind="application/json+oembed"),
        link("/wp-json/oembed/1.0/embed?format=xml", kind="text/xml+oembed"),
        link("/users/ada", kind="application/activity+json"),
        link("/style.css", kind="", rel="alternate stylesheet"),
        link("/sitemap.xml", kind="application/xml", rel="sitemap"),
        link("/search.xml", kind="application/opensearchdescription+xml", rel="search"),
        link("javascript:void(0)"),
        link(""),
    ],
)
def test_what_only_looks_like_a_feed_is_none(head: str) -> None:
    """Translations, interfaces, style sheets and site maps are named by links too."""
    assert offered(head) == []


def test_posts_come_before_comments_in_any_language() -> None:
    """Blog systems offer both; the title or the address tells which is which."""
    for title in (
        "Comments Feed",
        "Quay » Kommentar-Feed",
        "Flux des commentaires",
        "Комментарии",
        "دیدگاه‌ها",
    ):
        head = link("/a.xml", title) + link("/b.xml", "Quay")
        assert offered(head) == ["https://quay.example.org/b.xml", "https://quay.example.org/a.xml"]
    head = link("/feeds/77/comments/default", "Quay") + link("/feeds/posts/default", "Quay")
    assert offered(head)[0].endswith("/feeds/posts/default")


def test_a_blog_may_be_called_after_comments() -> None:
    """Then the address tells which of its feeds is of them."""
    head = link("/comments/feed/", "Comments from the quay » Comments") + link(
        "/feed/", "Comments from the quay"
    )
    assert offered(head) == [f"{SITE}feed/", f"{SITE}comments/feed/"]
    assert not Offer(f"{SITE}feed/", "Commentary").comments


def test_the_feed_of_the_page_comes_before_that_of_the_site() -> None:
    """Who gives the address of a category means the category."""
    head = link("/feed/", "Quay") + link("/category/boats/feed/", "Quay » Boats")
    assert offered(head, f"{SITE}category/boats/")[0] == f"{SITE}category/boats/feed/"
    assert offered(head)[0] == f"{SITE}feed/"


def test_whole_posts_come_before_excerpts_and_xml_before_json() -> None:
    """What says more is preferred; JSON is as good, but fewer people have tried it."""
    head = (
        link("/feed.json", kind="application/feed+json")
        + link("/feeds/posts/summary")
        + link("/feeds/posts/default")
    )
    assert offered(head) == [f"{SITE}feeds/posts/default", f"{SITE}feed.json", f"{SITE}feeds/posts/summary"]


def test_each_feed_is_offered_once_and_not_without_end() -> None:
    """A page may name the same feed in every corner, or ten thousand of them."""
    assert offered(link("/feed") * 3) == [f"{SITE}feed"]
    assert len(offered("".join(link(f"/{number}.rss") for number in range(200)))) == MOST_OFFERS


def test_a_link_in_the_text_is_found_where_it_looks_like_a_feed() -> None:
    """On this site or on a host for feeds; a button of somebody else's reader is no feed of the page."""
    body = (
        '<a href="/about">Us</a><a href="/rss.xml">RSS</a><a href="https://feeds.caster.example/quay">Podcast</a>'
        '<a href="https://reader.example.com/add/feed/quay">Add to reader</a><a href="mailto:a@b.example">Mail</a>'
    )
    assert [offer.url for offer in page(body=body).linked] == [
        f"{SITE}rss.xml",
        "https://feeds.caster.example/quay",
    ]


def test_a_directory_of_podcasts_names_the_feed_in_its_data() -> None:
    """In a script, with slashes and ampersands as JSON escapes them."""
    body = r'<script>x = {"feedUrl":"https:\/\/feeds.caster.example\/quay?a=1\u0026b=2"}</script>'
    assert page(body=body).offered == (Offer("https://feeds.caster.example/quay?a=1&b=2"),)


@given(st.binary(max_size=400))
def test_no_bytes_make_a_page_raise(body: bytes) -> None:
    """A page that cannot be read says nothing."""
    read_links(body, SITE)
    read_links(b"<html><link rel=alternate type=application/rss+xml href='" + body, SITE)


def test_a_huge_or_deep_page_is_read_in_no_time() -> None:
    """Only the beginning of a huge one."""
    assert read_links(b"<div>" * 100_000 + link("/late").encode(), SITE).generator == ""
    assert page(link("/feed") + "x" * 5_000_000).offered == (Offer(f"{SITE}feed"),)


# ── where feeds usually are ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("generator", "first"),
    [
        ("blogger", "https://quay.example.org/feeds/posts/default"),
        ("wordpress 6.9", "https://quay.example.org/feed/"),
        ("ghost 5.2", "https://quay.example.org/rss/"),
        ("hugo 0.120.4", "https://quay.example.org/index.xml"),
        ("", "https://quay.example.org/feed"),
    ],
)
def test_the_blog_system_tells_where_to_look_first(generator: str, first: str) -> None:
    """By ``<meta name="generator">``, in any case of letters."""
    told = page(f'<meta content="{generator.title()}" name="Generator">').generator
    assert usual_places(SITE, told)[0] == first


def test_a_site_in_a_folder_is_looked_for_there_before_the_root() -> None:
    """A blog beside other things on one host; a page's own name is no folder."""
    places = usual_places("https://quay.example.org/~ada/about.html")
    assert places[0] == "https://quay.example.org/~ada/feed"
    assert "https://quay.example.org/rss.xml" in places
    assert usual_places("https://quay.example.org/blog")[0] == "https://quay.example.org/blog/feed"
    assert len(set(places)) == len(places) < 24


def test_a_feed_of_comments_is_known_by_where_they_are() -> None:
    """Whatever its title says, in whatever language."""
    when = datetime(2026, 11, 1, tzinfo=UTC)

    def feed(*urls: str) -> SourceFeed:
        entries = tuple(Entry(url, url, "Ada: I agree", published=when) for url in urls)
        return SourceFeed("Quay", SITE, "en", entries)

    assert is_comments(feed(f"{SITE}boats/#comment-7", f"{SITE}boats/?showComment=1#c12"))
    assert not is_comments(feed(f"{SITE}boats/", f"{SITE}nets/#comment-1"))
    assert not is_comments(feed())
