"""What real feeds do, and what is read of them then: dates as people write them, ids of any kind, odd servers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest import store
from digest.collect.discover import read_links
from digest.collect.parse import parse_feed
from digest.model import Entry
from digest.net.http import Fetcher
from digest.pipeline.posts.collect import collect
from digest.store.database import reading
from installation import NOW, Clock, installed
from loopback import response, serve

URL = "https://quay.example/feed"
CITY = "Пристань в Альмеде"


def rss(item: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Quay</title><item>{item}</item></channel></rss>".encode()


def json_feed(*items: object) -> bytes:
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": "Quay", "items": items}
    ).encode()


def first(body: bytes) -> Entry:
    return parse_feed(body, URL).entries[0]


# ── dates ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "written",
    [
        "Mon, 02 Feb 2026 10:00:00",
        "Mon, 02 Feb 2026 10:00",
        "2 Feb 2026 10:00:00",
        "Monday, 02 February 2026 10:00:00 GMT",
        "Mon, 02 Feb 2026 10:00:00 +00:00",
        "Mon, 02 Feb 2026 11:00:00 +0100",
        "Mon, 02 Feb 2026 05:00:00 EST",
        "2026-02-02T10:00:00",
        "2026-02-02 10:00:00",
        "2026-02-02 10:00:00 UTC",
        "2026-02-02T11:00:00 +0100",
        "2026-02-02T10:00:00.000Z",
        "2026/02/02 10:00:00",
        "2026.02.02 10:00",
        "2026-2-2 10:00",
        " \n2026-02-02T10:00:00Z\n",
    ],
)
def test_a_date_is_read_however_it_is_written(written: str) -> None:
    """Without a zone it is UTC, as a weekday with no zone behind it; the signs between the numbers do not matter."""
    assert first(rss(f"<title>A</title><pubDate>{written}</pubDate>")).published == datetime(
        2026, 2, 2, 10, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "written",
    [
        "yesterday", "1700000000", "2026-13-01", "2026/13/01", "2026-02-30", "0000-00-00T00:00:00Z",
        "31 Feb 2026 10:00:00", "Mon, 02 Feb 0026 10:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "02/03/2026", "",
    ],
)  # fmt: skip
def test_a_date_that_means_nothing_is_none(written: str) -> None:
    """Nothing is guessed: such a post is dated by when it was first seen."""
    assert first(rss(f"<title>A</title><pubDate>{written}</pubDate>")).published is None


def test_a_leap_second_is_the_second_before_it() -> None:
    """RFC 3339 §5.6 has a sixtieth second, and no clock of ours has."""
    read = first(rss("<title>A</title><pubDate>Sat, 31 Dec 2016 23:59:60 GMT</pubDate>")).published
    assert read == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_json_feed_may_write_its_dates_as_rss_does() -> None:
    """The specification wants RFC 3339; plug-ins copy what they have."""
    item = {"id": "1", "title": "A", "date_published": "Mon, 02 Feb 2026 10:00:00"}
    assert first(json_feed(item)).published == datetime(2026, 2, 2, 10, tzinfo=UTC)


def test_nonsense_for_a_date_is_first_seen_once_and_a_date_to_come_is_now(tmp_path: Path) -> None:
    """What a digest goes by is when we first saw a post; a second poll does not date it anew."""
    body = rss(
        "<title>A</title><guid>a</guid><pubDate>soon</pubDate></item><item><title>B</title><guid>b</guid><pubDate>Fri, 01 Jan 2099 00:00:00 GMT</pubDate>"
    )
    with (
        serve(lambda request: request.send(response(body))) as server,
        installed(tmp_path, feed=server.url("/feed"), endpoint=server.endpoint) as place,
        place.opened() as installation,
    ):
        for hour in (8, 9):
            collect(installation, Clock(NOW.replace(hour=hour)), everything=True)
        with reading(installation.engine) as connection:
            posts = store.posts.recent(connection, None, None, 9)
    assert {(post.title, post.published) for post in posts} == {("A", NOW), ("B", NOW)}


# ── JSON Feed ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("given", "read"), [(7, "7"), (1.5, "1.5"), ("urn:7", "urn:7")])
def test_an_id_of_json_may_be_any_number(given: object, read: str) -> None:
    """JSON Feed 1.1: a number is to be taken as text."""
    assert first(json_feed({"id": given, "title": "A", "url": "/a"})).id == read


def test_an_id_of_json_that_is_an_address_is_the_post_s() -> None:
    """The specification recommends it; without a ``url`` a post would lead nowhere."""
    assert first(json_feed({"id": "https://quay.example/7", "title": "A"})).url == "https://quay.example/7"
    assert first(json_feed({"id": "tag:quay.example,2026:7", "title": "A"})).url == ""


def test_a_link_post_of_json_leads_where_it_points() -> None:
    """``external_url`` where there is no page of its own; null is nothing."""
    item = {"id": "7", "url": None, "external_url": "https://far.example/7", "title": "A"}
    assert first(json_feed(item)).url == "https://far.example/7"


# ── encodings ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("charset", ["windows-1251", "koi8-r", "utf-8"])
def test_the_server_tells_the_encoding_that_a_document_does_not(charset: str) -> None:
    """The header of the answer is believed where the document is silent and no UTF-8."""
    body = rss(f"<title>{CITY}</title>").decode().encode(charset)
    answer = response(body, content_type=f"text/xml; charset={charset}")
    with serve(lambda request: request.send(answer)) as server:
        got = Fetcher([server.endpoint]).get(server.url("/feed"))
    assert first(got.body).title == CITY


@pytest.mark.parametrize(("said", "written"), [("iso-8859-1", "utf-8"), ("utf-8", "cp1252")])
def test_a_server_that_names_one_encoding_for_all_files_does_no_harm(said: str, written: str) -> None:
    """Apache's ``AddDefaultCharset`` says Latin-1 of a document that is UTF-8, and UTF-8 of one in Latin-1."""
    body = rss("<title>Größe</title>").decode().encode(written)
    answer = response(body, content_type=f"text/xml; charset={said}")
    with serve(lambda request: request.send(answer)) as server:
        assert first(Fetcher([server.endpoint]).get(server.url("/feed")).body).title == "Größe"


# ── broken documents ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "damage", [b"<b>", b"</nobody>", b"&", b"\x00\x1f"], ids=["open", "closed", "bare", "control"]
)
def test_notes_without_titles_survive_a_broken_document(damage: bytes) -> None:
    """Posts of Mastodon have none; one fault anywhere must not lose those beside posts that have."""
    notes = "".join(f"<item><guid>n{at}</guid><description>Note {at}.</description></item>" for at in (1, 2))
    body = rss("<title>A</title><link>/a</link></item>" + notes + "<item><title>B</title><link>/b</link>")
    read = parse_feed(body.replace(b"</channel>", damage + b"</channel>"), URL).entries
    assert [entry.title or entry.text for entry in read] == ["A", "Note 1.", "Note 2.", "B"]


@pytest.mark.parametrize(
    "href", ["feed://quay.example/f", "feed:http://quay.example/f", " feed:http://quay.example/f "]
)
def test_a_page_may_offer_its_feed_by_the_scheme_of_readers(href: str) -> None:
    """``feed:`` was once what a browser handed to a feed reader."""
    page = f'<link rel="alternate" type="application/rss+xml" href="{href}">'
    assert [offer.url for offer in read_links(page.encode(), URL).offered] == ["http://quay.example/f"]
