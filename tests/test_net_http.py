"""Fetching a document: it is whole or there is a sentence, and it always ends."""

from __future__ import annotations

import contextlib
import gzip
import shutil
import socket
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import brotli
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import FetchError
from digest.net.encodings import inflate, unbrotli
from digest.net.guard import Guard
from digest.net.headers import MAX_WAIT
from digest.net.http import Answer, Fetcher, user_agent
from loopback import Request, Script, Server, redirect, response, serve

GRACE = 3.0  # seconds that a loaded machine may add; what is tested would last for ten or more
FEED = b"<feed>" + b"words " * 2000 + b"</feed>"


def fetch(script: Script, *, timeout: float = 5, max_bytes: int = 100_000, **asked: str) -> Answer:
    """What a fetcher makes of one scripted answer."""
    with serve(script) as server:
        return Fetcher([server.endpoint], timeout, max_bytes=max_bytes).get(server.url("/feed"), **asked)


def says(data: bytes) -> Script:
    """A server that gives the same bytes to everybody."""
    return lambda request: request.send(data)


def drips(head: bytes, drop: bytes, seconds: float = 0.05) -> Script:
    """A server that sends a little now and then, for as long as somebody listens."""

    def send(request: Request) -> None:
        request.send(head)
        for _ in range(200):
            request.send(drop)
            time.sleep(seconds)

    return send


# ── a good answer ────────────────────────────────────────────────────────────────────────────────


def test_a_document_comes_whole_with_what_the_server_says_of_it() -> None:
    """Body, validators, type and freshness."""
    headers = {
        "etag": 'W/"a-1"',
        "last_modified": "Sun, 22 Nov 2026 10:00:00 GMT",
        "content_type": 'Application/Atom+XML; charset="UTF-8"',
        "cache_control": "public, max-age=900",
    }
    answer = fetch(says(response(FEED, **headers)))
    assert (answer.status, answer.body) == (200, FEED)
    assert (answer.etag, answer.last_modified) == ('W/"a-1"', "Sun, 22 Nov 2026 10:00:00 GMT")
    assert (answer.content_type, answer.max_age) == ("application/atom+xml", 900)
    assert (answer.permanent, answer.retry_after) == ("", None)


def test_the_request_is_honest_and_complete() -> None:
    """Host, name and what we can read; no cookie, no credential, no validator that we do not hold."""
    with serve(says(response(FEED))) as server:
        agent = user_agent("1.2.3", "https://digest.example.org/", 12)
        Fetcher([server.endpoint], user_agent=agent).get(server.url("/feed?page=1"))
        (request,) = server.requests
    assert request.path == "/feed?page=1"
    assert request.headers["host"] == server.endpoint
    assert request.headers["user-agent"] == "digest/1.2.3 (+https://digest.example.org/; 12 subscribers)"
    assert request.headers["accept-encoding"] == "gzip, deflate, br"
    assert request.headers["accept"].startswith("application/atom+xml")
    assert not {"cookie", "authorization", "if-none-match", "if-modified-since"} & set(request.headers)


def test_one_subscriber_is_one_subscriber() -> None:
    """The name in other people's logs is in good English."""
    assert user_agent("1", "https://a.example", 1).endswith("; 1 subscriber)")


def test_validators_are_sent_back_unchanged_and_304_has_no_body() -> None:
    """They are opaque: even an odd one goes back byte for byte (RFC 9110 §8.8)."""
    etag, modified = 'W/"\xe9 odd; \xa4"', "yesterday, or so"
    with serve(says(response(b"", "304 Not Modified", etag='"new"'))) as server:
        answer = Fetcher([server.endpoint]).get(server.url(), etag=etag, last_modified=modified)
        (request,) = server.requests
    assert (request.headers["if-none-match"], request.headers["if-modified-since"]) == (etag, modified)
    assert (answer.status, answer.body, answer.etag) == (304, b"", '"new"')


@pytest.mark.parametrize("validator", ['"a"\r\nX-Evil: 1', "\N{SNOWMAN}", "x" * 2000, "\x00"])
def test_a_validator_that_would_break_the_request_is_left_out(validator: str) -> None:
    """Whatever the database holds, no header is injected and nothing raises."""
    with serve(says(response(FEED))) as server:
        Fetcher([server.endpoint]).get(server.url(), etag=validator, last_modified=validator)
        assert not {"if-none-match", "if-modified-since", "x-evil"} & set(server.requests[0].headers)


