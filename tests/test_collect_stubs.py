"""collect/stubs.py: which entries are only the beginning of a post."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest.collect.entries import Markup, RawEntry, entry
from digest.collect.parse import parse_feed
from digest.collect.stubs import by_itself, is_cut, is_stub, stubs
from digest.model import Entry, FullText, PostKind

HOME = "https://quay.example.org/"
PAGE = HOME + "2026/11/the-night-ferry.html"
LONG = (
    "The night ferry to Port Almeda carries bread, letters and a nurse who knows every passenger by name. "
    * 9
)
SHORT = "The night ferry carries bread, letters and a nurse."


def made(
    html: str, *, title: str = "The night ferry", url: str = PAGE, day: int = 1, **more: object
) -> Entry:
    """An entry as a feed's adapter makes it."""
    raw = RawEntry(id=url, url=url, title=title, body=Markup(html, HOME), **more)  # type: ignore[arg-type]
    return replace(entry(raw), published=datetime(2026, 11, day, tzinfo=UTC))


def feed(*bodies: str) -> list[Entry]:
    """The entries of one feed."""
    return [
        made(body, title=f"The night ferry, part {number}", url=f"{HOME}{number}", day=number)
        for number, body in enumerate(bodies, 1)
    ]


# ── one entry ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "ending",
    [
        "…",
        "...",
        " […]",
        " [...]",
        " [&hellip;]",
        "… <a href='/x'>Read more</a>",
        "… Weiterlesen →",
        "... Lire la suite »",
        "… ادامه مطلب",
        "… Читать далее",
        "[…] Devamını oku",
    ],
)
def test_what_ends_in_dots_was_cut(ending: str) -> None:
    """With or without a call to read on, in whatever language it is."""
    assert is_stub(made(f"<p>{LONG}and then the captain{ending}</p>"))


@pytest.mark.parametrize(
    "link",
    [
        f'<a href="{PAGE}">Read more »</a>',
        f'<a href="{PAGE}#more-17">Weiterlesen</a>',
        f'<a href="{PAGE}?utm_source=rss&amp;utm_medium=feed">ادامه</a>',
        '<a href="/2026/11/the-night-ferry.html">Čtěte dál</a>',
    ],
)
def test_what_ends_with_a_link_to_itself_goes_on_there(link: str) -> None:
    """Blogger's jump break and WordPress' "more" tag, recognised by where the link leads and not by its words."""
    assert is_stub(made(f"<p>{LONG}</p><p>{LONG}</p><br>{link}"))


@pytest.mark.parametrize("html", ["", "<p></p>", "<p>The night ferry</p>", "<img src='/boat.jpg'>"])
def test_a_bare_title_is_a_stub(html: str) -> None:
    """Nothing is said but the title."""
    assert is_stub(made(html))


@pytest.mark.parametrize(
    "html",
    [
        f"<p>{LONG}</p>",
        f"<p>{LONG}</p><p>The post <a href='{PAGE}'>The night ferry</a> appeared first on <a href='{HOME}'>Quay</a>.</p>",
        f"<p>{LONG}</p><p><a href='{PAGE}#comments'>3 comments</a></p>",
        f"<p><a href='{PAGE}'>Permanent link</a></p><p>{LONG}</p><p>{LONG}</p><p>{LONG}</p>",
        f"<p>{LONG}</p><p>“And then … nothing,” said the nurse. “We rowed.”</p>",
        f"<p>{LONG * 6}…</p>",
        '<iframe src="https://www.youtube.com/embed/Abc-_123xyZ"></iframe>',
    ],
)
def test_a_whole_post_is_none(html: str) -> None:
    """Not by dots in its middle, links to its comments, the footer of WordPress, or for being a video."""
    assert not is_stub(made(html))


def test_a_note_without_a_title_is_whole() -> None:
    """Microblogs post a line at a time, and their dots are their own."""
    assert not is_stub(made("<p>Fog again…</p>", title=""))


@pytest.mark.parametrize(
    "text", ["Wait... what? No.", "He said: “…” and left.", "1, 2, 3 … 9 are digits. All of them."]
)
def test_dots_within_a_text_cut_nothing(text: str) -> None:
    """Only those at its end do."""
    assert not is_cut(text)


