"""Fetching a document: a whole answer within a deadline, or one sentence that says why not.

Redirects are followed here, hop by hop: at most five, the address guard on each, never from https to
http. A cookie jar lives for one document. requests' adapter is used without its Session, which reads the
body of a redirect without any limit, and proxies from the environment, which would bypass the guard.
"""

from __future__ import annotations

import http.client
import re
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Self
from urllib.parse import urldefrag, urljoin

import requests
from requests.cookies import RequestsCookieJar
from requests.utils import DEFAULT_CA_BUNDLE_PATH, requote_uri
from urllib3.exceptions import HTTPError

from digest.errors import FetchError
from digest.net.encodings import ACCEPT_ENCODING
from digest.net.guard import PUBLIC_PORTS, Guard
from digest.net.headers import CONTROL, charset, dated, freshness, media_type, opaque, retry_after
from digest.net.watch import Watchdog
from digest.net.wire import DialledAdapter, read_body
from digest.text.charsets import as_utf8

MAX_BYTES = 10_000_000
MAX_REDIRECTS = 5
ACCEPT_FEED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
)
ACCEPT_PAGE = "text/html, application/xhtml+xml;q=0.9, */*;q=0.5"

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_CONDITIONS = ("If-None-Match", "If-Modified-Since")
_NEVER_BODY = frozenset({204, 304})  # RFC 9112 §6.3
_WITHOUT_BODY = _NEVER_BODY | {205}
_MAX_URL = 4096
_MAX_HEADERS = 64 * 1024  # characters, all of them together; http.client stops at 100 lines of 64 KB
_AUTHORITY = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)

