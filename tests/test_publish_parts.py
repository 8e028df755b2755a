"""Feeds of picks, quotes and videos: each part once, with where it is from and a link to its exact words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import feedparser
import pytest
from lxml import etree, html

from atom_schema import check
from digest.model import IssueDocument, Video
from digest.publish.feeds import atom
from feed_samples import corrected, feeds_of, illustrated, made, week, weeks
from publish_samples import PUBLISH, hostile, issue, published, right_to_left

ATOM = "{http://www.w3.org/2005/Atom}"


def read(name: str, document: IssueDocument) -> Any:
    return feedparser.parse(atom.write(feeds_of(published(document))[name].newest))


def links(entry: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for link in entry.links:
        found.setdefault(link.rel, []).append(link.href)
    return found


@pytest.mark.parametrize(
    "document", [issue(5), issue(200), right_to_left(), hostile(issue(12)), illustrated(issue(6))]
)
def test_every_feed_of_a_digest_is_valid(document: IssueDocument) -> None:
    """Whatever the issue says: no finding of RFC 4287, no complaint of feedparser."""
    for path, data in made(published(document)).items():
        if path.endswith(".xml") and not path.endswith("rss.xml"):
            assert check(data) == [], path
            assert not feedparser.parse(data).bozo, path


def test_a_theme_has_a_feed_of_its_picks() -> None:
    """In reading order, each with its theme, its source, its comments and its related posts."""
    document = issue(12)
    parsed = read("themes/press-freedom", document)
    picks = document.groups[0].picks
    assert parsed.feed.title == "The Harbour Letter: Press freedom"
    assert [entry.title for entry in parsed.entries] == [pick.title for pick in picks]
    entry = parsed.entries[0]
    assert entry.id == "tag:example.org,2026:weekly/p-post-0"
    assert links(entry) == {
        "alternate": ["https://feeds.example.org/weekly/2026-11-22/#p-post-0"],
        "via": [picks[0].url],
        "replies": [f"{picks[0].url}#comments"],
        "related": [
            *(shown.link.url for shown in picks[0].related_posts),
            *(shown.video.url for shown in picks[0].videos),
        ],
    }
    assert [(tag.term, tag.scheme, tag.label) for tag in entry.tags] == [
        ("press-freedom", "tag:example.org,2026:themes", "Press freedom")
    ]
    assert entry.author == "Ilse Marant"
    assert entry.summary == picks[0].blurb


def test_a_pick_names_the_feed_that_it_is_from() -> None:
    """With id, title, date and both its addresses (RFC 4287 §4.2.11), as they were when the issue was made."""
    document = issue(1)
    group = document.groups[0]
    kept = replace(
        group.picks[0], source_feed="https://was.example.org/feed", source_site="https://was.example.org/"
    )
    for shown, feed, site in (
        (document, "https://blog.example.org/feed.xml", "https://blog.example.org/"),
        (replace(document, groups=(replace(group, picks=(kept,)),)), kept.source_feed, kept.source_site),
    ):
        data = atom.write(feeds_of(published(shown))["themes/press-freedom"].newest)
        source = etree.fromstring(data).find(f"{ATOM}entry/{ATOM}source")
        assert source is not None
        assert [source.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated")] == [
            feed,
            "Harbour Notes",
            "2026-11-20T10:00:00Z",
        ]
        assert [(link.get("rel"), link.get("href")) for link in source.findall(f"{ATOM}link")] == [
            ("self", feed),
            ("alternate", site),
        ]


def test_each_key_quote_is_an_entry() -> None:
    """Its speaker is its author, its words stand in it whole, and a link leads to them in the source."""
    document = issue(3)
    parsed = read("quotes", document)
    said = [quote for pick in document.picks for quote in pick.quotes]
    assert [entry.id for entry in parsed.entries] == [
        f"tag:example.org,2026:weekly/{quote.id}" for quote in said
    ]
    for entry, quote in zip(parsed.entries, said, strict=True):
        assert entry.author == quote.quote.speaker
        assert entry.title.startswith(f"{quote.quote.speaker}: “")
        assert f"“{quote.quote.text}”" in entry.content[0].value
        assert links(entry)["via"] == [quote.quote.link]
        assert links(entry)["alternate"] == [f"https://feeds.example.org/weekly/2026-11-22/#{quote.id}"]
        assert entry.source.title == "Harbour Notes"
    assert {tag.label for tag in parsed.entries[0].tags} == {"Press freedom", "local papers"}


def test_each_video_is_an_entry() -> None:
    """Those in picks and the new ones, once, with where they are watched and our own picture of them."""
    document = illustrated(issue(6))
    parsed = read("videos", document)
    assert len(parsed.entries) == 4
    entry = parsed.entries[0]
    assert entry.title == "The night shift at the press, part 0"
    assert entry.author == "Harbour Talks"
    assert links(entry)["related"] == ["https://www.youtube.com/watch?v=vid00000000"]
    assert links(entry)["via"] == ["https://blog.example.org/2026/11/post-0.html"]
    address = "https://feeds.example.org/pictures/0123456789abcdef0123456789abcdef.jpg"
    assert entry.media_thumbnail == [{"url": address, "width": "640", "height": "360"}]
    assert f'src="{address}"' in entry.content[0].value


def test_a_video_file_is_an_enclosure() -> None:
    """What a program can fetch and play; a platform's page is only related."""
    document = issue(1)
    file = Video("file", "talk", "https://files.example.org/talk.MP4?x=1", "The talk")
    pick = document.picks[0]
    shown = replace(pick, videos=(replace(pick.videos[0], video=file),))
    groups = (replace(document.groups[0], picks=(shown,)),)
    parsed = read("videos", replace(document, groups=groups, new_videos=()))
    (enclosure,) = [link for link in parsed.entries[0].links if link.rel == "enclosure"]
    assert (enclosure.href, enclosure.type) == (file.url, "video/mp4")