# ── a feed ───────────────────────────────────────────────────────────────────────────────────────


def wanted(entries: list[Entry], mode: FullText = FullText.AUTO) -> list[str]:
    """The addresses of the entries whose pages would be fetched."""
    return [found.url for found in stubs(entries, entries, mode)]


def test_a_feed_of_summaries_is_a_feed_of_stubs() -> None:
    """Where no entry has more than a few lines, none of them is the post; newest first."""
    assert wanted(feed(SHORT, SHORT, LONG[:500])) == [HOME + "3", HOME + "2", HOME + "1"]


def test_one_short_post_among_long_ones_is_whole() -> None:
    """A blog that gives its whole posts may write a short one."""
    assert wanted(feed(SHORT, LONG, LONG)) == []


def test_two_short_posts_show_no_habit() -> None:
    """A young blog may have begun with two notes."""
    assert wanted(feed(SHORT, SHORT)) == []


def test_notes_under_titles_made_of_their_first_words_are_whole() -> None:
    """As the feeds of microblogs title them."""
    notes = [
        made(f"<p>Fog at gate {n}, nobody flies.</p>", title=f"Fog at gate {n}…", url=f"{HOME}{n}")
        for n in range(5)
    ]
    assert wanted(notes) == []


def test_a_list_of_links_is_left_alone() -> None:
    """Its entries lead to other people's pages."""
    links = [made(SHORT, url=f"https://site{n}.example/post") for n in range(6)]
    assert wanted(links) == []
    assert len(wanted(links, FullText.ALWAYS)) == 6


def test_videos_have_no_page_to_read() -> None:
    """In any mode."""
    videos = [replace(found, kind=PostKind.VIDEO) for found in feed(SHORT, "", SHORT)]
    assert (wanted(videos), wanted(videos, FullText.ALWAYS)) == ([], [])


def test_the_setting_decides() -> None:
    """Always takes whole posts too, never takes no stub."""
    entries = feed(LONG, LONG + "…", LONG)
    assert wanted(entries) == [HOME + "2"]
    assert len(wanted(entries, FullText.ALWAYS)) == 3
    assert wanted(entries, FullText.NEVER) == []


def test_an_entry_without_a_web_address_has_no_page() -> None:
    """A guid or a mail address leads nowhere."""
    for url in ("", "tag:quay.example.org,2026:1", "mailto:a@quay.example.org", "http:///x", "http://[bad/"):
        assert wanted([made("", url=url)] * 3, FullText.ALWAYS) == []


def test_a_short_feed_of_blogger_is_known_by_its_entries() -> None:
    """Text without markup, cut at a few hundred characters."""
    atom = "".join(
        f"""<entry><id>tag:blogger.com,1999:blog-1.post-{n}</id><published>2026-11-0{n}T08:00:00Z</published>
        <title type="text">Ferry {n}</title><summary type="text">{LONG[:380]}...</summary>
        <link rel="alternate" type="text/html" href="{HOME}2026/11/ferry-{n}.html"/></entry>"""
        for n in (1, 2)
    )
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><id>x</id><title>Quay</title>{atom}</feed>'
    entries = list(parse_feed(body.encode(), HOME + "feeds/posts/default").entries)
    assert wanted(entries) == [f"{HOME}2026/11/ferry-{n}.html" for n in (2, 1)]


@pytest.mark.parametrize(
    ("body", "alone"),
    [(f"<p>{LONG}</p><p>{LONG}</p>", True), (f"<p>{SHORT}</p>", False), ("<p>Fog…</p>", False)],
)
def test_a_whole_post_shows_by_itself_that_it_is_no_stub(body: str, alone: bool) -> None:
    """Of the others, the habits of their feed decide: so all of its entries must be seen, unless none is fetched."""
    assert by_itself(made(body, title="Boats"), FullText.AUTO) is alone
    assert by_itself(made(body), FullText.NEVER)
    assert by_itself(made(body), FullText.ALWAYS)
    assert by_itself(made(body, url="tag:quay.example.org,2026:1"), FullText.AUTO)
