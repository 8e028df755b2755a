"""What is published, over HTTP: a static tree with strong validators and correct conditional GET (RFC 9110)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import formatdate, parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from digest.publish.addresses import feed_url, url_of
from digest.publish.pictures import FOLDER as PICTURES
from digest.settings import PublishSettings

ATOM, RSS, JSON_FEED = "application/atom+xml", "application/rss+xml", "application/feed+json"
_FEEDS = frozenset({ATOM, RSS, JSON_FEED})
_BY_SUFFIX = {
    ".html": "text/html; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".opml": "text/x-opml; charset=utf-8",
    ".json": "application/json",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
}
_ROOT = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<(feed|rss)[\s>]")  # of the feeds that we write
_BY_ROOT = {b"feed": f"{ATOM}; charset=utf-8", b"rss": f"{RSS}; charset=utf-8"}
# Pages carry their style with them and run nothing; only the search has a script, of ours.
_POLICY = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' https:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_SEARCH = re.compile(r"[^/]+/search/index\.html")
_SEARCH_POLICY = f"{_POLICY}; script-src 'self'; connect-src 'self'"
_SHORTLY = "public, max-age=300"
_FOR_EVER = "public, max-age=31536000, immutable"  # what is called by the hash of its bytes
_PART = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*")  # hidden files are half-written ones
_LONGEST_PATH = 500
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')
_SUFFIX_OF_CODING = {"br": ".br", "gzip": ".gz"}  # the smaller one first
_WEIGHT = re.compile(r"\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*", re.IGNORECASE)
_MOST_CODINGS = 20


@dataclass(frozen=True, slots=True)
class Document:
    """One published file as it is now; ``coding`` is that of its bytes ("br", "gzip", or "" for none)."""

    data: bytes
    modified: int  # seconds since 1970
    media_type: str
    coding: str = ""

    @property
    def etag(self) -> str:
        """A strong validator (RFC 9110, section 8.8.3): the same on every machine, and after a restore."""
        return f'"{sha256(self.data).hexdigest()[:32]}"'


def router(publish: PublishSettings) -> APIRouter:
    """``/feeds/…`` from the folder ``feeds_dir``: GET and HEAD; what has moved is redirected for good."""
    routes = APIRouter()
    root = publish.feeds_dir

    @routes.api_route("/feeds/{path:path}", methods=["GET", "HEAD"])
    def document(path: str, request: Request) -> Response:
        if target := moved_to(path, publish.redirects):
            return RedirectResponse("../" * path.count("/") + target, 301, {"Cache-Control": _SHORTLY})
        place = _place(root, path)
        if place is not None and _is_folder(place):
            if path and not path.endswith("/"):
                return RedirectResponse(f"./{path.rpartition('/')[2]}/", 308)
            path = f"{path}index.html"
            place = _place(root, path)
        found = None if place is None else _read(place, request.headers.get("accept-encoding", ""))
        if found is None:
            raise HTTPException(404)
        return _answer(found, path, publish, request.headers)

    return routes


def moved_to(path: str, redirects: Mapping[str, str]) -> str:
    """Where the document stands now that once stood at ``path``, or ""; a former folder stands for all below it."""
    if path in redirects:
        return redirects[path]
    for old, new in redirects.items():
        if old.endswith("/") and path.startswith(old):
            return new + path.removeprefix(old) if new.endswith("/") else new
    return ""


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def _place(root: Path, path: str) -> Path | None:
    """Where ``path`` stands in the tree, or None when it would lead anywhere else."""
    parts = [part for part in path.split("/") if part]
    if len(path) > _LONGEST_PATH or not all(map(_PART.fullmatch, parts)):
        return None
    place = root.joinpath(*parts)
    return place if place.resolve().is_relative_to(root.resolve()) else None


def _is_folder(place: Path) -> bool:
    try:
        return place.is_dir()
    except OSError:  # a name that is longer than names can be
        return False


def _read(place: Path, accepted: str) -> Document | None:
    """The document, compressed as its reader likes it best.

    A compressed file counts only where it has the time of its document: else it is of another version.
    """
    plain = _open(place)
    if plain is None:
        return None
    document, modified = plain
    for coding in codings(accepted):
        found = _open(place.with_name(f"{place.name}{_SUFFIX_OF_CODING[coding]}"))
        if found and found[1] == modified:
            return replace(document, data=found[0].data, coding=coding)
    return document


def _open(place: Path) -> tuple[Document, int] | None:
    """Bytes and time (in nanoseconds) of one and the same file, even while a writer replaces it."""
    try:
        with place.open("rb") as file:
            data, modified = file.read(), os.fstat(file.fileno()).st_mtime_ns
    except (OSError, ValueError):
        return None
    return Document(data, modified // 10**9, _media_type(place, data)), modified


def _media_type(place: Path, data: bytes) -> str:
    if place.suffix == ".xml" and (root := _ROOT.match(data[:1000])):
        return _BY_ROOT[root[1]]
    if place.name == "feed.json":
        return JSON_FEED
    return _BY_SUFFIX.get(place.suffix.lower(), "application/octet-stream")


# ── what is asked for ────────────────────────────────────────────────────────────────────────────


def codings(accepted: str) -> list[str]:
    """The codings of ours that an Accept-Encoding takes, the best first (RFC 9110, section 12.5.3)."""
    weights: dict[str, float] = {}
    for part in accepted.split(",")[:_MOST_CODINGS]:
        name, semicolon, rest = part.partition(";")
        weight = _WEIGHT.fullmatch(rest)
        weights[name.strip().lower()] = float(weight[1]) if weight else float(not semicolon)
    others = weights.get("*", 0.0)
    plain = weights.get("identity", 0.0)
    wanted = {coding: weights.get(coding, others) for coding in _SUFFIX_OF_CODING}
    return sorted(
        (coding for coding in wanted if 0 < wanted[coding] >= plain), key=lambda coding: -wanted[coding]
    )


def is_current(document: Document, asked: Mapping[str, str]) -> bool:
    """Whether what the client holds is what we would send: If-None-Match decides alone where it is given (13.2.2)."""
    tags = asked.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or document.etag in _ENTITY_TAG.findall(tags)
    try:
        since = parsedate_to_datetime(asked.get("if-modified-since", ""))
    except ValueError:
        return False
    return document.modified <= since.timestamp()


# ── what is answered ─────────────────────────────────────────────────────────────────────────────


def _answer(document: Document, path: str, publish: PublishSettings, asked: Mapping[str, str]) -> Response:
    headers = {
        "Cache-Control": _FOR_EVER if path.startswith(f"{PICTURES}/") else _SHORTLY,
        "Content-Security-Policy": _SEARCH_POLICY if _SEARCH.fullmatch(path) else _POLICY,
        "ETag": document.etag,
        "Last-Modified": formatdate(document.modified, usegmt=True),
        "Vary": "Accept-Encoding",
    }
    kind = document.media_type.partition(";")[0]
    if links := _links(path, kind, publish):
        headers["Link"] = links
    if kind in _FEEDS:
        headers["Access-Control-Allow-Origin"] = "*"  # readers that run in a browser
    if is_current(document, asked):
        return Response(status_code=304, headers=headers)
    if document.coding:
        headers["Content-Encoding"] = document.coding
    return Response(document.data, media_type=document.media_type, headers=headers)


def _links(path: str, kind: str, publish: PublishSettings) -> str:
    """A feed names itself and its hub (WebSub, section 4); a page its address and the feed of its digest."""
    here = url_of(
        publish, quote(path, safe="/+~")
    )  # a header is ASCII, names of an operator's files need not be
    if kind in _FEEDS:
        hub = f', <{publish.hub}>; rel="hub"' if publish.hub else ""
        return f'<{here}>; rel="self"{hub}'
    if kind != "text/html":
        return ""
    digest, slash, _ = path.partition("/")
    feed = f', <{feed_url(publish, quote(digest))}>; rel="alternate"; type="{ATOM}"'
    return f'<{here}>; rel="canonical"' + (
        feed if slash and (publish.feeds_dir / digest / "atom.xml").is_file() else ""
    )