def test_a_post_in_another_language_says_so() -> None:
    """xml:lang on its entry, as the feed has the digest's."""
    data = atom.write(feeds_of(published(right_to_left()))["quotes"].newest)
    lang = "{http://www.w3.org/XML/1998/namespace}lang"
    assert [entry.get(lang) for entry in etree.fromstring(data).findall(f"{ATOM}entry")] == [
        "fa",
        "fa",
        None,
        None,
    ]


def test_what_was_never_there_has_no_feed() -> None:
    """A digest without videos and quotes offers none."""
    bare = replace(issue(1), new_videos=())
    pick = replace(bare.picks[0], quotes=(), videos=())
    bare = replace(
        bare, groups=(replace(bare.groups[0], slug="", name="x", picks=(pick,)),), quote_of_the_week=""
    )
    assert set(feeds_of(published(bare))) == {"atom"}


def test_a_part_that_a_later_issue_shows_again_does_not_come_back_as_new() -> None:
    """An extra issue may repeat a pick; in its theme's feed it stays where it first was."""
    first = week(1)
    again = replace(week(0), document=replace(first.document, id=week(0).document.id))
    entries = feeds_of(again, first)["themes/press-freedom"].newest.entries
    assert [entry.published for entry in entries] == [first.published_at]


def test_pages_offer_every_feed() -> None:
    """Autodiscovery on the landing page and in the archive: what they name is in the tree, with its type."""
    tree = made(*weeks(2, picks=5), corrected(issue(6)))
    for name in ("index.html", "weekly/index.html"):
        head = html.document_fromstring(tree[name]).find("head")
        assert head is not None
        offered = [link for link in head.findall("link") if link.get("rel") == "alternate"]
        paths = [(link.get("href") or "").removeprefix(f"{PUBLISH.feeds_url}/") for link in offered]
        assert paths[:3] == ["weekly/atom.xml", "weekly/rss.xml", "weekly/feed.json"]
        assert {"weekly/quotes.xml", "weekly/videos.xml", "weekly/themes/schools.xml"} <= set(paths)
        assert set(paths) <= set(tree)
        assert all(link.get("title") and link.get("type") for link in offered)