@pytest.mark.parametrize(
    "status", ["404 Not Found", "410 Gone", "429 Too Many Requests", "500 Oops", "503 Busy"]
)
def test_a_refusal_is_an_answer_without_a_body(status: str) -> None:
    """What it means for the source is decided elsewhere."""
    answer = fetch(says(response(b"<h1>sorry</h1>", status, retry_after="120")))
    assert (answer.status, answer.body, answer.retry_after) == (int(status[:3]), b"", 120)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0),
        (" 3600 ", 3600),
        ("99999999999", MAX_WAIT),
        ("Sun, 22 Nov 2026 11:30:00 GMT", 5400),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", MAX_WAIT),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("9" * 5000, None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(value: str, expected: int | None) -> None:
    """Seconds, or a date by the server's own clock (RFC 9110 §10.2.3); never longer than 30 days."""
    date = "Sun, 22 Nov 2026 10:00:00 GMT"
    assert fetch(says(response(b"", "503 Busy", date=date, retry_after=value))).retry_after == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"cache_control": "max-age=60"}, 60),
        ({"cache_control": "no-cache, MAX-AGE=60"}, 60),
        ({"cache_control": "s-maxage=99"}, None),
        ({"expires": "Sun, 22 Nov 2026 10:10:00 GMT"}, 600),
        ({"expires": "0"}, 0),
        ({"cache_control": "max-age=60", "expires": "Sun, 22 Nov 2026 10:10:00 GMT"}, 60),
        ({"cache_control": "max-age=99999999"}, MAX_WAIT),
        ({}, None),
    ],
)
def test_freshness_is_read_from_max_age_or_expires(headers: dict[str, str], expected: int | None) -> None:
    """max-age wins (RFC 9111 §4.2.1), and nothing keeps us away for more than 30 days."""
    assert fetch(says(response(FEED, date="Sun, 22 Nov 2026 10:00:00 GMT", **headers))).max_age == expected


# ── redirects ────────────────────────────────────────────────────────────────────────────────────


def steps(*statuses: str) -> Script:
    """A server that redirects once per status, from / to /1 to /2 …, and then serves the feed."""

    def answer(request: Request) -> None:
        step = int(request.path.strip("/") or 0)
        last = step == len(statuses)
        request.send(response(FEED) if last else redirect(f"/{step + 1}", statuses[step]))

    return answer


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"])
def test_every_kind_of_redirect_is_followed(status: str) -> None:
    """The final address is told, and whether it is meant to last."""
    with serve(steps(status)) as server:
        answer = Fetcher([server.endpoint]).get(server.url())
        assert (answer.url, answer.body) == (server.url("/1"), FEED)
        assert answer.permanent == (server.url("/1") if status[:3] in ("301", "308") else "")


@pytest.mark.parametrize(
    ("statuses", "permanent"),
    [
        (["301 M", "308 P"], "/2"),
        (["301 M", "302 F", "301 M"], "/1"),
        (["302 F", "301 M"], ""),
    ],
)
def test_only_what_is_permanent_from_the_start_is_to_be_adopted(statuses: list[str], permanent: str) -> None:
    """A temporary detour says nothing about the address that we keep."""
    with serve(steps(*statuses)) as server:
        answer = Fetcher([server.endpoint]).get(server.url())
        assert answer.permanent == (server.url(permanent) if permanent else "")


def test_five_redirects_are_followed_and_six_are_not() -> None:
    """A loop ends, and says where it was going."""
    with serve(steps(*["302 Found"] * 5)) as server:
        assert Fetcher([server.endpoint]).get(server.url()).body == FEED
    with (
        serve(steps(*["302 Found"] * 6)) as server,
        pytest.raises(FetchError, match=r"more than 5 times, lastly to .*/6"),
    ):
        Fetcher([server.endpoint]).get(server.url())


def test_a_redirect_to_itself_ends() -> None:
    """The smallest loop."""
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        fetch(says(redirect("/feed")))


def test_a_cookie_lives_for_one_document_only() -> None:
    """Some sites redirect until their cookie comes back; none of them can follow us around."""

    def consent(request: Request) -> None:
        known = "seen=1" in request.headers.get("cookie", "")
        request.send(response(FEED) if known else redirect("/feed", set_cookie="seen=1; Path=/"))

    with serve(consent) as server:
        fetcher = Fetcher([server.endpoint])
        assert fetcher.get(server.url("/feed")).body == FEED
        assert fetcher.get(server.url("/feed")).body == FEED
        assert [request.headers.get("cookie") for request in server.requests] == [
            None,
            "seen=1",
            None,
            "seen=1",
        ]


