"""What is published, over HTTP: a static tree with strong validators and correct conditional GET (RFC 9110)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from hashlib import sha256
from pathlib import Path

from fastapi import APIRouter, HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

_BY_NAME = {
    "atom.xml": "application/atom+xml; charset=utf-8",
    "rss.xml": "application/rss+xml; charset=utf-8",
}
_BY_SUFFIX = {
    ".html": "text/html; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": "application/rss+xml; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".opml": "text/x-opml; charset=utf-8",
    ".json": "application/json",
    ".css": "text/css; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".ico": "image/x-icon",
}
# Issue pages carry their style with them and run nothing.
_HEADERS: Mapping[str, str] = {
    "Cache-Control": "public, max-age=300",
    "Content-Security-Policy": "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' https:;"
    " base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
}
_PART = re.compile(r"[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]*")  # hidden files are half-written ones
_LONGEST_PATH = 500
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')


@dataclass(frozen=True, slots=True)
class Document:
    """One published file as it is now."""

    data: bytes
    modified: int  # seconds since 1970
    media_type: str

    @property
    def etag(self) -> str:
        """A strong validator (RFC 9110, section 8.8.3): the same on every machine, and after a restore."""
        return f'"{sha256(self.data).hexdigest()[:32]}"'


def router(root: Path) -> APIRouter:
    """``/feeds/…`` from the folder ``root``: GET and HEAD."""
    routes = APIRouter()

    @routes.api_route("/feeds/{path:path}", methods=["GET", "HEAD"])
    def document(path: str, request: Request) -> Response:
        place = _place(root, path)
        if place is not None and _is_folder(place):
            if path and not path.endswith("/"):
                return RedirectResponse(f"./{path.rpartition('/')[2]}/", 308)
            place = _place(root, f"{path}index.html")
        found = None if place is None else _read(place)
        if found is None:
            raise HTTPException(404)
        return _answer(found, request.headers)

    return routes


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


def _read(place: Path) -> Document | None:
    """Bytes and time of one and the same file, even while a writer replaces it."""
    try:
        with place.open("rb") as file:
            modified = int(os.fstat(file.fileno()).st_mtime)
            return Document(file.read(), modified, _media_type(place))
    except (OSError, ValueError):
        return None


def _media_type(place: Path) -> str:
    return _BY_NAME.get(place.name) or _BY_SUFFIX.get(place.suffix.lower(), "application/octet-stream")


def _answer(document: Document, asked: Mapping[str, str]) -> Response:
    headers = {
        **_HEADERS,
        "ETag": document.etag,
        "Last-Modified": formatdate(document.modified, usegmt=True),
    }
    if is_current(document, asked):
        return Response(status_code=304, headers=headers)
    return Response(document.data, media_type=document.media_type, headers=headers)


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
