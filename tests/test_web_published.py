"""Published documents over real HTTP: types, validators, and no way out of their folder."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from deliver_samples import KEYS, NOW, settings
from digest.errors import DigestError
from digest.files import write_tree
from digest.resources import Resources
from digest.store.database import open_database
from digest.web.app import create_app
from digest.web.published import Document, is_current
from digest.web.server import serve

ATOM = b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"/>\n'
TREE = {
    "index.html": b"<!doctype html><title>All digests</title>",
    "weekly/index.html": b"<!doctype html><title>Archive</title>",
    "weekly/atom.xml": ATOM,
    "weekly/2026-11-22/index.html": b"<!doctype html><title>Water</title>",
    "weekly/2026-11-22+extra/index.html": b"<!doctype html><title>Extra</title>",
}
MODIFIED = 1_795_000_000


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path / 'digest.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def feeds(tmp_path: Path) -> Path:
    folder = tmp_path / "feeds"
    folder.mkdir()
    return folder


@pytest.fixture
def url(ledger: Engine, feeds: Path) -> Iterator[str]:
    app = create_app(ledger, settings(feeds), KEYS, Resources().environment(), lambda: NOW)
    with serve(app, "127.0.0.1", 0) as url:
        yield url


@pytest.fixture
def published(feeds: Path) -> Path:
    write_tree(feeds, TREE)
    for path in feeds.rglob("*"):
        os.utime(path, (MODIFIED, MODIFIED))
    return feeds


def raw(url: str, path: str, host: str | None = None) -> tuple[int, bytes]:
    """Ask for exactly this path, which no client library has tidied."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.putrequest("GET", path, skip_host=True)
        connection.putheader("Host", host or parts.netloc)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


# ── what is there ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("weekly/atom.xml", "application/atom+xml; charset=utf-8"),
        ("weekly/2026-11-22/", "text/html; charset=utf-8"),
        ("weekly/2026-11-22/index.html", "text/html; charset=utf-8"),
        ("weekly/2026-11-22+extra/", "text/html; charset=utf-8"),
        ("weekly/", "text/html; charset=utf-8"),
        ("", "text/html; charset=utf-8"),
    ],
)
def test_documents_have_their_types(url: str, path: str, kind: str) -> None:
    """A feed is a feed to every reader; a folder shows its index."""
    answer = requests.get(f"{url}/feeds/{path}", timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == kind
    assert answer.content == TREE[path if "." in path else f"{path}index.html"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "script-src" not in answer.headers["Content-Security-Policy"]


@pytest.mark.usefixtures("published")
def test_only_the_search_may_run_our_script(url: str, feeds: Path) -> None:
    """And ask for files of our own host; a digest or a theme called so gains nothing."""
    write_tree(feeds, {"weekly/search/index.html": b"<p>", "search/index.html": b"<p>"})
    allowed = requests.get(f"{url}/feeds/weekly/search/", timeout=10).headers["Content-Security-Policy"]
    assert "script-src 'self'; connect-src 'self'" in allowed
    assert "unsafe" not in allowed.partition("script-src")[2]
    other = requests.get(f"{url}/feeds/search/", timeout=10).headers["Content-Security-Policy"]
    assert "script-src" not in other


@pytest.mark.usefixtures("published")
def test_a_folder_without_its_slash_is_redirected(url: str) -> None:
    """So that relative links in its index are right; the address stays relative, whatever stands in front."""
    answer = requests.get(f"{url}/feeds/weekly", timeout=10, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (308, "./weekly/")
    assert requests.get(f"{url}/feeds/weekly", timeout=10).url == f"{url}/feeds/weekly/"


@pytest.mark.usefixtures("published")
def test_head_says_the_same_as_get(url: str) -> None:
    """Without the body (RFC 9110, section 9.3.2)."""
    get, head = (ask(f"{url}/feeds/weekly/atom.xml", timeout=10) for ask in (requests.get, requests.head))
    assert head.content == b""
    for name in ("ETag", "Last-Modified", "Content-Type", "Content-Length", "Cache-Control"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.usefixtures("published")
def test_the_front_door_leads_to_what_is_published(url: str) -> None:
    """GET / is the list of digests."""
    assert requests.get(url, timeout=10).content == TREE["index.html"]


def test_before_the_first_issue_the_front_door_says_so(url: str) -> None:
    """A page, not an error; it names what will come."""
    answer = requests.get(url, timeout=10)
    assert answer.status_code == 200
    assert "Nothing is published yet" in answer.text
    assert "The Lowland Weekly" in answer.text


# ── conditional requests ─────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("published")
def test_who_has_it_already_gets_304(url: str) -> None:
    """By validator or by date, with the validators again and no body."""
    first = requests.get(f"{url}/feeds/weekly/atom.xml", timeout=10)
    assert first.headers["Last-Modified"] == formatdate(MODIFIED, usegmt=True)
    for asked in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
    ):
        again = requests.get(first.url, headers=asked, timeout=10)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]


def test_the_validator_is_of_the_bytes(url: str, published: Path) -> None:
    """The same bytes keep it, whatever time the file has; other bytes of the same size change it."""
    link, feed = f"{url}/feeds/weekly/atom.xml", published / "weekly" / "atom.xml"
    first = requests.get(link, timeout=10).headers["ETag"]
    os.utime(feed, (MODIFIED + 99, MODIFIED + 99))
    assert requests.get(link, timeout=10).headers["ETag"] == first
    feed.write_bytes(ATOM.replace(b"1.0", b"1.1"))
    os.utime(feed, (MODIFIED, MODIFIED))
    assert requests.get(link, headers={"If-None-Match": first}, timeout=10).status_code == 200


DOCUMENT = Document(ATOM, MODIFIED, "application/atom+xml")


@pytest.mark.parametrize(
    ("asked", "current"),
    [
        ({}, False),
        ({"if-none-match": DOCUMENT.etag}, True),
        ({"if-none-match": f'"other", W/{DOCUMENT.etag}'}, True),
        ({"if-none-match": "*"}, True),
        ({"if-none-match": '"other"'}, False),
        ({"if-none-match": DOCUMENT.etag.strip('"')}, False),
        ({"if-none-match": '"other"', "if-modified-since": formatdate(MODIFIED, usegmt=True)}, False),
        ({"if-none-match": "", "if-modified-since": formatdate(MODIFIED, usegmt=True)}, False),
        ({"if-modified-since": formatdate(MODIFIED, usegmt=True)}, True),
        ({"if-modified-since": formatdate(MODIFIED + 60, usegmt=True)}, True),
        ({"if-modified-since": formatdate(MODIFIED - 1, usegmt=True)}, False),
        ({"if-modified-since": "yesterday"}, False),
        ({"if-modified-since": "Sun, 99 Nov 99999 25:00:00 GMT"}, False),
    ],
)
def test_the_rules_of_conditional_requests(asked: dict[str, str], current: bool) -> None:
    """RFC 9110, section 13: If-None-Match decides alone where it is given, weakly compared; a bad date counts as none."""
    assert is_current(DOCUMENT, asked) is current


@given(st.sampled_from(["if-none-match", "if-modified-since"]), st.text(max_size=80))
def test_no_header_of_a_stranger_raises(name: str, value: str) -> None:
    """Whatever is sent, the answer is yes or no."""
    assert is_current(DOCUMENT, {name: value}) in (True, False)


# ── what is not there ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/../secret.txt",
        "/feeds/%2e%2e/secret.txt",
        "/feeds/..%2fsecret.txt",
        "/feeds/weekly/../../secret.txt",
        "/feeds/weekly/%2e%2e/%2e%2e/secret.txt",
        "/feeds/..\\secret.txt",
        "/feeds/..%5csecret.txt",
        "/feeds//etc/passwd",
        "/feeds/%2fetc/passwd",
        "/feeds/weekly/atom.xml%00.html",
        "/feeds/.hidden",
        "/feeds/weekly/.atom.xml.tmp",
        "/feeds/outside/secret.txt",
        "/feeds/secret-link.txt",
        "/feeds/weekly/atom.xml/",
        "/feeds/" + "a/" * 2000,
        "/feeds/" + "a" * 400,
        "/feeds/%ff",
    ],
)
def test_nothing_else_can_be_read(url: str, published: Path, path: str) -> None:
    """No way up, no hidden or half-written file, no link out of the folder."""
    secret = published.parent / "secret.txt"
    secret.write_text("secret")
    (published / ".hidden").write_text("secret")
    (published / "weekly" / ".atom.xml.tmp").write_text("secret")
    (published / "outside").symlink_to(published.parent)
    (published / "secret-link.txt").symlink_to(secret)
    status, body = raw(url, path)
    assert b"secret" not in body
    if not path.endswith("xml/"):
        assert status == 404