def test_the_body_of_a_redirect_is_never_read() -> None:
    """Else an endless one would fill the memory (requests' Session reads it whole)."""
    sent = 0

    def endless(request: Request) -> None:
        nonlocal sent
        if request.path == "/end":
            request.send(response(FEED))
            return
        request.send(b"HTTP/1.1 302 Found\r\nLocation: /end\r\n\r\n")
        for _ in range(1000):
            request.send(b"x" * 65536)
            sent += 65536

    assert fetch(endless).body == FEED
    assert sent < 32_000_000


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("", "without saying where to"),
        ("ftp://feeds.example/", "no http:// or https:// address"),
        ("file:///etc/passwd", "no http:// or https:// address"),
        ("javascript:alert(1)", "no http:// or https:// address"),
        ("http://[::1", "cannot be read"),
        ("https://", "cannot be read"),
        ("http://feeds.example:99999/", "cannot be read"),
        pytest.param("/" + "a" * 5000, "too long", id="5,000 characters"),
    ],
)
def test_a_redirect_to_nowhere_is_said(location: str, why: str) -> None:
    """The sentence names the address that was asked for."""
    with pytest.raises(FetchError, match=rf"^http://127.0.0.1:\d+/feed could not be fetched: .*{why}"):
        fetch(says(redirect(location)))


def test_a_redirect_in_utf8_is_understood() -> None:
    """Servers write addresses in UTF-8 although a header is Latin-1."""

    def answer(request: Request) -> None:
        target = "/übersicht und mehr".encode().decode("latin-1")
        request.send(response(FEED) if request.path != "/feed" else redirect(target))

    answered = fetch(answer)
    assert answered.url.endswith("/%C3%BCbersicht%20und%20mehr")


# ── what must end ────────────────────────────────────────────────────────────────────────────────

