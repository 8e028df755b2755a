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
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urldefrag, urljoin

import requests
from requests.cookies import RequestsCookieJar
from requests.utils import DEFAULT_CA_BUNDLE_PATH, requote_uri
from urllib3.exceptions import HTTPError

from digest.errors import FetchError
from digest.net.guard import PUBLIC_PORTS, Guard
from digest.net.wire import DialledAdapter, Watchdog, read_body

MAX_BYTES = 10_000_000
MAX_REDIRECTS = 5
MAX_WAIT = 30 * 24 * 3600  # seconds; no server makes us stay away for longer
ACCEPT_FEED = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
)

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_CONDITIONS = ("If-None-Match", "If-Modified-Since")
_WITHOUT_BODY = frozenset({204, 205, 304})
_MAX_URL = 4096
_MAX_HEADERS = 64 * 1024  # characters, all of them together; http.client stops at 100 lines of 64 KB
_MAX_VALIDATOR = 1024
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_AUTHORITY = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:+-]{1,40})", re.IGNORECASE)
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?([0-9]{1,12})", re.IGNORECASE)

# What requests, urllib3 and http.client raise for an address or an answer that is none; ValueError is idna's
# for a bad name and http.client's for a bad size.
_FAILURES = (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server finally said. ``body`` is whole; it is left empty for a status of 300 and above."""

    status: int
    url: str  # after redirects
    body: bytes = b""
    etag: str = ""  # opaque: store it and send back the same text (RFC 9110 §8.8)
    last_modified: str = ""  # opaque as well
    content_type: str = ""  # "application/atom+xml": lower case, without parameters
    charset: str = ""
    retry_after: int | None = None  # seconds, at most MAX_WAIT
    max_age: int | None = None  # seconds that the answer is fresh: max-age, else Expires; at most MAX_WAIT
    permanent: str = ""  # where 301 and 308 led before any other answer, or ""


def user_agent(version: str, url: str, subscribers: int) -> str:
    """An honest name for the logs of those we poll: who we are, where to complain, how many read it."""
    return f"digest/{version} (+{url}; {subscribers} subscriber{'s' * (subscribers != 1)})"


class Fetcher:
    """Fetches documents. One may be shared by any number of threads: it holds no connection.

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
        self._tls = tls or ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH)

    def get(self, url: str, etag: str = "", last_modified: str = "", accept: str = ACCEPT_FEED) -> Answer:
        """Fetch one document; with validators, an unchanged one is answered by status 304 and no body.

        Raises:
            FetchError: refused, unreachable, too slow, too large, cut, or lost in redirects.
        """
        headers = {"User-Agent": self.user_agent, "Accept": accept, "Accept-Encoding": "gzip, deflate"}
        validators = zip(_CONDITIONS, map(_opaque, (etag, last_modified)), strict=True)
        headers |= {name: value for name, value in validators if value}
        with Watchdog(self.timeout) as watchdog:
            try:
                answer = self._follow(watchdog, url.strip(), headers)
                if (
                    not watchdog.bitten
                ):  # a body without a length ends where the watchdog bites, and looks whole
                    return answer
                why = ""
            except FetchError as error:
                why = str(error)
            except _FAILURES as error:
                why = _reason(error)
        late = f"it took longer than {self.timeout:g} s"
        raise FetchError(f"{_short(url)} could not be fetched: {late if watchdog.bitten else why}.")

    def _follow(self, watchdog: Watchdog, url: str, headers: Mapping[str, str]) -> Answer:
        cookies = RequestsCookieJar()
        permanent, lasting = "", True
        for _ in range(MAX_REDIRECTS + 1):
            _refuse_odd_address(url)
            hop = self._ask(watchdog, url, headers, cookies)
            if isinstance(hop, Answer):
                return replace(hop, permanent=permanent)
            lasting = lasting and hop.status in _PERMANENT
            permanent = hop.target if lasting else permanent
            _refuse_downgrade(url, hop.target)
            url = hop.target
        raise FetchError(f"it redirects more than {MAX_REDIRECTS} times, lastly to {_short(url)}")

    def _ask(
        self, watchdog: Watchdog, url: str, headers: Mapping[str, str], cookies: RequestsCookieJar
    ) -> Answer | _Redirect:
        """One request on a connection of its own, so that the watchdog watches the one in use."""
        request = requests.Request("GET", url, headers=dict(headers), cookies=cookies).prepare()
        adapter = DialledAdapter(lambda host, port: self._dial(watchdog, host, port), self._tls)
        with (
            closing(adapter),
            closing(adapter.send(request, stream=True, timeout=None)) as response,
        ):
            if sum(len(name) + len(value) for name, value in response.headers.items()) > _MAX_HEADERS:
                raise FetchError("its headers are too large")
            if response.status_code in _REDIRECTS:
                cookies.update(response.cookies)
                return _Redirect(response.status_code, _target(url, response))
            return self._answer(url, response)

    def _dial(self, watchdog: Watchdog, host: str, port: int) -> socket.socket:
        connection = self.guard.connect(host, port, watchdog.left())
        connection.settimeout(None)  # from here on the watchdog ends every wait
        watchdog.watch(connection)
        return connection

    def _answer(self, url: str, response: requests.Response) -> Answer:
        status, headers = response.status_code, response.headers
        unconditional = not any(name in response.request.headers for name in _CONDITIONS)
        if status == 206 or (status == 304 and unconditional):
            raise FetchError(f"it answers {status} to a request for the whole document")
        whole = status < 300 and status not in _WITHOUT_BODY
        return Answer(
            status=status,
            url=url,
            body=read_body(response, self.max_bytes) if whole else b"",
            etag=_opaque(headers.get("ETag", "")),
            last_modified=_opaque(headers.get("Last-Modified", "")),
            content_type=headers.get("Content-Type", "").partition(";")[0].strip().lower()[:100],
            charset=_first(_CHARSET, headers.get("Content-Type", "")).lower(),
            retry_after=_seconds(headers.get("Retry-After", ""), headers),
            max_age=_max_age(headers),
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
    if len(url) > _MAX_URL or _CONTROL.search(url):
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


def _opaque(value: str) -> str:
    """A validator fit to be stored and sent back, else "": nothing that could break a header line."""
    value = value.strip()
    fit = (
        len(value) <= _MAX_VALIDATOR and not _CONTROL.search(value) and all(ord(char) < 256 for char in value)
    )
    return value if fit else ""


def _max_age(headers: Mapping[str, str]) -> int | None:
    """Freshness (RFC 9111 §4.2.1): max-age wins over Expires."""
    age = _first(_MAX_AGE, headers.get("Cache-Control", ""))
    return _seconds(age or headers.get("Expires", ""), headers)


def _seconds(value: str, headers: Mapping[str, str]) -> int | None:
    """Delay-seconds or a date (RFC 9110 §10.2.3); a date counts from the server's own clock where it says."""
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,12}", value):
        return min(int(value), MAX_WAIT)
    then = _date(value)
    if then is None:
        return None
    now = _date(headers.get("Date", "")) or datetime.now(UTC)
    return min(max(int((then - now).total_seconds()), 0), MAX_WAIT)


def _date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value[:100])
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text[:1000])
    return found[1] if found else ""


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
