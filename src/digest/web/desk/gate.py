"""Who is at the door of the desk: a session by its cookie, forms by the token of that session and their origin.

A request that changes something comes from a page of ours (OWASP, Cross-Site Request Forgery Prevention): the cookie
is SameSite, the browser's Origin must be this host's, and the form brings the token of its session.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from digest.callers import caller, network
from digest.desk import rights
from digest.desk.rights import Act
from digest.masks import masked, veiled
from digest.model import Editor, Session
from digest.pipeline.editors import signing
from digest.pipeline.installation import Clock, Installation
from digest.web.pages import root

CSRF = "csrf"  # the name of the field
_SAFE = frozenset({"GET", "HEAD"})
_MOST_FIELDS = 1_000
_LARGEST_FORM = 1_000_000  # bytes
_TWO_WEEKS = 14 * 24 * 3600
DESK = "/desk/"
_INSIDE = re.compile(
    r"[A-Za-z0-9_.~%?=&+-][A-Za-z0-9_.~%?=&+/-]*"
)  # no colon, so no scheme; no slash first, so no host


class StrangerError(Exception):
    """Nobody is signed in; ``wanted`` is the page to go on with afterwards."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of an editor who is signed in."""

    editor: Editor
    session: Session

    def may(self, act: str) -> bool:
        """Whether this editor may do something: "see", "edit", "approve", "send" or "manage"."""
        return rights.may(self.editor, Act(act))

    @property
    def sees_addresses(self) -> bool:
        """Whether addresses are shown whole: to whoever sends or manages, who has to find a person by one."""
        return self.may("send") or self.may("manage")

    def shown(self, address: str) -> str:
        """An address of a subscriber, as this editor may see it."""
        return address if self.sees_addresses else masked(address)

    def told(self, text: str) -> str:
        """Words of others that may repeat an address, such as a relay's, as this editor may see them."""
        return text if self.sees_addresses else veiled(text)


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets requests in. The dependencies that it makes raise StrangerError, ForbiddenError or HTTPException."""

    installation: Installation
    clock: Clock

    def allowed(self, act: Act) -> Callable[[Request], object]:
        """A dependency of pages that only whoever may do ``act`` can ask for; it gives the Visit."""

        async def visit(request: Request) -> Visit:
            await check_origin(request)
            found = self.visit(request)
            if request.method not in _SAFE:
                await _check_form(request, found.session)
            rights.require(found.editor, act)
            return found

        return visit

    def visit(self, request: Request) -> Visit:
        """Who is signed in.

        Raises:
            StrangerError: nobody is.
        """
        cookie = request.cookies.get(_cookie_name(self._secure(request)), "")
        found = signing.visitor(self.installation, cookie, self.clock()) if cookie else None
        if found is None:
            raise StrangerError(wanted(request))
        return Visit(found[1], found[0])

    def let_in(self, request: Request, response: Response, cookie: str) -> None:
        """Give a browser its session."""
        secure = self._secure(request)
        # SameSite "strict" would not know an editor who comes by a link in a mail.
        response.set_cookie(
            _cookie_name(secure), cookie, _TWO_WEEKS, path="/", secure=secure, httponly=True, samesite="lax"
        )

    def let_out(self, request: Request, response: Response) -> None:
        """Take a browser's session away."""
        secure = self._secure(request)
        response.delete_cookie(_cookie_name(secure), path="/", secure=secure, httponly=True, samesite="lax")

    def network(self, request: Request) -> str:
        """From where a request comes: who can be blamed for a wrong try."""
        peer = request.client.host if request.client else ""
        forwarded = request.headers.getlist("x-forwarded-for")
        return network(caller(peer, forwarded, self.installation.settings.serve.proxies))

    def _secure(self, request: Request) -> bool:
        """Whether the browser speaks TLS: with us, or with the proxy that stands at ``app_url``."""
        ours = urlsplit(self.installation.settings.publish.app_url)
        return request.url.scheme == "https" or (
            ours.scheme == "https" and ours.hostname == request.url.hostname
        )


async def form_of(request: Request) -> Mapping[str, Sequence[str]]:
    """The fields of a form, each with its values in their order; files are nobody's to send here."""
    found: dict[str, list[str]] = {}
    for name, value in (await _form(request)).multi_items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


async def check_origin(request: Request) -> None:
    """Refuse a form that another site's page has sent.

    Raises:
        HTTPException: 403.
    """
    if request.method in _SAFE:
        return
    origin = request.headers.get("origin", "")
    if urlsplit(origin).netloc != request.headers.get("host", ""):
        raise HTTPException(403, "The form was sent by another site. Open the page here, and send it again.")


async def _form(request: Request) -> FormData:
    """The form of a request, read once.

    Raises:
        HTTPException: 413, where it is too long or does not say how long it is.
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > _LARGEST_FORM:
        raise HTTPException(413, "The form is too long for the desk.")
    return await request.form(max_files=0, max_fields=_MOST_FIELDS)


async def _check_form(request: Request, session: Session) -> None:
    given = request.headers.get("x-csrf-token") or (await _form(request)).get(CSRF)
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise HTTPException(
            403, "The form is older than your session. Load the page again, and send it once more."
        )


def wanted(request: Request) -> str:
    """The page to go on with after signing in, below the desk: this one, where it can be asked for again."""
    if request.method not in _SAFE:
        return ""
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.scope['path'].removeprefix(DESK)}{query}"


def onward(path: str) -> str:
    """A page of the desk, whatever a link claims: never another site."""
    return path if _INSIDE.fullmatch(path) and ".." not in path else ""


def go(request: Request, path: str) -> RedirectResponse:
    """On to another page of the desk, wherever the application lives."""
    return RedirectResponse(f"{root(request)}desk/{path}", 303, {"Cache-Control": "no-store"})


# ── the cookie ───────────────────────────────────────────────────────────────────────────────────


def _cookie_name(secure: bool) -> str:
    """With TLS a name that no other host, and no plain page, can set (RFC 6265bis, section 4.1.3.2)."""
    return "__Host-digest" if secure else "digest"