OK = b"HTTP/1.1 200 OK\r\n"
TRICKLES = {
    "a silent server": drips(b"", b"", 0.2),
    "the status line": drips(b"HT", b"T"),
    "headers": drips(OK, b"X-Slow: yes\r\n", 0.2),
    "a body with a length": drips(OK + b"Content-Length: 100000\r\n\r\n", b"x"),
    "a body without a length": drips(OK + b"\r\n", b"x"),
    "chunks": drips(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "interim answers": drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("name", TRICKLES)
def test_a_trickle_ends_at_the_deadline(name: str) -> None:
    """A byte now and then keeps no thread of ours: the watchdog shuts the socket."""
    started = time.monotonic()
    with pytest.raises(FetchError, match=r"it took longer than 0\.6 s"):
        fetch(TRICKLES[name], timeout=0.6)
    assert 0.5 < time.monotonic() - started < 0.6 + GRACE


def test_a_trickling_tls_handshake_ends_at_the_deadline() -> None:
    """TLS is part of the time as well."""
    with serve(drips(b"\x16\x03\x03\x40\x00", b"x")) as server:
        started = time.monotonic()
        with pytest.raises(FetchError, match="it took longer"):
            Fetcher([server.endpoint], timeout=0.6).get(f"https://{server.endpoint}/")
        assert time.monotonic() - started < 0.6 + GRACE


def test_the_deadline_spans_all_redirects() -> None:
    """Five slow hops are not five times the time."""

    def slow(request: Request) -> None:
        time.sleep(0.25)
        request.send(redirect("/again"))

    started = time.monotonic()
    with pytest.raises(FetchError, match=r"longer than 0\.6 s"):
        fetch(slow, timeout=0.6)
    assert time.monotonic() - started < 0.6 + GRACE


def test_requests_alone_would_overrun_its_timeout() -> None:
    """A control: its timeout starts anew with every byte, so a trickle outlasts it."""
    started = time.monotonic()
    with serve(drips(OK + b"Content-Length: 30\r\n\r\n", b"x")) as server:
        assert len(requests.get(server.url(), timeout=0.5).content) == 30
    assert time.monotonic() - started > 1


def test_a_slow_but_honest_answer_arrives() -> None:
    """The deadline is no speed limit."""

    def slow(request: Request) -> None:
        request.send(OK + b"Content-Length: 5\r\n\r\n")
        for byte in b"hello":
            time.sleep(0.05)
            request.send(bytes([byte]))

    assert fetch(slow).body == b"hello"


# ── what must not be too much ────────────────────────────────────────────────────────────────────


def test_a_body_at_the_limit_passes_and_one_byte_more_does_not() -> None:
    """The cap is exact."""
    assert len(fetch(says(response(b"x" * 100_000))).body) == 100_000
    with pytest.raises(FetchError, match=r"it is larger than 0\.1 MB"):
        fetch(says(response(b"x" * 100_001)))


def flood(head: bytes, piece: bytes) -> Script:
    """A server that sends as much as it can, up to 64 MB."""

    def send(request: Request) -> None:
        request.send(head)
        for _ in range(64_000_000 // len(piece)):
            request.send(piece)

    return send


@pytest.mark.parametrize(
    ("name", "script", "why"),
    [
        ("without a length", flood(OK + b"\r\n", b"x" * 65536), "larger than"),
        (
            "chunked",
            flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
            "larger than",
        ),
        (
            "one chunk of negative size",
            flood(OK + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n", b"x" * 65536),
            "",
        ),
        ("a chunk size without end", flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 65536), ""),
        ("a header without end", flood(OK + b"X-Long: ", b"x" * 65536), ""),
        ("headers without end", flood(OK, b"X-Many: x\r\n" * 1000), ""),
        ("a status line without end", flood(b"HTTP/1.1 200 ", b"x" * 65536), ""),
    ],
)
def test_an_endless_answer_is_given_up_early(name: str, script: Script, why: str) -> None:
    """Memory stays flat and the sentence comes at once, long before the deadline."""
    started = time.monotonic()
    with pytest.raises(FetchError, match=f"could not be fetched: .*{why}"):
        fetch(script, timeout=20)
    assert time.monotonic() - started < 15


def test_headers_have_a_limit_in_sum() -> None:
    """A hundred long lines are too many, though each may pass."""
    big = "".join(f"X-{number}: {'x' * 2000}\r\n" for number in range(50)).encode()
    with pytest.raises(FetchError, match="its headers are too large"):
        fetch(says(OK + big + b"Content-Length: 0\r\n\r\n"))


# ── compression ──────────────────────────────────────────────────────────────────────────────────


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKED = {
    "gzip": gzip.compress(FEED),
    "x-gzip": gzip.compress(FEED),
    "GZIP": gzip.compress(FEED[:100]) + gzip.compress(FEED[100:]),
    "gzip ": gzip.compress(FEED) + b"\0" * 20,
    "deflate": zlib.compress(FEED),
    "Deflate": raw_deflate(FEED),
    "identity": FEED,
    "br": brotli.compress(FEED),
}


@pytest.mark.parametrize("encoding", PACKED)
def test_one_layer_of_compression_is_undone(encoding: str) -> None:
    """gzip, also in parts or padded; deflate with its header or without; brotli."""
    assert fetch(says(response(PACKED[encoding], content_encoding=encoding))).body == FEED


UNFIT = {
    "a bomb": ("gzip", gzip.compress(b"0" * 50_000_000), "after decompression"),
    "a bomb in two": ("gzip", gzip.compress(b"x" * 60_000) * 2, "after decompression"),
    "a zlib bomb": ("deflate", zlib.compress(b"0" * 50_000_000), r"larger than 0\.1 MB after decompression"),
    "a hundred pieces": ("gzip", gzip.compress(b"") * 100, "more than 16 pieces"),
    "two layers": ("gzip, gzip", gzip.compress(gzip.compress(FEED)), "compressed as 'gzip, gzip'"),
    "a brotli bomb": ("br", brotli.compress(b"0" * 50_000_000, quality=5), "after decompression"),
    "brotli in two": ("br", brotli.compress(FEED) * 2, "cannot be decompressed"),
    "cut brotli": ("br", brotli.compress(FEED)[:-2], "in the middle of its compressed data"),
    "no brotli": ("br", b"whatever", "cannot be decompressed"),
    "zstd": ("zstd", b"whatever", "compressed as 'zstd'"),
    "no gzip": ("gzip", FEED, "cannot be decompressed"),
    "nothing": ("gzip", b"", "in the middle of its compressed data"),
    "cut": ("gzip", gzip.compress(FEED)[:-12], "in the middle of its compressed data"),
    "a wrong checksum": ("gzip", gzip.compress(FEED)[:-8] + b"\1" * 8, "cannot be decompressed"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_bombs_layers_and_cut_streams_are_refused(name: str) -> None:
    """Never more than the cap, never a part that looks like the whole."""
    encoding, body, why = UNFIT[name]
    with pytest.raises(FetchError, match=f"could not be fetched: it .*{why}"):
        fetch(says(response(body, content_encoding=encoding)))


@settings(deadline=None)
@given(st.binary(max_size=5000), st.integers(0, 9))
def test_inflate_undoes_what_compress_did(data: bytes, level: int) -> None:
    """For any bytes, in all three formats."""
    for packed in (gzip.compress(data, level), zlib.compress(data, level), raw_deflate(data)):
        assert inflate(packed, 5000) == data


@settings(deadline=None)
@given(st.binary(max_size=5000), st.integers(0, 9))
def test_unbrotli_undoes_what_compress_did(data: bytes, quality: int) -> None:
    """For any bytes, and where the limit is just enough."""
    assert unbrotli(brotli.compress(data, quality=quality), len(data)) == data


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_inflate_of_anything_ends_in_bytes_or_a_named_error(data: bytes) -> None:
    """Whatever a server sends, and whatever part of it arrives."""
    with contextlib.suppress(FetchError, zlib.error):
        assert len(inflate(data, 1000)) <= 1000


# ── what is cut, broken or no web server ─────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "data",
    [
        OK + b"Content-Length: 5000\r\n\r\n<feed>",
        OK + b"Transfer-Encoding: chunked\r\n\r\n20\r\n<feed>",
        OK + b"Transfer-Encoding: chunked\r\n\r\n6\r\n<feed>\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n<feed>\r\n",
    ],
)
def test_a_cut_body_is_never_returned(data: bytes) -> None:
    """Half a feed would look like one from which posts were removed."""
    with pytest.raises(FetchError, match=r"could not be fetched: .*(ended before|does not answer)"):
        fetch(says(data))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"220 mail.example ESMTP\r\n",
        b"\x00\xff" * 500,
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 99999 OK\r\n\r\n",
        OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
        b"HTTP/1.1 206 Partial\r\nContent-Length: 6\r\nContent-Range: bytes 0-5/99\r\n\r\n<feed>",
        b"HTTP/1.1 304 Not Modified\r\n\r\n",
    ],
)
def test_what_is_no_answer_is_one_sentence(data: bytes) -> None:
    """Nothing but our own error escapes."""
    with pytest.raises(FetchError, match=r"^http://127\.0\.0\.1:\d+/feed could not be fetched: .+[^.]\.$"):
        fetch(says(data), timeout=2)


def test_a_closed_port_is_said() -> None:
    """The most ordinary failure."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        endpoint = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(FetchError, match="cannot be reached: Connection refused"):
            Fetcher([endpoint]).get(f"http://{endpoint}/")


@given(st.text(max_size=60))
@settings(deadline=None, max_examples=50)
def test_any_address_ends_in_a_sentence(text: str) -> None:
    """Addresses come from strangers too."""
    offline = Fetcher(timeout=2)
    offline.guard = Guard(resolver=lambda host, port: [])
    for url in (text, f"http://{text}", f"https://127.0.0.1{text}", f"http://127.0.0.1:{text}"):
        with pytest.raises(FetchError, match="could not be fetched"):
            offline.get(url)


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for ``feeds.example`` that nobody but these tests trusts."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command to make a certificate")
    pem = tmp_path_factory.mktemp("tls") / "feeds.pem"
    subject = ["-subj", "/CN=feeds.example", "-addext", "subjectAltName=DNS:feeds.example"]
    command = [
        openssl,
        "req",
        "-x509",
        "-newkey",
        "ed25519",
        "-nodes",
        "-days",
        "2",
        *subject,
        "-keyout",
        str(pem),
        "-out",
        "-",
    ]
    made = subprocess.run(command, capture_output=True, check=True)
    pem.write_bytes(pem.read_bytes() + made.stdout)
    return pem


@contextmanager
def serve_tls(script: Script, pem: Path) -> Iterator[tuple[Server, Fetcher, list[str]]]:
    """An https server, a fetcher that trusts it and finds ``feeds.example`` there, and the names it was asked for."""
    names: list[str] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    context.sni_callback = lambda connection, name, _: names.append(name or "")
    with serve(script, tls=context) as server:
        server.host = "feeds.example"
        fetcher = Fetcher([server.endpoint], timeout=3, tls=ssl.create_default_context(cafile=str(pem)))
        fetcher.guard = replace(fetcher.guard, resolver=lambda host, port: ["127.0.0.1"])
        yield server, fetcher, names


def test_the_name_is_kept_in_tls_and_in_the_request(certificate: Path) -> None:
    """We connect to a checked address, but the server and its certificate know it by its name."""
    with serve_tls(says(response(FEED)), certificate) as (server, fetcher, names):
        assert fetcher.get(server.url("/feed")).body == FEED
        assert names == ["feeds.example"]
        assert server.requests[0].headers["host"] == server.endpoint


def test_a_certificate_for_another_name_is_refused(certificate: Path) -> None:
    """The guard on addresses does not weaken the check of names."""
    with serve_tls(says(response(FEED)), certificate) as (server, fetcher, _):
        server.host = "other.example"
        fetcher.guard = replace(fetcher.guard, allow=frozenset({("other.example", server.port)}))
        with pytest.raises(FetchError, match=r"its certificate is not accepted .*other\.example"):
            fetcher.get(server.url("/feed"))
        assert not server.requests


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path) -> None:
    """By default only the usual authorities are trusted, whatever the environment says."""
    with serve_tls(says(response(FEED)), certificate) as (server, trusting, _):
        fetcher = Fetcher([server.endpoint], timeout=3)
        fetcher.guard = trusting.guard
        with pytest.raises(FetchError, match=r"its certificate is not accepted \(self-signed certificate"):
            fetcher.get(server.url("/feed"))


def test_a_server_that_speaks_no_tls_is_one_sentence() -> None:
    """https:// on a port that serves something else."""
    mail = serve(lambda request: None, greeting=b"220 mail.example\r\n")
    with mail as server, pytest.raises(FetchError, match="TLS fails"):
        Fetcher([server.endpoint], timeout=3).get(f"https://{server.endpoint}/")


def test_https_never_leads_to_http(certificate: Path) -> None:
    """What was protected stays protected, or is refused."""
    with serve(says(response(FEED))) as plain:
        with serve_tls(says(redirect(plain.url("/feed"))), certificate) as (server, fetcher, _):
            fetcher.guard = replace(fetcher.guard, allow=fetcher.guard.allow | {("127.0.0.1", plain.port)})
            with pytest.raises(
                FetchError, match=f"it redirects from https to http://127.0.0.1:{plain.port}/feed"
            ):
                fetcher.get(server.url())
        assert not plain.requests


def test_http_may_lead_to_https(certificate: Path) -> None:
    """The usual upgrade."""
    with (
        serve_tls(says(response(FEED)), certificate) as (server, fetcher, _),
        serve(says(redirect(server.url("/feed"), "301 Moved"))) as plain,
    ):
        fetcher.guard = replace(fetcher.guard, allow=fetcher.guard.allow | {("127.0.0.1", plain.port)})
        assert fetcher.get(plain.url()).permanent == server.url("/feed")


# ── many at once ─────────────────────────────────────────────────────────────────────────────────


def test_one_fetcher_serves_many_threads() -> None:
    """Answers are not mixed up, and one slow source holds up none of the others."""
    others_done = threading.Event()

    def answer(request: Request) -> None:
        if request.path == "/slow":
            others_done.wait(20)
        request.send(response(request.path.encode()))

    with serve(answer) as server, ThreadPoolExecutor(8) as pool:
        fetcher = Fetcher([server.endpoint], timeout=30)
        slow = pool.submit(fetcher.get, server.url("/slow"))
        paths = [f"/{number}" for number in range(60)]
        assert list(pool.map(lambda path: fetcher.get(server.url(path)).body.decode(), paths)) == paths
        assert not slow.done()
        others_done.set()
        assert slow.result().body == b"/slow"


def test_no_watchdog_is_left_behind() -> None:
    """After a good, a cut and a slow answer, no thread of ours runs on."""
    for script in (says(response(FEED)), says(OK + b"Content-Length: 9\r\n\r\nx"), drips(OK + b"\r\n", b"x")):
        with serve(script) as server, contextlib.suppress(FetchError):
            Fetcher([server.endpoint], timeout=0.3).get(server.url())
    ends = time.monotonic() + 2
    while any(isinstance(thread, threading.Timer) for thread in threading.enumerate()):
        assert time.monotonic() < ends
        time.sleep(0.01)
