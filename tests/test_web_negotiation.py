"""Published documents as a browser, a reader, a cache and a hub ask for them: compressed, typed, linked, redirected."""

from __future__ import annotations

import gzip
import http.client
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from deliver_samples import KEYS, NOW, settings
from digest import tree
from digest.publish.plan import Planned
from digest.resources import Resources
from digest.store.database import open_database
from digest.web.app import create_app
from digest.web.published import codings, moved_to
from digest.web.server import serve

ATOM = b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"/>\n'
RSS = b'<?xml version="1.0"?>\n<rss version="2.0"/>\n'
TREE = {
    "index.html": b"<!doctype html><title>All digests</title>",
    "weekly/index.html": b"<!doctype html><title>Archive</title>",
    "weekly/atom.xml": ATOM,
    "weekly/quotes.xml": ATOM,
    "weekly/rss.xml": RSS,
    "weekly/feed.json": b"{}",
    "weekly/sources.opml": b"<opml/>",
    "pictures/0123.jpg": b"picture",
    "sitemap.xml": b"<urlset/>",
}
HUB = "https://hub.example.org/"
REDIRECTS = {"old.xml": "weekly/atom.xml", "former/feed": "weekly/rss.xml", "monthly/": "weekly/"}


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    folder = tmp_path / "feeds"
    with tree.locked(folder):
        tree.bring_up_to_date(folder, {path: _planned(data) for path, data in TREE.items()})
    return folder


def _planned(data: bytes) -> Planned:
    return Planned(str(data), lambda: data)


@pytest.fixture
def url(tmp_path: Path, feeds: Path) -> Iterator[str]:
    engine = open_database(f"sqlite:///{tmp_path / 'digest.db'}")
    known = settings(feeds)
    publish = known.publish.model_copy(update={"redirects": REDIRECTS, "hub": HUB})
    app = create_app(
        engine, known.model_copy(update={"publish": publish}), KEYS, Resources().environment(), lambda: NOW
    )
    with serve(app, "127.0.0.1", 0) as url:
        yield url
    engine.dispose()