@pytest.mark.usefixtures("published")
def test_a_missing_page_is_a_page(url: str) -> None:
    """In the look of the others, with its style sheet where it is."""
    answer = requests.get(f"{url}/feeds/weekly/1999-01-01/", timeout=10)
    assert (answer.status_code, "nothing at this address" in answer.text) == (404, True)
    assert '<link rel="stylesheet" href="../../../style.css">' in answer.text
    style = requests.get(f"{url}/style.css", timeout=10)
    assert (style.status_code, style.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "{{" not in style.text


# ── whom it answers, and where ───────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("app.example.org", 200),
        ("APP.example.org:443", 200),
        ("feeds.example.org", 200),
        ("localhost:8000", 200),
        ("[::1]:8000", 200),
        ("evil.example.net", 400),
        ("app.example.org.evil.example.net", 400),
        ("user@app.example.org@evil.example.net", 400),
        ("[::1", 400),
        ("", 400),
    ],
)
def test_only_our_own_hosts_are_answered(url: str, host: str, status: int) -> None:
    """A name that somebody else points at us gets nothing (DNS rebinding, poisoned caches)."""
    assert raw(url, "/feeds/weekly/atom.xml", host or " ")[0] == status


def test_a_port_that_is_taken_is_one_sentence(url: str) -> None:
    """Which port, why, and what to do."""
    port = urlsplit(url).port
    busy = pytest.raises(
        DigestError, match=rf"served on 127\.0\.0\.1:{port} \(Address already in use\).*\[serve\] port"
    )
    with busy, serve(lambda *_: None, "127.0.0.1", port or 0):  # type: ignore[arg-type]
        pass


def test_it_listens_on_ipv6_too(ledger: Engine, feeds: Path) -> None:
    """The address it tells can be opened as it is."""
    app = create_app(ledger, settings(feeds), KEYS, Resources().environment(), lambda: NOW)
    with serve(app, "::1", 0) as url:
        assert url.startswith("http://[::1]:")
        assert requests.get(url, timeout=10).status_code == 200


SERVER = """
import sys
from starlette.responses import PlainTextResponse
from digest.web.server import run
run(PlainTextResponse("here"), "127.0.0.1", 0, lambda url: print(url, flush=True))
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_process_that_only_serves_ends_when_told(number: signal.Signals) -> None:
    """It says where it listens, answers, and goes at once."""
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().strip()
        assert requests.get(url, timeout=10).text == "here"
        process.send_signal(number)
        process.wait(timeout=10)
    assert process.returncode != 0
