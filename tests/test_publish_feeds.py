"""The Atom feed of issues: valid, stable, and the same as the issue says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import feedparser
import pytest
from lxml import etree

import golden
from atom_schema import check
from digest.model import Group, IssueDocument, Note
from digest.publish.addresses import PublishedIssue, entry_id, issue_folder
from digest.publish.feeds import atom
from digest.publish.shown import SUMMARY_LIMIT
from feed_samples import HUB, corrected, feeds_of, illustrated, made
from publish_samples import (
    DIGEST,
    PUBLISH,
    SLOT,
    hostile,
    issue,
    pick,
    published,
    right_to_left,
)

ATOM = "{http://www.w3.org/2005/Atom}"


def feed(*issues: PublishedIssue, language: str = "en") -> bytes:
    return atom.write(feeds_of(*issues, language=language)["atom"].newest)


def read(data: bytes) -> Any:
    """As a feed reader sees it."""
    return feedparser.parse(data)


def entries(data: bytes) -> list[etree._Element]:
    return etree.fromstring(data).findall(f"{ATOM}entry")


def empty() -> IssueDocument:
    return replace(
        issue(5), groups=(), introduction="", new_videos=(), also_published=(), quote_of_the_week=""
    )


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("five picks", issue(5)),
        ("thirty picks", issue(30)),
        ("two hundred picks", issue(200)),
        ("right to left", right_to_left()),
        ("hostile in every field", hostile(issue(12))),
        ("nothing in it", empty()),
        ("an extra issue with an odd name", issue(3, name="Ünicode & co/../x")),
    ],
)
def test_the_feed_is_valid_whatever_the_issue_says(name: str, document: IssueDocument) -> None:
    """No finding of RFC 4287 and no complaint of feedparser, even for control characters and scripts."""
    data = feed(published(document))
    assert check(data) == []
    assert not read(data).bozo


def test_what_feedparser_reads_is_what_the_issue_says() -> None:
    """Round trip through a reader: title, id, times, author, language, summary, categories."""
    parsed = read(feed(corrected(replace(issue(5), title="A first title"), issue(5))))
    entry = parsed.entries[0]
    assert parsed.feed.id == "tag:example.org,2026:weekly"
    assert parsed.feed.language == "en"
    assert entry.id == "tag:example.org,2026:weekly/2026-11-22"
    assert entry.title == issue(5).title
    assert entry.link == "https://feeds.example.org/weekly/2026-11-22/"
    assert entry.published == "2026-11-22T08:00:00+00:00"
    assert entry.updated == "2026-11-22T13:00:00+00:00"
    assert entry.author == DIGEST.title
    assert entry.summary.startswith("Dear reader, this week a printer")
    assert (entry.tags[0].term, entry.tags[0].label) == ("press-freedom", "Press freedom")
    assert {tag.scheme for tag in entry.tags} == {"tag:example.org,2026:themes"}


def test_every_link_of_an_entry_is_typed_titled_and_there_once() -> None:
    """feedgen alone makes untyped duplicates of them."""
    document = issue(5)
    twice = replace(document, groups=(*document.groups, Group("", "More", (pick(0), pick(9)))))
    links = entries(feed(published(twice)))[0].findall(f"{ATOM}link")
    assert [link.get("rel") for link in links] == ["alternate"] + ["related"] * 6
    assert {link.get("type") for link in links} == {"text/html"}
    assert all(link.get("title") for link in links)
    assert len({link.get("href") for link in links}) == len(links)


def test_the_same_issues_give_the_same_bytes() -> None:
    """No clock is read: a reader that polls twice sees nothing new."""
    assert feed(published(), published(weeks_ago=1)) == feed(published(), published(weeks_ago=1))


def test_a_correction_moves_updated_and_nothing_else() -> None:
    """The corrected entry keeps its id and its day; the feed says that something happened."""
    document = issue(5)
    before = read(feed(corrected(document)))
    after = read(feed(corrected(document, replace(document, introduction="We had misspelt a name."))))
    assert before.entries[0].id == after.entries[0].id
    assert before.entries[0].published == after.entries[0].published
    assert after.entries[0].updated == "2026-11-22T13:00:00+00:00"
    assert after.feed.updated == after.entries[0].updated


def test_a_quote_links_to_its_exact_words_and_to_its_anchor() -> None:
    """Both the source's text fragment and our page's anchor are in the content."""
    content = entries(feed(published()))[0].findtext(f"{ATOM}content") or ""
    for shown in issue(5).groups[0].picks[0].quotes:
        assert f'href="{shown.quote.link}"' in content
        assert f'href="https://feeds.example.org/weekly/2026-11-22/#{shown.id}"' in content
        assert shown.quote.text in content


def test_no_words_are_printed_twice() -> None:
    """The quote of the week stands at the top and not again under its post."""
    content = entries(feed(published(issue(1))))[0].findtext(f"{ATOM}content") or ""
    assert content.count(issue(1).picks[0].quotes[0].quote.text) == 1


def test_a_very_long_issue_sends_readers_to_its_page() -> None:
    """An entry stays of a size that readers take; what is left out is counted and linked."""
    content = entries(feed(published(issue(200))))[0].findtext(f"{ATOM}content") or ""
    assert content.count("<h3>") == 50
    assert "30 more on the web" in content
    assert len(content) < 150_000


def test_a_summary_is_short_and_plain() -> None:
    """Whole sentences of the introduction, at most 300 characters; without one, the titles."""
    document = issue(5)
    long = replace(document, introduction="One sentence of this length is repeated. " * 40)
    for shown in (long, replace(document, introduction=""), empty()):
        summary = entries(feed(published(shown)))[0].findtext(f"{ATOM}summary") or ""
        assert 0 < len(summary) <= SUMMARY_LIMIT
        assert "<" not in summary


def test_a_digest_without_an_issue_has_no_feed() -> None:
    """There is no honest time of update, so nothing is made up."""
    assert feeds_of() == {}
    assert sorted(made()) == ["index.html", "weekly/index.html"]


def test_the_feed_names_itself_its_page_its_other_formats_and_its_hub() -> None:
    """Each with its type; the hub only where one is set."""
    told = feeds_of(published(), publish=PUBLISH.model_copy(update={"hub": HUB}))["atom"].newest
    assert [
        (link.rel, link.type, link.href.removeprefix("https://feeds.example.org/")) for link in told.links
    ] == [
        ("self", "application/atom+xml", "weekly/atom.xml"),
        ("alternate", "text/html", "weekly/"),
        ("alternate", "application/rss+xml", "weekly/rss.xml"),
        ("alternate", "application/feed+json", "weekly/feed.json"),
        ("hub", "", HUB),
    ]
    assert check(atom.write(told)) == []
    assert not feeds_of(published())["atom"].newest.link("hub")


def test_an_issue_with_pictures_has_one_of_our_own_host_as_its_thumbnail() -> None:
    """With its size; an issue without pictures has none, and nothing else is loaded from anywhere."""
    plain, pictured = (
        entries(feed(published(document)))[0] for document in (issue(5), illustrated(issue(5)))
    )
    thumbnail = "{http://search.yahoo.com/mrss/}thumbnail"
    assert plain.find(thumbnail) is None
    found = pictured.find(thumbnail)
    assert found is not None
    assert dict(found.items()) == {
        "url": "https://feeds.example.org/pictures/0123456789abcdef0123456789abcdef.jpg",
        "width": "640",
        "height": "360",
    }


def test_an_editors_notes_stand_where_they_belong() -> None:
    """Before all groups, or at the head of one; a link with its title, and no markup of theirs."""
    document = issue(2)
    notes = (
        Note("n-1", "We are back.\n\n<b>Bold</b> as ever."),
        Note("n-2", "", "https://talks.example.org/", "A talk", document.groups[1].anchor),
    )
    content = entries(feed(published(replace(document, notes=notes))))[0].findtext(f"{ATOM}content") or ""
    assert content.index("We are back.") < content.index("Quote of the week") < content.index(">A talk</a>")
    assert content.index(document.groups[1].title) < content.index(">A talk</a>")
    assert "<b>Bold" not in content


def test_extra_issues_keep_apart_from_the_regular_one_and_from_each_other() -> None:
    """Their ids and addresses are plain ASCII and never equal."""
    names = ["", "election", "Election", "élection", "e/../lection", "選挙"]
    ids = [issue(1, name=name).id for name in names]
    assert len({issue_folder(each) for each in ids}) == len(names)
    assert all(issue_folder(each).isascii() and ".." not in issue_folder(each) for each in ids)
    assert entry_id(PUBLISH, ids[1]) == f"tag:example.org,2026:weekly/{SLOT}+election"


@pytest.mark.parametrize(
    ("name", "document", "language"), [("en", issue(5), "en"), ("fa", right_to_left(), "fa")]
)
def test_the_feed_is_the_golden_one(name: str, document: IssueDocument, language: str) -> None:
    """Any change of a byte is reviewed as a diff (DIGEST_REFRESH_GOLDEN=1 stores it)."""
    later = corrected(replace(document, title="A first title"), document)
    earlier = published(issue(3, slot=SLOT - timedelta(weeks=1)), weeks_ago=1)
    assert golden.matches(f"{name}.atom.xml", feed(later, earlier, language=language))