def ask(url: str, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """The answer with its bytes as they came, not decompressed."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request(
            method, f"/feeds/{path}", headers={k.replace("_", "-"): v for k, v in headers.items()}
        )
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


# ── compression ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("br", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip;q=0, br;q=0", ""),
        ("*", "br"),
        ("br;q=0, *;q=0.1", "gzip"),
        ("identity;q=1, gzip;q=0.5", ""),
        ("deflate", ""),
    ],
)
def test_who_takes_it_compressed_gets_it_compressed(url: str, accepted: str, coding: str) -> None:
    """The file beside the document, as it is; caches are told what it depends on."""
    status, headers, body = ask(url, "weekly/atom.xml", Accept_Encoding=accepted)
    assert (status, headers.get("content-encoding", ""), headers["vary"]) == (200, coding, "Accept-Encoding")
    undone = {"gzip": gzip.decompress, "br": brotli.decompress}.get(coding, bytes)
    assert undone(body) == ATOM
    assert headers["content-type"] == "application/atom+xml; charset=utf-8"


def test_each_form_has_a_validator_of_its_own(url: str) -> None:
    """A strong one is of the bytes that are sent (RFC 9110, section 8.8.3.3); each gets its own 304."""
    tags = set()
    for accepted in ("identity", "gzip", "br"):
        _, headers, _ = ask(url, "weekly/atom.xml", Accept_Encoding=accepted)
        tags.add(headers["etag"])
        again = ask(url, "weekly/atom.xml", Accept_Encoding=accepted, If_None_Match=headers["etag"])
        assert (again[0], again[1]["etag"], again[1]["vary"], again[2]) == (
            304,
            headers["etag"],
            "Accept-Encoding",
            b"",
        )
    assert len(tags) == 3


def test_a_compressed_file_of_another_version_is_not_served(url: str, feeds: Path) -> None:
    """As between two renames, or where somebody edited the document by hand."""
    (feeds / "weekly" / "atom.xml").write_bytes(ATOM.replace(b"1.0", b"1.1"))
    os.utime(feeds / "weekly" / "atom.xml", (5, 5))
    _, headers, body = ask(url, "weekly/atom.xml", Accept_Encoding="gzip, br")
    assert "content-encoding" not in headers
    assert b"1.1" in body


def test_head_says_what_get_says_of_a_compressed_document(url: str) -> None:
    """The same headers, no body."""
    get, head = (ask(url, "weekly/atom.xml", method, Accept_Encoding="gzip") for method in ("GET", "HEAD"))
    assert head[2] == b""
    assert {name: value for name, value in get[1].items() if name != "date"} == {
        name: value for name, value in head[1].items() if name != "date"
    }


@given(st.text(max_size=60))
def test_no_header_of_a_stranger_raises(accepted: str) -> None:
    """Whatever is asked for, the answer is one of ours or none."""
    assert set(codings(accepted)) <= {"br", "gzip"}


def test_an_endless_header_is_read_only_so_far() -> None:
    """Twenty codings are more than there are."""
    assert codings("x," * 100_000 + "gzip") == []


# ── types, links and caches ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("weekly/quotes.xml", "application/atom+xml; charset=utf-8"),
        ("weekly/rss.xml", "application/rss+xml; charset=utf-8"),
        ("weekly/feed.json", "application/feed+json"),
        ("weekly/sources.opml", "text/x-opml; charset=utf-8"),
        ("pictures/0123.jpg", "image/jpeg"),
        ("sitemap.xml", "application/xml; charset=utf-8"),
    ],
)
def test_each_document_has_its_type(url: str, path: str, kind: str) -> None:
    """A feed is known by what it is, not by what it is called."""
    assert ask(url, path)[1]["content-type"] == kind


def test_a_feed_names_itself_and_its_hub(url: str) -> None:
    """So that who subscribes at the hub need not read it (WebSub, section 4)."""
    links = requests.utils.parse_header_links(ask(url, "weekly/quotes.xml")[1]["link"])
    assert [link["rel"] for link in links] == ["self", "hub"]
    assert links[1]["url"] == HUB
    assert links[0]["url"].endswith("weekly/quotes.xml")
    assert ask(url, "weekly/quotes.xml")[1]["access-control-allow-origin"] == "*"


def test_a_page_names_its_address_and_its_feed(url: str) -> None:
    """Also for programs that do not read HTML; a list, a picture and the landing page have no feed."""
    links = requests.utils.parse_header_links(ask(url, "weekly/")[1]["link"])
    assert [link["rel"] for link in links] == ["canonical", "alternate"]
    assert links[0]["url"].endswith("/weekly/")
    assert links[1]["url"].endswith("/weekly/atom.xml")
    assert [link["rel"] for link in requests.utils.parse_header_links(ask(url, "")[1]["link"])] == [
        "canonical"
    ]
    assert "link" not in ask(url, "weekly/sources.opml")[1]


def test_a_page_may_have_any_name(url: str, feeds: Path) -> None:
    """What an operator puts beside ours is served, and named in ASCII in a header."""
    (feeds / 'a "選挙" <page>.html').write_text("theirs")
    answer = requests.get(f'{url}/feeds/a "選挙" <page>.html', timeout=10)
    assert answer.text == "theirs"
    assert "a%20%22%E9%81%B8%E6%8C%99%22%20%3Cpage%3E.html>" in answer.headers["Link"]


def test_what_may_change_is_asked_for_again_soon_and_a_picture_never(url: str) -> None:
    """A picture is called by the hash of its bytes."""
    assert ask(url, "weekly/atom.xml")[1]["cache-control"] == "public, max-age=300"
    assert "immutable" in ask(url, "pictures/0123.jpg")[1]["cache-control"]


# ── what has moved ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("old.xml", "weekly/atom.xml"),
        ("former/feed", "weekly/rss.xml"),
        ("monthly/", "weekly/"),
        ("monthly/atom.xml", "weekly/atom.xml"),
    ],
)
def test_a_former_address_leads_to_the_new_one_for_good(url: str, path: str, target: str) -> None:
    """301, to GET and HEAD, relative so that it holds behind any front."""
    for method in ("GET", "HEAD"):
        assert ask(url, path, method)[0] == 301
    assert requests.get(f"{url}/feeds/{path}", timeout=10).url == f"{url}/feeds/{target}"


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("old.xml", "weekly/atom.xml"),
        ("old.xml.gz", ""),
        ("monthly", ""),
        ("monthly/2026-11-22/", "weekly/2026-11-22/"),
        ("weekly/atom.xml", ""),
        ("", ""),
    ],
)
def test_only_what_is_named_has_moved(path: str, target: str) -> None:
    """A folder stands for all that is below it."""
    assert moved_to(path, REDIRECTS) == target
