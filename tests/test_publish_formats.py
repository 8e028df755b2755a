"""The same issues as RSS 2.0 and JSON Feed 1.1: valid, and saying what the Atom feed says."""

from __future__ import annotations

import json
import locale
from calendar import timegm
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import feedparser
import pytest
from lxml import etree

import golden
import json_feed_schema
from digest.model import IssueDocument
from digest.publish.feeds import jsonfeed, rss
from feed_samples import HUB, feeds_of, illustrated, made, weeks
from publish_samples import PUBLISH, hostile, issue, published, right_to_left

DOCUMENTS = [
    ("five picks", issue(5)),
    ("two hundred picks", issue(200)),
    ("right to left", right_to_left()),
    ("hostile in every field", hostile(issue(12))),
    ("pictures", illustrated(issue(5))),
]


def as_rss(document: IssueDocument, hub: str | None = None) -> bytes:
    publish = PUBLISH.model_copy(update={"hub": hub})
    return rss.write(
        feeds_of(published(document), publish=publish)["atom"].newest, "https://feeds.example.org/x.xml"
    )


def as_json(document: IssueDocument, hub: str | None = None) -> bytes:
    publish = PUBLISH.model_copy(update={"hub": hub})
    found = feeds_of(published(document), publish=publish)["atom"].newest
    return jsonfeed.write(found, "https://feeds.example.org/weekly/feed.json")


def items(data: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(data)["items"]
    return found


@pytest.mark.parametrize(("name", "document"), DOCUMENTS)
def test_the_json_feed_keeps_the_rules(name: str, document: IssueDocument) -> None:
    """Whatever the issue says."""
    assert json_feed_schema.check(as_json(document, HUB)) == []


@pytest.mark.parametrize(("name", "document"), DOCUMENTS)
def test_the_rss_feed_is_read_without_complaint(name: str, document: IssueDocument) -> None:
    """What RSS 2.0 requires of channel and item is there, once, and dates are as RFC 822 has them."""
    data = as_rss(document)
    assert not feedparser.parse(data).bozo
    (channel,) = etree.fromstring(data)
    for parent, names in (
        (channel, ("title", "link", "description", "lastBuildDate", "language")),
        *((item, ("title", "link", "description", "guid", "pubDate")) for item in channel.findall("item")),
    ):
        for wanted in names:
            assert len(parent.findall(wanted)) == 1, (wanted, parent.tag)
    assert parsedate_to_datetime(channel.findtext("lastBuildDate") or "").tzinfo is not None
    assert channel.find("item/guid").get("isPermaLink") == "false"  # type: ignore[union-attr]


def test_all_three_tell_the_same() -> None:
    """Ids, titles, addresses, contents and times, in the same order."""
    tree = made(*weeks(4, picks=5))
    atom, old = (feedparser.parse(tree[f"weekly/{name}"]) for name in ("atom.xml", "rss.xml"))
    new = items(tree["weekly/feed.json"])
    assert len(new) == 4
    for one, two, three in zip(atom.entries, old.entries, new, strict=True):
        assert one.id == two.id == three["id"]
        assert one.title == two.title == three["title"]
        assert one.link == two.link == three["url"]
        assert one.content[0].value == two.content[0].value == three["content_html"].strip()
        assert one.published_parsed == two.published_parsed
        assert datetime.fromisoformat(three["date_published"]) == datetime.fromtimestamp(
            timegm(one.published_parsed), UTC
        )
        assert one.summary == two.summary == three["summary"]


@pytest.mark.parametrize(
    "name", ["rss.xml", "feed.json", "quotes.xml", "videos.xml", "themes/press-freedom.xml"]
)
def test_the_feeds_are_the_golden_ones(name: str) -> None:
    """Any change of a byte is reviewed as a diff (DIGEST_REFRESH_GOLDEN=1 stores it)."""
    tree = made(published(illustrated(issue(6))), *weeks(2)[1:])
    assert golden.matches(f"en.{name.rpartition('/')[2]}", tree[f"weekly/{name}"])


def test_the_hub_is_named_in_every_format() -> None:
    """So that a reader of any of them can subscribe to it (WebSub §4)."""
    links = etree.fromstring(as_rss(issue(2), HUB)).findall("channel/{http://www.w3.org/2005/Atom}link")
    assert [(link.get("rel"), link.get("href")) for link in links] == [
        ("self", "https://feeds.example.org/x.xml"),
        ("hub", HUB),
    ]
    assert json.loads(as_json(issue(2), HUB))["hubs"] == [{"type": "WebSub", "url": HUB}]
    assert "hubs" not in json.loads(as_json(issue(2)))


def test_what_is_not_known_is_left_out_of_json() -> None:
    """No empty texts, lists or nulls but the list of items itself."""

    def empties(value: Any) -> list[Any]:
        inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        found = [each for each in inner if each in ("", None, [], {})]
        return found + [each for part in inner for each in empties(part)]

    assert empties(json.loads(as_json(issue(5)))) == []


def test_rss_leaves_the_locale_of_the_process_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """feedgen would switch it for every thread, to write a date."""

    def refuse(*_: object) -> str:
        raise AssertionError("the locale was touched")

    monkeypatch.setattr(locale, "setlocale", refuse)
    assert b"<pubDate>Sun, 22 Nov 2026 08:00:00 +0000</pubDate>" in as_rss(issue(2))


@pytest.mark.parametrize(
    ("finding", "change"),
    [
        ("version", {"version": "https://jsonfeed.org/version/1"}),
        ("has no title", {"title": None}),
        ("title is no str", {"title": 5}),
        ("that JSON Feed does not know", {"author": "x"}),
        ("no absolute address", {"feed_url": "/feed.json"}),
        ("a hub without", {"hubs": [{"url": "https://hub.example.org/"}]}),
        ("has no id", {"items": [{"content_html": "x"}]}),
        ("has no content", {"items": [{"id": "1"}]}),
        ("share the id", {"items": [{"id": "1", "content_html": "x"}] * 2}),
        ("no date", {"items": [{"id": "1", "content_html": "x", "date_published": "2026-11-22"}]}),
        (
            "an attachment",
            {"items": [{"id": "1", "content_html": "x", "attachments": [{"url": "https://x.example"}]}]},
        ),
        ("a tag", {"items": [{"id": "1", "content_html": "x", "tags": [""]}]}),
        ("an author", {"authors": [{}]}),
    ],
)
def test_a_broken_json_feed_is_found(finding: str, change: dict[str, Any]) -> None:
    """Control: the check can fail."""
    changed = json.loads(as_json(issue(2))) | change
    broken = {name: value for name, value in changed.items() if value is not None}
    assert any(finding in found for found in json_feed_schema.check(json.dumps(broken).encode()))