# What requests, urllib3 and http.client raise for an address or an answer that is none; ValueError is idna's
# for a bad name and http.client's for a bad size.
_FAILURES = (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server finally said.

    ``body`` is whole, and in UTF-8 where only the server tells its encoding; it is left empty for a status of 300
    and above.
    """

    status: int
    url: str  # after redirects
    body: bytes = b""
    etag: str = ""  # opaque: store it and send back the same text (RFC 9110 §8.8)
    last_modified: str = ""  # opaque as well
    content_type: str = ""  # "application/atom+xml": lower case, without parameters
    retry_after: int | None = None  # seconds, at most 30 days
    max_age: int | None = None  # seconds that the answer is fresh: max-age, else Expires; at most 30 days
    permanent: str = ""  # where 301 and 308 led before any other answer, or ""
    date: datetime | None = None  # by the server's clock


def user_agent(version: str, url: str, subscribers: int) -> str:
    """An honest name for the logs of those we poll: who we are, where to complain, how many read it."""
    return f"digest/{version} (+{url}; {subscribers} subscriber{'s' * (subscribers != 1)})"


class Fetcher:
    """Fetches documents. One may be shared by any number of threads: it holds no connection.

    It can be pickled, to fetch in another process, unless it trusts certificates of its own.

    Args:
        allow: ``host:port`` texts that may be contacted although private or on another port.
        timeout: seconds in all, per document, redirects included.
        user_agent: what we call ourselves.
        max_bytes: the size of a body, before and after decompression.
        ports: the ports on which public addresses may be contacted.
        tls: whose certificates are trusted; by default the authorities that come with requests.

    Raises:
        ValueError: an entry of ``allow`` is no ``host:port``.
    """

    def __init__(
        self,
        allow: Iterable[str] = (),
        timeout: float = 30.0,
        user_agent: str = "digest",
        max_bytes: int = MAX_BYTES,
        *,
        ports: Iterable[int] = PUBLIC_PORTS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.guard = Guard.of(allow, ports)
        self.timeout = timeout
        self.user_agent = user_agent
        self.max_bytes = max_bytes
        self._tls = tls

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """Made when it is needed: reading all authorities takes 20 ms."""
        return self._tls or ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name != "tls"}

    def get(self, url: str, etag: str = "", last_modified: str = "", accept: str = ACCEPT_FEED) -> Answer:
        """Fetch one document; with validators, an unchanged one is answered by status 304 and no body.

        Raises:
            FetchError: refused, unreachable, too slow, too large, cut, or lost in redirects.
        """
        with self.visit() as visit:
            return visit.get(url, etag, last_modified, accept)

    def look(self, url: str) -> Answer:
        """What a server answers to a request for a document, which is not read: ``body`` is left empty.

        Raises:
            FetchError: refused, unreachable, too slow, or lost in redirects.
        """
        with self.visit() as visit:
            return visit.look(url)

    def visit(self) -> Visit:
        """For several documents of one host, one after the other. Use it in a ``with`` block."""
        return Visit(self)


class Visit:
    """Documents fetched one after the other, over one connection where they are of one host.

    At most one connection is open: to the address that the guard checked when it was opened. It is for one
    thread at a time.
    """

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._adapter = DialledAdapter(self._dial, lambda: fetcher.tls)
        self._watchdog = Watchdog(fetcher.timeout)
        self._line: socket.socket | None = None  # a duplicate: TLS takes the original's descriptor away
        self._dialled = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def get(self, url: str, etag: str = "", last_modified: str = "", accept: str = ACCEPT_FEED) -> Answer:
        """Fetch one document, as ``Fetcher.get`` does.

        Raises:
            FetchError: refused, unreachable, too slow, too large, cut, or lost in redirects.
        """
        validators = zip(_CONDITIONS, map(opaque, (etag, last_modified)), strict=True)
        return self._fetched(url, accept, {name: value for name, value in validators if value})

    def look(self, url: str) -> Answer:
        """Ask for a document as a browser would, and leave as soon as its headers are there, as ``Fetcher.look`` does.

        It is no HEAD: many servers answer that otherwise than what people get.

        Raises:
            FetchError: refused, unreachable, too slow, or lost in redirects.
        """
        return self._fetched(url, ACCEPT_PAGE, {}, whole=False)

    def _fetched(self, url: str, accept: str, conditions: Mapping[str, str], *, whole: bool = True) -> Answer:
        headers = {
            "User-Agent": self._fetcher.user_agent,
            "Accept": accept,
            "Accept-Encoding": ACCEPT_ENCODING,
            **conditions,
        }
        with Watchdog(self._fetcher.timeout, self._line) as self._watchdog:
            try:
                answer = self._follow(url.strip(), headers, whole)
                if not self._watchdog.bitten:  # else a body without a length was cut, and looks whole
                    return answer
                why = ""
            except FetchError as error:
                why = str(error)
            except _FAILURES as error:
                why = _reason(error)
        self.end()
        late = f"it took longer than {self._fetcher.timeout:g} s"
        raise FetchError(f"{_short(url)} could not be fetched: {late if self._watchdog.bitten else why}.")

    def end(self) -> None:
        """Close the connection; another request opens one again."""
        self._adapter.close()
        if self._line is not None:
            self._watchdog.watch(None)
            self._line.close()
            self._line = None

    def _follow(self, url: str, headers: Mapping[str, str], whole: bool) -> Answer:
        cookies = RequestsCookieJar()
        permanent, lasting = "", True
        for _ in range(MAX_REDIRECTS + 1):
            _refuse_odd_address(url)
            hop = self._ask(url, headers, cookies, whole)
            if isinstance(hop, Answer):
                return replace(hop, permanent=permanent) if permanent else hop
            lasting = lasting and hop.status in _PERMANENT
            permanent = hop.target if lasting else permanent
            _refuse_downgrade(url, hop.target)
            url = hop.target
        raise FetchError(f"it redirects more than {MAX_REDIRECTS} times, lastly to {_short(url)}")

    def _ask(
        self, url: str, headers: Mapping[str, str], cookies: RequestsCookieJar, whole: bool
    ) -> Answer | _Redirect:
        request = requests.Request("GET", url, headers=dict(headers), cookies=cookies).prepare()
        with closing(self._send(request)) as response:
            if sum(len(name) + len(value) for name, value in response.headers.items()) > _MAX_HEADERS:
                raise FetchError("its headers are too large")
            if response.status_code in _REDIRECTS:
                cookies.update(response.cookies)
                return _Redirect(response.status_code, _target(url, response))
            if not whole:
                return Answer(
                    response.status_code,
                    url,
                    content_type=media_type(response.headers),
                    date=dated(response.headers),
                )
            return _answer(url, response, self._fetcher.max_bytes)

    def _send(self, request: requests.PreparedRequest) -> requests.Response:
        """Send it, once more where a kept connection was closed just as it was used (RFC 9112 §9.3.1)."""
        kept, dialled = self._line is not None, self._dialled
        try:
            return self._adapter.send(request, stream=True, timeout=None)
        except requests.ConnectionError:
            if not kept or self._dialled != dialled or self._watchdog.bitten:
                raise
            self.end()
            return self._adapter.send(request, stream=True, timeout=None)

    def _dial(self, host: str, port: int) -> socket.socket:
        connection = self._fetcher.guard.connect(host, port, self._watchdog.left())
        connection.settimeout(None)  # from here on the watchdog ends every wait
        self._dialled += 1
        last, self._line = self._line, connection.dup()
        self._watchdog.watch(self._line)
        if last is not None:
            last.close()
        return connection


def _answer(url: str, response: requests.Response, max_bytes: int) -> Answer:
    status, headers = response.status_code, response.headers
    unconditional = not any(name in response.request.headers for name in _CONDITIONS)
    if status == 206 or (status == 304 and unconditional):
        raise FetchError(f"it answers {status} to a request for the whole document")
    whole = status < 300 and status not in _WITHOUT_BODY
    if status in _NEVER_BODY:
        response.raw.drain_conn()  # nothing is left to be read, so the connection can be kept
    return Answer(
        status=status,
        url=url,
        body=as_utf8(read_body(response, max_bytes), charset(headers)) if whole else b"",
        etag=opaque(headers.get("ETag", "")),
        last_modified=opaque(headers.get("Last-Modified", "")),
        content_type=media_type(headers),
        retry_after=retry_after(headers),
        max_age=freshness(headers),
        date=dated(headers),
    )


@dataclass(frozen=True, slots=True)
class _Redirect:
    status: int
    target: str


def _target(url: str, response: requests.Response) -> str:
    """Where a redirect leads; servers send UTF-8 in a header that http.client reads as Latin-1."""
    header = response.headers.get("Location", "")
    location = header.encode("latin-1", "replace").decode("utf-8", "replace").strip()
    if not location:
        raise FetchError(f"it answers {response.status_code} without saying where to")
    try:
        return requote_uri(urldefrag(urljoin(url, location)).url)
    except ValueError as error:
        raise FetchError(f"it redirects to an address that cannot be read, {_short(location)}") from error


def _refuse_odd_address(url: str) -> None:
    authority = _AUTHORITY.match(url)
    if len(url) > _MAX_URL or CONTROL.search(url):
        raise FetchError("the address is too long, or has control characters")
    if not authority:
        raise FetchError(f"{_short(url)} is no http:// or https:// address")
    if "\\" in authority[1] or "@" in authority[1]:
        raise FetchError(
            "an address with a user name, a password or a backslash before its path is not contacted"
        )


def _refuse_downgrade(url: str, target: str) -> None:
    if url.lower().startswith("https:") and not target.lower().startswith("https:"):
        raise FetchError(f"it redirects from https to {_short(target)}")


def _reason(error: BaseException) -> str:
    """Why, for a person: the first cause in the chain that says something."""
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not accepted ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return f"TLS fails ({cause.reason or 'the connection ended'})"
        if isinstance(cause, http.client.IncompleteRead | ConnectionError):
            return "the connection ended before the whole document had come"
        if isinstance(cause, requests.exceptions.InvalidURL | UnicodeError):
            return "the address cannot be read"
    return f"it does not answer as a web server should ({type(error).__name__})"


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _short(url: str) -> str:
    return url if len(url) <= 200 else url[:199] + "…"
