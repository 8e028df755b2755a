"""A proof in frames: the mail as different people see it, its text, the entry of the feed, the page.

What a post, a template or a feed brought stands in frames that run nothing, submit nothing and lead nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from digest import templates
from digest.model import Picture
from digest.publish.pictures import FOLDER as PICTURES
from digest.web.proofs import Proofs

T = TypeVar("T")

KEPT: Mapping[str, str] = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {pictures}; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'; sandbox"
)
_ASKS_FOR = re.compile(r"\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)", re.IGNORECASE)
_OFFERS = re.compile(r"(color-schemes?(?:\"\s+content=\"|\s*:\s*))light dark", re.IGNORECASE)

FRAMES = ("mail-light.html", "mail-dark.html", "mail-bare.html", "mail.txt", "entry.html", "page.html")


def shown(proofs: Proofs, name: str) -> Response:
    """One of ``FRAMES`` of the newest proof.

    Raises:
        HTTPException: 404 where there is no such frame, or it could not be made; the proof says why.
    """
    match name:
        case "mail-light.html":
            return _mail(proofs, "light")
        case "mail-dark.html":
            return _mail(proofs, "dark")
        case "mail-bare.html":
            return _mail(proofs, "light", pictures=False)
        case "mail.txt":
            return _text(proofs)
        case "entry.html":
            return _entry(proofs)
        case "page.html":
            return frame(_local(made(proofs.newest().page or None), proofs))
    raise HTTPException(404)


def picture(proofs: Proofs, name: str) -> Response:
    """A picture of ours, from this machine: before an issue is published it stands nowhere else.

    Raises:
        HTTPException: 404.
    """
    data = proofs.installation.gallery.read(Picture(name, 0, 0))
    return Response(made(data), media_type="image/jpeg", headers=KEPT)


def frame(page: str, *, pictures: bool = True) -> Response:
    """A page that is shown in a frame of ours."""
    return HTMLResponse(page, headers={**KEPT, "Content-Security-Policy": _framed(pictures)})


def made(part: T | None) -> T:
    """A part of the proof.

    Raises:
        HTTPException: 404 where it could not be made; the page says why.
    """
    if part is None:
        raise HTTPException(404)
    return part


def in_scheme(page: str, scheme: str) -> str:
    """The page as it is in the light or in the dark ("light", "dark"), whatever the browser would like.

    A frame cannot be told which scheme to prefer, so what the page asks for is answered in its style sheet.
    """

    def answered(asked: re.Match[str]) -> str:
        return "(min-width: 0)" if asked[1].lower() == scheme else "(max-width: 0)"

    return _OFFERS.sub(rf"\g<1>{scheme}", _ASKS_FOR.sub(answered, page))


def _mail(proofs: Proofs, scheme: str, *, pictures: bool = True) -> Response:
    rendering = made(proofs.newest().rendering)
    return frame(_local(in_scheme(rendering.html, scheme), proofs), pictures=pictures)


def _text(proofs: Proofs) -> Response:
    headers = {**KEPT, "Content-Security-Policy": _framed(pictures=False)}
    return PlainTextResponse(made(proofs.newest().rendering).text, headers=headers)


def _entry(proofs: Proofs) -> Response:
    found = made(proofs.newest().entry)
    values = {"entry": found, "content": Markup(found.html)}  # noqa: S704  # sanitised where it was made
    page = templates.render(proofs.installation.templates, "preview/entry.html.j2", values)
    return frame(_local(page, proofs))


def _framed(pictures: bool) -> str:
    return _POLICY.format(pictures="'self' https:" if pictures else "'none'")


def _local(page: str, proofs: Proofs) -> str:
    theirs = f"{proofs.installation.settings.publish.feeds_url.rstrip('/')}/{PICTURES}/"
    return page.replace(theirs, f"{PICTURES}/")
